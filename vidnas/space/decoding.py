"""How do the values of a candidate become an architecture?"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import (
    LAYER_FIELDS,
    NETWORK_FIELDS,
    Columns,
    dtype_of,
)
from vidnas.architecture.fields import DECIDED, Field
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem
from vidnas.architecture.plain_values import MILLIONTHS
from vidnas.errors import SpaceError
from vidnas.space.compiling.program import Program
from vidnas.space.language.functions import KERNEL_BASE

Values = Mapping[str, Any]
Names = list[tuple[Field, str]]  # fields, and under which names their values are known

# By part of a network: its fields, and their names.
NETWORK_NAMES: Mapping[str, Names] = {
    part: [(field, field.value) for field in DECIDED[part]]
    for part in ("clip", "stem", "head", "network")
}
_WORDS = [field for field in DECIDED["layer"] if field.kind == "word"]


class Decoder:
    """Puts values together; knows under which names they are.

    Args:
        program: Program that gives the values.
        stages: Names of the stages.
        block: Kind of block of every architecture.
    """

    def __init__(self, program: Program, stages: tuple[str, ...], block: str) -> None:
        self.block = block
        self.stages = stages
        self.widths = [_stage_names(stage) for stage in stages]
        self.layers = [_layer_names(program, stage) for stage in stages]
        self.optional = tuple(stage for stage in stages if stage in program.optional)

    @property
    def stage_counts(self) -> str:
        """How many stages an architecture may have: `5`, or `4 to 5`."""
        least, most = len(self.stages) - len(self.optional), len(self.stages)
        return f"{most}" if least == most else f"{max(1, least)} to {most}"

    def architecture(self, values: Values) -> Architecture:
        """The architecture of one candidate's values.

        Raises:
            SpaceError: a value cannot stand where it does.
        """
        stages = zip(self.stages, self.widths, self.layers, strict=True)
        return Architecture(
            clip=Clip(**_facts(NETWORK_NAMES["clip"], values)),
            stem=Stem(**_facts(NETWORK_NAMES["stem"], values)),
            stages=tuple(
                Stage(
                    layers=tuple(
                        Layer(**_facts(one, values)) for one in layers[:depth]
                    ),
                    **_facts(widths, values),
                )
                for stage, widths, layers in stages
                if (depth := _whole(f"{stage}.depth", values[f"{stage}.depth"], 0))
            ),
            head=Head(**_facts(NETWORK_NAMES["head"], values)),
            block=self.block,
            **_facts(NETWORK_NAMES["network"], values),
        )

    def columns(self, values: Values, count: int) -> Columns:
        """The architectures of values of `count` candidates, a row each."""
        # What is one value for all rows is computed once, and spread at the end.
        whole = {
            name: np.broadcast_to(array, count).astype(dtype_of(field))
            for field in NETWORK_FIELDS
            for name, array in _arrays(field, values[field.value])
        }
        usual = {word.name: _codes(values[word.name], word.words) for word in _WORDS}
        active = np.empty((sum(map(len, self.layers)), count), np.bool_)
        layers = _default_layers(active.shape)
        for at, (stage, number, names) in enumerate(self._places()):
            active[at] = number < np.asarray(values[f"{stage}.depth"])
            for field, known_as in names:
                for name, array in _arrays(field, values[known_as]):
                    if field.kind == "word":
                        array = np.where(array < 0, usual[field.name], array)
                    layers[name][at] = array
        return Columns(
            block=self.block,
            active=active.T,
            **whole,
            **{name: array.T for name, array in layers.items()},
        )

    def _places(self) -> Iterator[tuple[str, int, Names]]:
        """Stage, number and names of every layer, those of the stage included."""
        stages = zip(self.stages, self.widths, self.layers, strict=True)
        for stage, widths, layers in stages:
            for number, names in enumerate(layers):
                yield stage, number, [*widths, *names]

    def wanted(self, architecture: Architecture) -> list[dict[str, Any]]:
        """What each name must give for an architecture, in every way it may be laid.

        There are several ways where stages may be left out, none where the number of
        stages is wrong.
        """
        missing = len(self.stages) - len(architecture.stages)
        if missing < 0:
            return []
        whole: dict[str, Any] = {}
        for part, names in NETWORK_NAMES.items():
            holder = architecture
            if part != "network":
                holder = getattr(architecture, part)
            whole |= {name: getattr(holder, field.name) for field, name in names}
        return [
            whole | self._wanted_stages(architecture, left_out)
            for left_out in combinations(self.optional, missing)
        ]

    def _wanted_stages(
        self, architecture: Architecture, left_out: tuple[str, ...]
    ) -> dict[str, Any]:
        wanted: dict[str, Any] = {f"{name}.depth": 0 for name in left_out}
        stages = iter(architecture.stages)
        for at, name in enumerate(self.stages):
            if name in left_out:
                continue
            stage = next(stages)
            wanted[f"{name}.depth"] = len(stage.layers)
            for field, known_as in self.widths[at]:
                wanted[known_as] = getattr(stage, field.name)
            for names, layer in zip(self.layers[at], stage.layers, strict=False):
                for field, known_as in names:
                    own = getattr(layer, field.name)
                    if field.kind == "word":
                        usual = getattr(architecture, field.name)
                        may = frozenset({own} if own else {"", usual})
                        own = may & wanted.get(known_as, may)
                    wanted[known_as] = own
        return wanted


def _stage_names(stage: str) -> Names:
    return [(field, f"{stage}.{field.value}") for field in DECIDED["stage"]]


def _layer_names(program: Program, stage: str) -> list[Names]:
    known = {*program.constants, *(step.name for step in program.steps)}

    def names(layer: int) -> Iterator[tuple[Field, str]]:
        for field in DECIDED["layer"]:
            own = f"{stage}.layer{layer}.{field.value}"
            if own in known:
                yield field, own
            elif layer == 0 or not field.first_only:
                yield field, f"{stage}.{field.value}"

    found: list[Names] = []
    while f"{stage}.layer{len(found)}.inner" in known:
        found.append(list(names(len(found))))
    return found


def _facts(names: Names, values: Values) -> dict[str, Any]:
    """Values by field, as a part of an architecture holds them."""
    facts: dict[str, Any] = {}
    for field, name in names:
        value = values[name]
        if field.kind == "whole":
            value = _whole(name, value, field.least)
        elif field.kind == "flag":
            value = bool(value)
        facts[field.name] = value
    return facts


def _whole(name: str, value: Any, least: int) -> int:
    if type(value) is int and value >= least:
        return value
    if isinstance(value, bool | str) or value != int(value) or value < least:
        raise SpaceError(
            f"`{name}` must be a whole number of at least {least}, got {value}."
        )
    return int(value)


def _arrays(field: Field, values: Any) -> Iterable[tuple[str, Any]]:
    """Columns of a field by name, of its values: one for all rows, or one each."""
    values = np.asarray(values)
    if field.kind == "kernel":
        sides = values // KERNEL_BASE, values % KERNEL_BASE
        return zip(field.columns, sides, strict=True)
    if field.kind == "word":
        values = _codes(values, field.words)
    if field.kind == "number":
        values = np.round(values, MILLIONTHS)
    return ((name, values) for name in field.columns)


def _codes(values: Any, words: tuple[str, ...]) -> Any:
    """Index of each word, -1 for ""."""
    values = np.asarray(values)
    codes = np.full(values.shape, -1, np.int64)
    for code, word in enumerate(words):
        codes[values == word] = code
    return codes


def _default_layers(shape: tuple[int, ...]) -> dict[str, Any]:
    """Columns of layers of which nothing is said."""
    return {
        name: np.full(shape, field.default if field.first_only else 1, dtype_of(field))
        for field in LAYER_FIELDS
        for name in field.columns
    }

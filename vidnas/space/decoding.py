"""How do the values of a candidate become an architecture?"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from vidnas.architecture.architecture import ACTIVATIONS, CONVOLUTIONS, Architecture
from vidnas.architecture.columns import Columns
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem
from vidnas.errors import SpaceError
from vidnas.space.compiling.program import Program
from vidnas.space.language.expression import KERNEL_BASE

Values = Mapping[str, Any]


class LayerNames(NamedTuple):
    """Under which names the values of one layer are known; "" for the usual one."""

    kernel: str
    inner: str
    excited: str
    activation: str
    convolution: str
    stride: str
    temporal_stride: str


class Decoder:
    """Puts values together; knows under which names they are.

    Args:
        program: Gives the values.
        stages: Names of the stages.
        block: Kind of block of every architecture.
    """

    def __init__(self, program: Program, stages: tuple[str, ...], block: str) -> None:
        self.block = block
        self.stages = stages
        self.layers = [list(_layers(program, stage)) for stage in stages]
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

        def whole(name: str, least: int = 1) -> int:
            value = values[name]
            if type(value) is int and value >= least:
                return value
            if isinstance(value, bool | str) or value != int(value) or value < least:
                raise SpaceError(
                    f"`{name}` must be a whole number of at least {least}, got {value}."
                )
            return int(value)

        return Architecture(
            clip=Clip(
                whole("clip.frames"),
                whole("clip.resolution"),
                whole("clip.frame_stride"),
            ),
            stem=Stem(
                whole("stem.width"),
                values["stem.kernel"],
                whole("stem.stride"),
                whole("stem.temporal"),
                whole("stem.factored_width", 0),
            ),
            stages=tuple(
                Stage(
                    whole(f"{name}.width"),
                    tuple(_layer(names, values, whole) for names in layers[:depth]),
                )
                for name, layers in zip(self.stages, self.layers, strict=True)
                if (depth := whole(f"{name}.depth", 0))
            ),
            head=Head(
                whole("head.width", 0),
                whole("head.hidden", 0),
                bool(values["head.hidden_bias"]),
                bool(values["head.per_frame"]),
            ),
            block=self.block,
            activation=values["activation"],
            convolution=values["convolution"],
            causal=bool(values["causal"]),
            positional_encoding=bool(values["positional_encoding"]),
            temporal_shift=bool(values["temporal_shift"]),
        )

    def columns(self, values: Values, count: int) -> Columns:
        """The architectures of values of `count` candidates, a row each."""

        def row(name: str) -> Any:
            return np.broadcast_to(np.asarray(values[name]), count)

        def coded(name: str, words: tuple[str, ...]) -> Any:
            return _codes(row(name), words)

        activation = coded("activation", ACTIVATIONS)
        convolution = coded("convolution", CONVOLUTIONS)
        layers = [layer for stage in self.layers for layer in stage]
        shape = (len(layers), count)
        facts: dict[str, Any] = {
            name: np.ones(shape, np.int64)
            for name in (*_COPIED, "width", "kernel_frames", "kernel_side", *_CODED)
        }
        active = np.empty(shape, np.bool_)
        at = 0
        for stage, names_of_layers in zip(self.stages, self.layers, strict=True):
            for number, names in enumerate(names_of_layers):
                active[at] = number < row(f"{stage}.depth")
                facts["width"][at] = row(f"{stage}.width")
                kernel = row(names.kernel)
                facts["kernel_frames"][at] = kernel // KERNEL_BASE
                facts["kernel_side"][at] = kernel % KERNEL_BASE
                for field, key in _COPIED.items():
                    name = getattr(names, key)
                    if name:
                        facts[field][at] = row(name)
                own = _codes(row(names.activation), ACTIVATIONS)
                facts["layer_activation"][at] = np.where(own < 0, activation, own)
                own = _codes(row(names.convolution), CONVOLUTIONS)
                facts["layer_convolution"][at] = np.where(own < 0, convolution, own)
                at += 1
        kernel = row("stem.kernel")
        whole = {field: row(name).astype(np.int64) for field, name in _WHOLE.items()}
        flags = {field: row(name).astype(np.bool_) for field, name in _FLAGS.items()}
        return Columns(
            block=self.block,
            stem_frames=kernel // KERNEL_BASE,
            stem_side=kernel % KERNEL_BASE,
            activation=activation,
            active=active.T,
            **whole,
            **flags,
            **{name: array.T for name, array in facts.items()},
        )

    def wanted(self, architecture: Architecture) -> list[dict[str, Any]]:
        """What each name must give for an architecture, in every way it may be laid.

        There are several ways where stages may be left out, none where the number of
        stages is wrong.
        """
        whole = self._wanted_whole(architecture)
        missing = len(self.stages) - len(architecture.stages)
        if missing < 0:
            return []
        return [
            whole | self._wanted_stages(architecture, left_out)
            for left_out in combinations(self.optional, missing)
        ]

    def _wanted_whole(self, architecture: Architecture) -> dict[str, Any]:
        clip, stem, head = architecture.clip, architecture.stem, architecture.head
        return {
            "activation": architecture.activation,
            "convolution": architecture.convolution,
            "causal": architecture.causal,
            "positional_encoding": architecture.positional_encoding,
            "temporal_shift": architecture.temporal_shift,
            "clip.frames": clip.frames,
            "clip.resolution": clip.resolution,
            "clip.frame_stride": clip.frame_stride,
            "stem.width": stem.width,
            "stem.kernel": stem.kernel,
            "stem.stride": stem.stride,
            "stem.temporal": stem.temporal,
            "stem.factored_width": stem.factored_width,
            "head.width": head.project_width,
            "head.hidden": head.hidden_width,
            "head.hidden_bias": head.hidden_bias,
            "head.per_frame": head.per_frame,
        }

    def _wanted_stages(
        self, architecture: Architecture, left_out: tuple[str, ...]
    ) -> dict[str, Any]:
        wanted: dict[str, Any] = {f"{name}.depth": 0 for name in left_out}
        stages = iter(architecture.stages)
        for name, known in zip(self.stages, self.layers, strict=True):
            if name in left_out:
                continue
            stage = next(stages)
            wanted[f"{name}.width"] = stage.width
            wanted[f"{name}.depth"] = len(stage.layers)
            for names, layer in zip(known, stage.layers, strict=False):
                wanted[names.kernel] = layer.kernel
                wanted[names.inner] = layer.expand_width
                wanted[names.excited] = layer.squeeze_excite
                if names.stride:
                    wanted[names.stride] = layer.stride
                if names.temporal_stride:
                    wanted[names.temporal_stride] = layer.temporal_stride
                for name_of_word, own, usual in (
                    (names.activation, layer.activation, architecture.activation),
                    (names.convolution, layer.convolution, architecture.convolution),
                ):
                    may = frozenset({own} if own else {"", usual})
                    wanted[name_of_word] = may & wanted.get(name_of_word, may)
        return wanted


# Fields of `Columns` and what they are called in a space.
_WHOLE = {
    "frames": "clip.frames",
    "resolution": "clip.resolution",
    "frame_stride": "clip.frame_stride",
    "stem_width": "stem.width",
    "stem_stride": "stem.stride",
    "stem_temporal": "stem.temporal",
    "stem_factored_width": "stem.factored_width",
    "head_project": "head.width",
    "head_hidden": "head.hidden",
}
_FLAGS = {
    "head_hidden_bias": "head.hidden_bias",
    "head_per_frame": "head.per_frame",
    "causal": "causal",
    "positional_encoding": "positional_encoding",
    "temporal_shift": "temporal_shift",
}
_COPIED = {
    "expand_width": "inner",
    "squeeze_excite": "excited",
    "stride": "stride",
    "temporal_stride": "temporal_stride",
}
_CODED = ("layer_activation", "layer_convolution")


def _codes(words_of_rows: Any, words: tuple[str, ...]) -> Any:
    """Index of each word, -1 for ""."""
    codes = np.full(words_of_rows.shape, -1, np.int64)
    for code, word in enumerate(words):
        codes[words_of_rows == word] = code
    return codes


def _layers(program: Program, stage: str) -> "list[LayerNames]":
    known = {*program.constants, *(step.name for step in program.steps)}

    def name_of(layer: int, key: str) -> str:
        own = f"{stage}.layer{layer}.{key}"
        if own in known:
            return own
        # Strides of a stage are those of its first layer.
        later = key in ("stride", "temporal_stride") and layer > 0
        return "" if later else f"{stage}.{key}"

    found: list[LayerNames] = []
    while f"{stage}.layer{len(found)}.inner" in known:
        found.append(LayerNames(*(name_of(len(found), k) for k in LayerNames._fields)))
    return found


def _layer(names: LayerNames, values: Values, whole: Any) -> Layer:
    return Layer(
        expand_width=whole(names.inner),
        kernel=values[names.kernel],
        stride=whole(names.stride) if names.stride else 1,
        squeeze_excite=whole(names.excited, 0),
        temporal_stride=whole(names.temporal_stride) if names.temporal_stride else 1,
        activation=values[names.activation],
        convolution=values[names.convolution],
    )

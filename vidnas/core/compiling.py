"""How does a space become a program? Places in order, names resolved, errors placed.

Order is that of reading: named choices, derived values, the network's words, clip and
stem, each behind what it names; then stages with their layers, and the head. There an
expression may name what stands before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from vidnas.core.choices import Options, Spec, as_spec
from vidnas.core.errors import SpaceError
from vidnas.core.expression import (
    FUNCTIONS,
    Constant,
    Expression,
    Name,
    Value,
    call,
    folded,
    round_to,
)
from vidnas.core.places import PLACES, StageSpace
from vidnas.core.program import Choice, Program, Step
from vidnas.core.words import nearest

if TYPE_CHECKING:
    from vidnas.core.space import Space

Path = tuple[str | int, ...]
COMBINATIONS = 4096  # of choices, tried to know what an expression can give
_LAYERED = ("layer", "kernel", "expand", "expand_width")  # names of a layer


class PlacedError(SpaceError):
    """A space that is wrong in one place.

    Args:
        message: What must hold, what came.
        path: Keys in the document that lead to the place.
    """

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


def compile_space(space: "Space") -> tuple[Program, dict[str, Expression]]:
    """The program of a space, and its rules in full names.

    Raises:
        PlacedError: an expression names what is not known there, or gives what cannot
            stand there; a declared choice is used nowhere.
    """
    compiler = _Compiler()
    _add_declared(compiler, space)
    for number, stage in enumerate(space.stages):
        _Stage(compiler, space, stage, number).add()
    if len(compiler.optional) == len(space.stages):
        raise PlacedError(
            "A space must have a stage that no candidate leaves out, got none.",
            ("stages",),
        )
    for place in _places_of(space, "head"):
        compiler.place(*place)
    rules = {
        name: compiler.resolved(rule, ("rules", name), {}, FACTS)
        for name, rule in space.rules.items()
    }
    compiler.check_use(space)
    return compiler.program(), rules


FACTS = ("temporal_reach", "layers")  # of the decoded network, for rules


def _add_declared(compiler: "_Compiler", space: "Space") -> None:
    """Named choices, derived values, and the places of network, clip and stem.

    In the order written, but nothing before what it names.
    """
    waiting: list[tuple[str, Spec, str, Path]] = [
        (name, as_spec(given), "network", ("choices", name))
        for name, given in space.named.items()
    ]
    waiting += [
        (name, expression, "network", ("derived", name))
        for name, expression in space.derived.items()
    ]
    for part in ("network", "clip", "stem"):
        waiting += _places_of(space, part)
    while waiting:
        still = {name for name, *_ in waiting}
        ready = (place for place in waiting if still.isdisjoint(_named_in(place[1])))
        # Of names that wait for one another, the first says what is wrong.
        place = next(ready, waiting[0])
        waiting.remove(place)
        compiler.place(*place)


def _places_of(space: "Space", part: str) -> list[tuple[str, Spec, str, Path]]:
    """Name, spec, group and path of every place of a part."""
    if part == "network":
        return [(key, spec, part, (key,)) for key, spec in space.specs().items()]
    specs = getattr(space, part).specs()
    return [(f"{part}.{key}", specs[key], part, (part, key)) for key in PLACES[part]]


def _named_in(spec: Spec) -> frozenset[str]:
    if isinstance(spec, Expression):
        return spec.names()
    return spec.when.names() if spec.when is not None else frozenset()


def _label(path: Path) -> str:
    """The place as a person writes it: `stages[1].depth`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.lstrip(".")


@dataclass
class _Compiler:
    """Collects choices and steps; what is known grows as places are added."""

    choices: list[Choice] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    constants: dict[str, Value] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)  # stages

    def decide(
        self,
        name: str,
        options: Options,
        group: str,
        path: Path,
        aliases: Mapping[str, Expression] | None = None,
        gate: str = "",
        layer: int = -1,
    ) -> None:
        """Adds a choice; one of a single option is a constant."""
        when = options.when
        if when is not None:
            when = self.resolved(when, (*path, "when"), aliases or {})
            if isinstance(when, Constant):
                raise PlacedError(
                    f"`when` of `{name}` must depend on an earlier choice, got always "
                    f"{str(bool(when.constant)).lower()}.",
                    (*path, "when"),
                )
        self.known.add(name)
        if len(options.options) == 1:
            self.constants[name] = options.options[0]
            return
        self.steps.append(Step(name, len(self.choices), gate=gate, layer=layer))
        self.choices.append(
            Choice(name, options.options, group, gate, layer, when, path)
        )

    def compute(
        self,
        name: str,
        expression: Expression,
        path: Path,
        aliases: Mapping[str, Expression] | None = None,
        gate: str = "",
        layer: int = -1,
    ) -> None:
        """Adds a place that is computed."""
        found = self.resolved(expression, path, aliases or {})
        self.known.add(name)
        if isinstance(found, Constant):
            self.constants[name] = found.constant
        else:
            self.steps.append(Step(name, -1, found, gate, layer))

    def place(self, name: str, spec: Spec, group: str, path: Path, **more: Any) -> None:
        """Adds a place, whatever stands in it."""
        if isinstance(spec, Options):
            self.decide(name, spec, group, path, **more)
        else:
            self.compute(name, spec, path, **more)

    def resolved(
        self,
        expression: Expression,
        path: Path,
        aliases: Mapping[str, Expression],
        more: Iterable[str] = (),
    ) -> Expression:
        """The expression in full names, constants put in; notes what it uses."""
        expression = expression.renamed(aliases)
        for name in sorted(expression.names()):
            if name not in self.known and name not in more:
                words = (*sorted(self.known), *aliases, *more)
                raise PlacedError(
                    f"`{_label(path)}` must be made of choices and of places before "
                    f"it, got `{name}`.{nearest(name, words)}",
                    path,
                )
        self.used |= expression.names()
        known = {
            name: Constant(self.constants[name])
            for name in expression.names()
            if name in self.constants
        }
        try:
            return folded(expression.renamed(known))
        except SpaceError as wrong:
            raise PlacedError(str(wrong), path) from wrong

    def possible(self, name: str, path: Path) -> set[Any]:
        """Every value that a place can have, from the choices it depends on.

        Raises:
            PlacedError: it depends on too many to try.
        """
        if name in self.constants:
            return {self.constants[name]}
        program = self.program()
        support = sorted(program.support[name])
        sizes = [len(program.choices[at].options) for at in support]
        if np.prod(sizes, dtype=float) > COMBINATIONS:
            raise PlacedError(
                f"`{name}` must depend on choices of at most {COMBINATIONS} "
                f"combinations, got {int(np.prod(sizes, dtype=float))}.",
                path,
            )
        rows = np.array(list(product(*(range(size) for size in sizes))), dtype=np.int64)
        matrix = np.zeros((len(rows), len(program.choices)), dtype=np.int64)
        matrix[:, support] = rows
        values, _ = program.values_many(matrix)
        return set(np.atleast_1d(values[name]).tolist())

    def program(self) -> Program:
        """What has been collected so far."""
        return Program(
            tuple(self.choices),
            tuple(self.steps),
            dict(self.constants),
            frozenset(self.optional),
        )

    def check_use(self, space: "Space") -> None:
        """Refuses declared choices and derived values that nothing uses."""
        declared: list[tuple[str, Path]] = []
        declared += [(name, ("choices", name)) for name in space.named]
        declared += [(name, ("derived", name)) for name in space.derived]
        for number, stage in enumerate(space.stages):
            prefix = space.stage_names[number]
            declared += [
                (f"{prefix}.{name}", ("stages", number, "choices", name))
                for name in stage.choices
            ]
        for name, path in declared:
            if name not in self.used:
                raise PlacedError(f"`{name}` must be used somewhere, it is not.", path)


class _Stage:
    """One stage, added to a compiler: its own places, then those of each layer."""

    def __init__(
        self, compiler: _Compiler, space: "Space", stage: StageSpace, number: int
    ) -> None:
        self.compiler, self.space, self.stage = compiler, space, stage
        self.name = space.stage_names[number]
        self.path: Path = ("stages", number)
        self.specs = stage.specs()
        self.aliases: dict[str, Expression] = {}

    def add(self) -> None:
        """Adds everything."""
        spec: Spec | None
        for name, given in self.stage.choices.items():
            self.set_stage(name, as_spec(given), (*self.path, "choices", name))
        layered = []
        for key, place in PLACES["stage"].items():
            spec = self.specs.get(key)
            if spec is None or key in ("kernel", "expand", "expand_width"):
                continue
            if self._per(spec, place.per) == "layer":
                layered.append(key)
            else:
                self.set_stage(key, spec, (*self.path, key))
        depth = f"{self.name}.depth"
        depths = self.compiler.possible(depth, (*self.path, "depth"))
        if min(depths) == 0:
            self._leave_out()
        for layer in range(max(depths)):
            self._add_layer(layer, layered)

    def _leave_out(self) -> None:
        """Notes that a depth may be 0; what else is chosen must then be inactive."""
        deciding = self.compiler.program().support[f"{self.name}.depth"]
        for at, choice in enumerate(self.compiler.choices):
            own = choice.name.startswith(f"{self.name}.") and at not in deciding
            if own and choice.when is None:
                raise PlacedError(
                    f"`{choice.name}` must have a `when`, since some candidates leave "
                    "its stage out.",
                    choice.path,
                )
        self.compiler.optional.add(self.name)

    def set_stage(self, key: str, spec: Spec, path: Path) -> None:
        """Adds a place of the stage."""
        name = f"{self.name}.{key}"
        self.compiler.place(name, spec, self.name, path, aliases=self.aliases)
        self.aliases[key] = Name(name)

    def _per(self, spec: Spec, usual: str) -> str:
        if isinstance(spec, Options):
            return spec.per or usual
        layered = spec.names() & set(_LAYERED)
        return "layer" if layered else usual

    def _add_layer(self, layer: int, layered: list[str]) -> None:
        prefix = f"{self.name}.layer{layer}"
        aliases: dict[str, Expression] = {**self.aliases, "layer": Constant(layer)}
        gated: dict[str, Any] = {"gate": f"{self.name}.depth", "layer": layer}

        def add(key: str, spec: Spec) -> None:
            path = (*self.path, key)
            shared = isinstance(spec, Options) and spec.per == "stage"
            name = f"{self.name}.{key}" if shared else f"{prefix}.{key}"
            if not shared:
                self.compiler.place(
                    name, spec, self.name, path, aliases=aliases, **gated
                )
            elif layer == 0:
                self.compiler.place(name, spec, self.name, path, aliases=self.aliases)
            aliases[key] = Name(name)

        add("kernel", self.specs["kernel"])
        if "expand" in self.specs:
            add("expand", self._expand_spec(self.specs["expand"]))
        if "expand_width" in self.specs:
            add("expand_width", self.specs["expand_width"])
        for key in layered:
            add(key, self.specs[key])
        path = (*self.path, "expand")
        for key, expression in self._computed(aliases).items():
            self.compiler.compute(
                f"{prefix}.{key}", expression, path, aliases=aliases, **gated
            )
            aliases[key] = Name(f"{prefix}.{key}")

    def _expand_spec(self, spec: Spec) -> Spec:
        """Ratios to a base are widths; equal ones are one option."""
        if isinstance(spec, Options) and self.stage.base is not None:
            widths = dict.fromkeys(
                folded(self._rounded(Constant(ratio), self.stage.base)).constant  # type: ignore[attr-defined]
                for ratio in spec.options
            )
            return Options(tuple(widths), spec.per, spec.when)
        return spec

    def _rounded(self, ratio: Expression, base: Expression) -> Expression:
        return round_to(ratio * base, self.stage.round_to)

    def _computed(self, aliases: Mapping[str, Expression]) -> dict[str, Expression]:
        """What a layer is built of, where it is not chosen itself."""
        computed: dict[str, Expression] = {}
        if "expand_width" not in self.specs:
            spec = self.specs["expand"]
            if isinstance(spec, Options) and self.stage.base is not None:
                computed["inner"] = Name("expand")
            else:
                base = self.stage.base
                relative = Name("width") if base is None else base
                computed["inner"] = self._rounded(Name("expand"), relative)
        else:
            computed["inner"] = Name("expand_width")
        excited = Name("width") if self.space.block == "resnet" else Name("inner")
        if "squeeze_ratio" in self.specs:
            ratio: Expression = Name("squeeze_ratio")
        elif self.space.block == "mobilenet":
            ratio = Constant(0.25)
        else:
            ratio = call("if", Name("causal"), 0.5, 0.25)
        hidden = call("round8", ratio * excited)
        computed["excited"] = call("if", Name("squeeze_excite"), hidden, 0)
        return computed


RESERVED = frozenset(
    {
        *FUNCTIONS,
        *(key for part in PLACES.values() for key in part),
        *PLACES,
        *FACTS,
        *_LAYERED,
        "inner",
        "excited",
        "true",
        "false",
        "stages",
    }
)

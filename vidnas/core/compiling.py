"""How does a space become a program? Places in order, names resolved, errors placed.

Order is that of reading: named choices, derived values, the network's words, clip and
stem, each behind what it names; then stages with their layers, and the head. There an
expression may name what stands before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vidnas.core.checking import (
    COMBINATIONS,
    Demand,
    check_demands,
    count_of,
    needed,
    rows_of,
)
from vidnas.core.choices import Options, Spec, Width, as_spec
from vidnas.core.errors import PlacedError, SpaceError
from vidnas.core.expression import (
    Constant,
    Expression,
    Name,
    Value,
    call,
    folded,
    round_to,
)
from vidnas.core.given import FACTS, LAYERED, check_given, label_of, place_at
from vidnas.core.kinds import Place
from vidnas.core.places import PLACES, StageSpace
from vidnas.core.program import Choice, Program, Step
from vidnas.core.words import nearest

if TYPE_CHECKING:
    from vidnas.core.space import Space

Path = tuple[str | int, ...]
MOST_LAYERS = 2000  # of a space; each has choices and steps of its own
_FLAG = Place("flag")


def compile_space(space: "Space") -> tuple[Program, dict[str, Expression]]:
    """The program of a space, and its rules in full names.

    Raises:
        PlacedError: an expression names what is not known there, or gives what cannot
            stand there; a declared choice is used nowhere.
    """
    check_given(space)
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
    rules = _rules(compiler, space)
    program = compiler.program()
    check_demands(program, compiler.demands, list(rules.values()))
    compiler.check_use(space)
    return program, rules


def _rules(compiler: "_Compiler", space: "Space") -> dict[str, Expression]:
    """The rules in full names; those that need the network behind all others."""
    rules: dict[str, Expression] = {}
    for name, rule in space.rules.items():
        path = ("rules", name)
        rules[name] = compiler.resolved(rule, path, {}, FACTS)
        if not rule.names() or rules[name] == Constant(False):
            always = str(rules[name] != Constant(False)).lower()
            raise PlacedError(
                f"Rule `{name}` must depend on a choice, it is always {always}.", path
            )
        if rules[name].names().isdisjoint(FACTS):
            compiler.demand(rules[name], _FLAG, path)
    return dict(
        sorted(rules.items(), key=lambda item: bool(item[1].names() & {*FACTS}))
    )


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


@dataclass
class _Compiler:
    """Collects choices and steps; what is known grows as places are added."""

    choices: list[Choice] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    constants: dict[str, Value] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)  # stages
    demands: list[Demand] = field(default_factory=list)
    layers: int = 0

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
            self.demand(when, _FLAG, (*path, "when"), gate, layer)
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
        # Depths are looked at by themselves, and what no place spells is never wrong.
        if name.rpartition(".")[2] == path[-1] != "depth":
            self.demand(found, place_at(path), path, gate, layer)
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
                    f"`{label_of(path)}` must be made of choices and of places before "
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

    def demand(
        self,
        expression: Expression,
        place: Place,
        path: Path,
        gate: str = "",
        layer: int = -1,
        complaint: str = "",
    ) -> None:
        """Notes what an expression must give; a constant is looked at now."""
        demand = Demand(
            expression, place, path, label_of(path), gate, max(layer, 0), complaint
        )
        if isinstance(expression, Constant) and not complaint:
            fault = place.fault(expression.constant)
            if fault and not gate:
                raise demand.refuse(expression.constant, fault)
        self.demands.append(demand)

    def depths(self, name: str, path: Path) -> set[int]:
        """Every depth that a stage can have, from the choices it depends on.

        Raises:
            PlacedError: it depends on too many to try, or is no number of layers.
        """
        program = self.program()
        combinations = count_of(program, [name])
        if combinations > COMBINATIONS:
            raise PlacedError(
                f"`{label_of(path)}` must depend on choices of at most {COMBINATIONS} "
                f"combinations, got {combinations}.",
                path,
            )
        depth = Place("whole", 0, most=place_at(path).most)
        demand = Demand(Name(name), depth, path, label_of(path))
        check_demands(program, [demand])
        part = needed(program, [name])
        found = set()
        for row in rows_of(program, [name]):
            indices = [row.get(at, 0) for at in range(len(program.choices))]
            found.add(int(part.values(indices)[0][name]))
        return found

    def add_layers(self, count: int, path: Path) -> None:
        """Counts layers, of which a space has so many at most."""
        self.layers += count
        if self.layers > MOST_LAYERS:
            raise PlacedError(
                f"A space must have at most {MOST_LAYERS} layers, got {self.layers} up "
                "to this stage.",
                path,
            )

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
        self.layered: list[str] = []  # places of the layers, beyond the usual ones
        # Layers that say nothing of their number are checked once.
        self.alike = not any(
            "layer" in spec.names()
            for spec in self.specs.values()
            if isinstance(spec, Expression)
        )

    def add(self) -> None:
        """Adds everything."""
        spec: Spec | None
        for name, given in self.stage.choices.items():
            self.set_stage(name, as_spec(given), (*self.path, "choices", name))
        self._demand_factor()
        for key, place in PLACES["stage"].items():
            spec = self.specs.get(key)
            if spec is None or place.per == "layer":
                continue
            if self._is_layered(key, spec, place):
                self.layered.append(key)
            else:
                self.set_stage(key, spec, (*self.path, key))
        depth = f"{self.name}.depth"
        depths = self.compiler.depths(depth, (*self.path, "depth"))
        if min(depths) == 0:
            self._leave_out()
        self.compiler.add_layers(max(depths), (*self.path, "depth"))
        for layer in range(max(depths)):
            before = len(self.compiler.demands)
            self._add_layer(layer)
            if layer and self.alike:
                del self.compiler.demands[before:]

    def _demand_factor(self) -> None:
        width = self.stage.width
        if isinstance(width, Width) and isinstance(width.multipliers, Expression):
            path = (*self.path, "width", "multiplier")
            factor = self.compiler.resolved(width.multipliers, path, self.aliases)
            self.compiler.demand(factor, place_at(path), path)

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
        demands = self.compiler.demands
        before = len(demands)
        self.compiler.place(name, spec, self.name, path, aliases=self.aliases)
        # Where the stage is left out, nothing is asked of it.
        demands[before:] = [
            replace(demand, gate=f"{self.name}.depth") for demand in demands[before:]
        ]
        self.aliases[key] = Name(name)

    def _is_layered(self, key: str, spec: Spec, place: Place) -> bool:
        """Whether a place of the stage is one of each layer."""
        if isinstance(spec, Options):
            return spec.per == "layer"
        named = spec.names() & {*LAYERED, *self.layered}
        if named and not place.layered:
            path = (*self.path, key)
            raise PlacedError(
                f"`{label_of(path)}` must be the same for all layers, got "
                f"`{min(named)}`, which is of one layer.",
                path,
            )
        return bool(named)

    def _add_layer(self, layer: int) -> None:
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
        for key in self.layered:
            add(key, self.specs[key])
        self._demand_frames(aliases, **gated)
        path = (*self.path, "expand")
        for key, expression in self._computed(aliases).items():
            self.compiler.compute(
                f"{prefix}.{key}", expression, path, aliases=aliases, **gated
            )
            aliases[key] = Name(f"{prefix}.{key}")

    def _demand_frames(
        self, aliases: Mapping[str, Expression], gate: str, layer: int
    ) -> None:
        """Asks that no causal network skips frames."""
        stride = aliases["temporal_stride"]
        if layer and "temporal_stride" not in self.layered:
            return  # of the first layer only
        path = (*self.path, "temporal_stride")
        keeps = ~Name("causal") | (stride <= 1)
        keeps = self.compiler.resolved(keeps, path, {})
        if keeps != Constant(True):
            complaint = (
                "A causal network must keep every frame, got `temporal_stride` above 1"
            )
            self.compiler.demand(keeps, _FLAG, path, gate, layer, complaint)

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

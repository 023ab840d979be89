"""What does compiling collect? Choices, steps, known names, and demands to try."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vidnas.architecture.plain_values import Value
from vidnas.documents.suggestion import nearest
from vidnas.errors import PlacedError, SpaceError
from vidnas.space.compiling.computed_values import (
    COMBINATIONS,
    Demand,
    check_demands,
    count_of,
    part_computing,
    rows_of,
)
from vidnas.space.compiling.program import Choice, Program, Step
from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Constant, Expression, Name, fold
from vidnas.space.language.names import label_of, place_at
from vidnas.space.language.options import Options, Spec
from vidnas.space.language.value_kinds import ValueKind

Path = tuple[str | int, ...]
MOST_LAYERS = 2000  # of a space; each has choices and steps of its own
FLAG = ValueKind("flag")


@dataclass
class Compiler:
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
            when = self.resolve(when, (*path, "when"), aliases or {})
            self.demand(when, FLAG, (*path, "when"), gate, layer)
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
        found = self.resolve(expression, path, aliases or {})
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

    def resolve(
        self,
        expression: Expression,
        path: Path,
        aliases: Mapping[str, Expression],
        more: Iterable[str] = (),
    ) -> Expression:
        """The expression in full names, constants put in; notes what it uses."""
        expression = expression.rename(aliases)
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
            return fold(expression.rename(known))
        except SpaceError as wrong:
            raise PlacedError(str(wrong), path) from wrong

    def demand(
        self,
        expression: Expression,
        kind: ValueKind,
        path: Path,
        gate: str = "",
        layer: int = -1,
        complaint: str = "",
        remedy: str = "",
    ) -> None:
        """Notes what an expression must give; a constant is looked at now."""
        label = label_of(path)
        demand = Demand(
            expression, kind, path, label, gate, max(layer, 0), complaint, remedy
        )
        if isinstance(expression, Constant) and not complaint:
            fault = kind.fault(expression.constant)
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
        depth = ValueKind("whole", 0, most=place_at(path).most)
        demand = Demand(Name(name), depth, path, label_of(path))
        check_demands(program, [demand])
        part = part_computing(program, [name])
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

    def check_use(self, space: SpaceDeclaration) -> None:
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

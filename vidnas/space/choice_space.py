"""What can be searched of a network that is the user's own code? Choices, nothing else.

An opaque space has choices and conditions as every space has, so strategies draw,
mutate and cross its candidates. What a candidate becomes is not known: its identity is
that of its values, its cost what the user says.

A user's HyperModel is one, and so is any other discrete problem: `OpaqueSpace.of`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Indices
from vidnas.budgets.budget import Budget, Budgets
from vidnas.errors import InputError, SpaceError
from vidnas.space.candidate import Candidate, redraw
from vidnas.space.candidate_matrix import Many
from vidnas.space.compiling.program import Choice, Program, Step
from vidnas.space.identities import row_identities
from vidnas.space.language.expression import Expression, Value

ATTEMPTS = 1000  # redraws until one changes a candidate
CostOf = Callable[[dict[str, Any]], Mapping[str, float]]
CostsOf = Callable[[Indices], Mapping[str, NDArray[Any]]]


@dataclass(frozen=True)  # without slots: its identity is kept
class OpaqueArchitecture:
    """The values of a candidate, which is all that is known of its network.

    Args:
        values: Of the active hyperparameters, by name.
    """

    values: Mapping[str, Any]

    @cached_property
    def arch_id(self) -> str:
        """Identity of the values: 16 hexadecimal digits."""
        text = json.dumps(dict(self.values), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class OpaqueCost:
    """What the user says that a candidate costs.

    Args:
        costs: By name.
    """

    costs: Mapping[str, float]

    @property
    def flops(self) -> float:
        """What strategies trade against accuracy; 1 for all where nothing is known."""
        return self.costs.get("flops", 1.0)

    def to_document(self) -> dict[str, float]:
        """All of it, as plain data."""
        return {"flops": self.flops, **self.costs}


@dataclass(frozen=True, slots=True, eq=False)
class OpaqueCosts:
    """What N candidates cost.

    Args:
        costs: `[N]` by name; `flops` is 1 for all where nothing is known.
        rows: N.
    """

    costs: Mapping[str, NDArray[Any]]
    rows: int

    @property
    def names(self) -> tuple[str, ...]:
        """What the user tells of each."""
        return tuple(self.costs)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """[N]. The cost of that name."""
        if name == "flops" and name not in self.costs:
            return np.ones(self.rows)
        return self.costs[name]


@dataclass(frozen=True)
class OpaqueSpace:
    """A search space without architectures; see `read_hypermodel` and `of`.

    Args:
        name: For people.
        program: Its choices, and when they are active.
        names: Of the hyperparameter that each choice is; two may share one.
        fixed: Name, value, and when it holds, of hyperparameters that are no choice.
        cost: Of the values of a candidate: `flops` above 0, and whatever else may be
            budgeted. None where nothing is known.
        hyperparameters: As Keras Tuner writes them down.
        cost_many: The same as `cost`, of candidates `[N, C]` at once, `[N]` by name;
            None to ask `cost` for each of them.
    """

    name: str
    program: Program
    names: tuple[str, ...]
    fixed: tuple[tuple[str, Any, Expression | None], ...]
    cost: CostOf | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    cost_many: CostsOf | None = None
    stage_names: tuple[str, ...] = ()  # nothing is a stage
    _priced: dict[str, OpaqueCost] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(
        cls,
        name: str,
        options: Mapping[str, Sequence[Value]],
        *,
        cost: CostOf | None = None,
        cost_many: CostsOf | None = None,
    ) -> "OpaqueSpace":
        """A product of choices, as benchmarks have it.

        Args:
            name: For people.
            options: At least two different values of each choice, numbers in order.
            cost: Of the values of a candidate, by name: `flops` above 0, ...
            cost_many: The same of option indices `[N, C]`, faster.
        """
        choices = tuple(Choice(key, tuple(v), key) for key, v in options.items())
        steps = tuple(Step(choice.name, at) for at, choice in enumerate(choices))
        listed = {key: list(values) for key, values in options.items()}
        return cls(
            name=name,
            program=Program(choices, steps, {}),
            names=tuple(options),
            fixed=(),
            cost=cost,
            hyperparameters={"name": name, "options": listed},
            cost_many=cost_many,
        )

    @cached_property
    def many(self) -> Many:
        """The candidates of this space, many at a time."""
        return Many(self)

    @property
    def resolved_rules(self) -> dict[str, Expression]:
        """None: whatever is drawn may be tried."""
        return {}

    def row_identities(self, matrix: Indices) -> NDArray[np.uint64]:
        """`[N]`: equal where candidates are."""
        return row_identities(matrix)

    def price_many(self, matrix: Indices) -> OpaqueCosts:
        """What the user says that candidates `[N, C]` cost."""
        if not len(matrix):  # what is told has names all the same
            one = self.price_many(np.zeros((1, len(self.choices)), np.int64))
            return OpaqueCosts({n: v[:0] for n, v in one.costs.items()}, 0)
        if self.cost_many is not None:
            return OpaqueCosts(self.cost_many(matrix), len(matrix))
        if self.cost is None:
            return OpaqueCosts({}, len(matrix))
        told = [self.price(self.decode(tuple(row))).costs for row in matrix.tolist()]
        costs = {n: np.array([costs[n] for costs in told]) for n in told[0]}
        return OpaqueCosts(costs, len(matrix))

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every decision with more than one option, in the order of a candidate."""
        return self.program.choices

    @property
    def positions(self) -> dict[str, int]:
        """Index in a candidate of each choice, by name."""
        return self.program.positions

    @cached_property
    def space_hash(self) -> str:
        """Identity of what a candidate means: 16 hexadecimal digits."""
        text = json.dumps(self.hyperparameters, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def values(self, candidate: Candidate) -> dict[str, Any]:
        """What the user's `build` gets: the active hyperparameters by name."""
        known, flags = self.program.values(candidate)
        found = {
            name: value
            for name, value, when in self.fixed
            if when is None or when.value(known)
        }
        for at, choice in enumerate(self.choices):
            if flags[at]:
                found[self.names[at]] = choice.options[candidate[at]]
        return found

    def candidate(self, values: Mapping[str, Any]) -> Candidate:
        """The candidate of these values, of a range the nearest option.

        Raises:
            SpaceError: a word is none of the options.
        """
        indices = [
            _index(choice, values.get(name, choice.options[0]))
            for choice, name in zip(self.choices, self.names, strict=True)
        ]
        return self.canonical(indices)

    def canonical(self, indices: Sequence[int]) -> Candidate:
        """The candidate with every inactive choice at 0."""
        _, flags = self.program.values(indices)
        return tuple(i if on else 0 for i, on in zip(indices, flags, strict=True))

    def active(self, candidate: Candidate) -> tuple[Choice, ...]:
        """The choices that this candidate makes."""
        _, flags = self.program.values(candidate)
        return tuple(c for c, on in zip(self.choices, flags, strict=True) if on)

    def sample(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice."""
        drawn = [int(rng.integers(len(choice.options))) for choice in self.choices]
        return self.canonical(drawn)

    def sample_coherent(self, rng: np.random.Generator) -> Candidate:
        """The same as `sample`: nobody says which options are large."""
        return self.sample(rng)

    def mutate(
        self, candidate: Candidate, rng: np.random.Generator, changes: int = 1
    ) -> Candidate:
        """A different candidate, by at least `changes` redraws.

        Raises:
            SpaceError: there is no choice.
        """
        if not self.choices:
            raise SpaceError(f"Space '{self.name}' must have choices, it has none.")
        mutated = candidate
        for redraws in range(1, changes + ATTEMPTS):
            mutated = redraw(cast("Any", self), mutated, rng)
            if redraws >= changes and mutated != candidate:
                return mutated
        raise SpaceError(
            f"No mutation of {candidate} changed it in {ATTEMPTS} redraws in space "
            f"'{self.name}'."
        )

    def cross(
        self, first: Candidate, second: Candidate, rng: np.random.Generator
    ) -> Candidate:
        """A candidate with each choice from a parent, conditional ones with theirs."""
        from_first: dict[str, bool] = {}
        crossed = []
        for choice, mine, yours in zip(self.choices, first, second, strict=True):
            chosen = from_first.setdefault(choice.group, bool(rng.integers(2)))
            crossed.append(mine if chosen else yours)
        return self.canonical(crossed)

    def decode(self, candidate: Candidate) -> OpaqueArchitecture:
        """What is known of the candidate: its values."""
        return OpaqueArchitecture(self.values(candidate))

    def price(self, architecture: OpaqueArchitecture) -> OpaqueCost:
        """What the user says that it costs, asked once per candidate.

        Raises:
            InputError: `cost` gave no `flops` above 0.
        """
        if self.cost is None and self.cost_many is None:
            return OpaqueCost({})
        arch_id = architecture.arch_id
        if arch_id not in self._priced:
            self._priced[arch_id] = self._asked(architecture)
        return self._priced[arch_id]

    def _asked(self, architecture: OpaqueArchitecture) -> OpaqueCost:
        if self.cost is not None:
            costs = dict(self.cost(dict(architecture.values)))
        else:
            assert self.cost_many is not None, "priced by one or the other"
            row = np.array([self.candidate(architecture.values)], np.int64)
            costs = {n: float(v[0]) for n, v in self.cost_many(row).items()}
        if not costs.get("flops", 0.0) > 0.0:
            raise InputError(
                "`cost` must give `flops` above 0, got "
                f"{costs.get('flops', 'none')} for {dict(architecture.values)}."
            )
        return OpaqueCost(costs)

    def budgets(self, *limits: Budget) -> Budgets:
        """Hard limits on what `cost` gives.

        Raises:
            InputError: it does not give what is limited.
        """
        first = self.canonical([0] * len(self.choices))
        costs = self.price(self.decode(first)).costs
        for limit in limits:
            if limit.name not in costs:
                raise InputError(
                    f"A budget must be on what `cost` gives, got `{limit.name}`, not "
                    f"one of {', '.join(costs) or 'nothing'}."
                )
        return Budgets(limits, cast("Any", OpaquePrice(self)))


@dataclass(frozen=True, slots=True)
class OpaquePrice:
    """What the user says that candidates of a space cost.

    Args:
        space: Of the candidates.
    """

    space: OpaqueSpace

    def __call__(self, architecture: OpaqueArchitecture) -> OpaqueCost:
        """The cost of one candidate."""
        return self.space.price(architecture)

    def rows(self, space: OpaqueSpace, matrix: Indices) -> OpaqueCosts:
        """The costs of candidates `[N, C]`."""
        return space.price_many(matrix)


def _index(choice: Choice, value: Any) -> int:
    if value in choice.options:
        return choice.options.index(value)
    if isinstance(value, bool | str) or isinstance(choice.options[0], bool | str):
        raise SpaceError(
            f"`{choice.name}` must be one of {', '.join(map(str, choice.options))}, "
            f"got {value}."
        )
    distances = [abs(value - option) for option in choice.options]
    return int(np.argmin(distances))

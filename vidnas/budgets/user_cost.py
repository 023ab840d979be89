"""What does a candidate cost whose network only the user knows? What the user says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vidnas.arrays import Indices
from vidnas.budgets.budget import Budget, Budgets
from vidnas.errors import InputError
from vidnas.space.choice_space import ChoiceSpace, ChosenValues
from vidnas.space.searchable import Searchable

CostOf = Callable[[dict[str, Any]], Mapping[str, float]]
CostsOf = Callable[[Indices], Mapping[str, np.ndarray[Any, np.dtype[Any]]]]


@dataclass(frozen=True, slots=True, eq=False)
class UserCosts:
    """What N candidates cost.

    Args:
        costs: `[N]` by name; `flops` is 1 for all where nothing is known.
        rows: N, the number of candidates.
    """

    costs: Mapping[str, np.ndarray[Any, np.dtype[Any]]]
    rows: int

    def __len__(self) -> int:
        return self.rows

    @property
    def names(self) -> tuple[str, ...]:
        """What the user tells of each."""
        return tuple(self.costs)

    @property
    def scores(self) -> tuple[str, ...]:
        """None: nothing else is known of the user's network."""
        return ()

    def __getitem__(self, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        """[N]. The cost of that name."""
        if name == "flops" and name not in self.costs:
            return np.ones(self.rows)
        return self.costs[name]


@dataclass(frozen=True, slots=True)
class UserPrice:
    """A price of candidates that the user tells.

    Args:
        space: The candidates' space.
        cost: Function of a candidate's values to its costs by name: `flops` above 0,
            and whatever else may be budgeted. None where nothing is known.
        cost_many: Function of option indices `[N, C]` to costs `[N]` by name, faster;
            None to ask `cost` for each row.
    """

    space: ChoiceSpace
    cost: CostOf | None = None
    cost_many: CostsOf | None = None
    _asked: dict[str, dict[str, float]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def one(
        self, architecture: ChosenValues, names: Sequence[str] = ()
    ) -> dict[str, float]:
        """The costs of one candidate, by default all of them, asked for once.

        Raises:
            InputError: the user's function gave no `flops` above 0.
        """
        told = {"flops": 1.0, **self._costs(architecture)}
        return {name: told[name] for name in names} if names else told

    def rows(self, space: Searchable, matrix: Indices) -> UserCosts:
        """What the user says that candidates `[N, C]` cost."""
        if not len(matrix):  # what is told has names all the same
            one = self.rows(space, np.zeros((1, len(space.choices)), np.int64))
            return UserCosts({n: v[:0] for n, v in one.costs.items()}, 0)
        if self.cost_many is not None:
            return UserCosts(self.cost_many(matrix), len(matrix))
        if self.cost is None:
            return UserCosts({}, len(matrix))
        told = [self._costs(space.decode(tuple(row))) for row in matrix.tolist()]
        costs = {n: np.array([costs[n] for costs in told]) for n in told[0]}
        return UserCosts(costs, len(matrix))

    def budgets(self, *limits: Budget) -> Budgets:
        """Hard limits on what the user tells.

        Raises:
            InputError: what is limited is not told.
        """
        space = self.space
        costs = self._costs(space.decode(space.canonical([0] * len(space.choices))))
        for limit in limits:
            if limit.name not in costs:
                raise InputError(
                    f"A budget must be on what `cost` gives, got `{limit.name}`, not "
                    f"one of {', '.join(costs) or 'nothing'}."
                )
        return Budgets(limits, self)

    def _costs(self, architecture: ChosenValues) -> dict[str, float]:
        if self.cost is None and self.cost_many is None:
            return {}
        arch_id = architecture.arch_id
        if arch_id not in self._asked:
            self._asked[arch_id] = self._ask(architecture)
        return self._asked[arch_id]

    def _ask(self, architecture: ChosenValues) -> dict[str, float]:
        if self.cost is not None:
            costs = dict(self.cost(dict(architecture.values)))
        else:
            assert self.cost_many is not None, "priced by one or the other"
            row = np.array([self.space.candidate(architecture.values)], np.int64)
            costs = {n: float(v[0]) for n, v in self.cost_many(row).items()}
        if not costs.get("flops", 0.0) > 0.0:
            raise InputError(
                "`cost` must give `flops` above 0, got "
                f"{costs.get('flops', 'none')} for {dict(architecture.values)}."
            )
        return costs

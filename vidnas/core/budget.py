"""What may a candidate cost? Hard limits, checked before anything is built."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from vidnas.core.architecture import Architecture
from vidnas.core.columns import Columns
from vidnas.core.cost import CLASSES, Cost, Costs, cost, cost_many
from vidnas.core.errors import InfeasibleError
from vidnas.core.interval import wilson
from vidnas.core.numbers import Bools
from vidnas.core.program import Indices
from vidnas.core.quantity import format_cost
from vidnas.core.space import Space
from vidnas.core.trial import Candidate

BUDGETED = ("flops", "parameters", "weights_bytes", "inference_bytes", "training_bytes")
Price = Callable[[Architecture], Cost]


class RowCosts(Protocol):
    """What N candidates cost."""

    @property
    def names(self) -> tuple[str, ...]:
        """What is known of each."""
        ...

    def of(self, name: str) -> NDArray[Any]:
        """[N]. The cost of that name."""
        ...


@runtime_checkable
class RowPrice(Protocol):
    """A price that many candidates can be told at once."""

    def rows(self, space: Space, matrix: Indices) -> RowCosts:
        """What candidates `[N, C]` of a space cost."""
        ...


@dataclass(frozen=True, slots=True)
class Pricing:
    """A price, of one architecture or of many.

    Args:
        classes: Outputs of the classifier.
        batch: Clips per training step.
        frames: Of the clips that are trained on; None for the architecture's own. It
            and `resolution` decide `training_bytes`, and nothing else.
        resolution: Of the clips that are trained on; None for the architecture's own.
    """

    classes: int = CLASSES
    batch: int = 1
    frames: int | None = None
    resolution: int | None = None

    def __call__(self, architecture: Architecture) -> Cost:
        """The cost of one architecture."""
        own = cost(architecture, self.classes, self.batch)
        if self._trains_own_clip:
            return own
        cheaper = architecture.at(self.frames, self.resolution)
        trained = cost(cheaper, self.classes, self.batch)
        return replace(own, training_bytes=trained.training_bytes)

    def many(self, columns: Columns) -> Costs:
        """The costs of all rows."""
        own = cost_many(columns, self.classes, self.batch)
        if self._trains_own_clip:
            return own
        every, side = np.ones(len(columns), np.int64), self.resolution
        cheaper = replace(
            columns,
            frames=every * self.frames if self.frames else columns.frames,
            resolution=every * side if side else columns.resolution,
        )
        trained = cost_many(cheaper, self.classes, self.batch)
        return replace(own, training_bytes=trained.training_bytes)

    def rows(self, space: Space, matrix: Indices) -> Costs:
        """The costs of candidates `[N, C]` of a space."""
        return self.many(space.many.columns(matrix))

    @property
    def _trains_own_clip(self) -> bool:
        return self.frames is None and self.resolution is None


@dataclass(frozen=True, slots=True)
class Budget:
    """The most a candidate may cost.

    Args:
        name: A cost in `BUDGETED`.
        maximum: In multiply-adds, parameters or bytes, as the name says.
        origin: What sets it, where the user did not: `workers.memory`.
    """

    name: str
    maximum: float
    origin: str = ""

    def __str__(self) -> str:
        limit = f"{self.name} <= {format_cost(self.name, self.maximum)}"
        return f"{limit} ({self.origin})" if self.origin else limit

    @property
    def label(self) -> str:
        """What refused candidates are counted under."""
        return self.origin or self.name


@dataclass(frozen=True, slots=True)
class Budgets:
    """Hard limits, and how a candidate is priced against them.

    Args:
        limits: None may be exceeded.
        price: Of one architecture; a `Pricing` where `within_many` is used.
    """

    limits: tuple[Budget, ...]
    price: Price

    def broken(self, architecture: Architecture) -> tuple[str, ...]:
        """Labels of the budgets that this architecture exceeds."""
        if not self.limits:
            return ()
        costs = self.price(architecture).to_document()
        return tuple(b.label for b in self.limits if costs[b.name] > b.maximum)

    def within_many(self, columns: Columns) -> Bools:
        """[N], bool. The rows that exceed no budget."""
        within = np.ones(len(columns), np.bool_)
        if self.limits:
            assert isinstance(self.price, Pricing), "only a `Pricing` prices many"
            costs = self.price.many(columns)
            for limit in self.limits:
                within &= costs.of(limit.name) <= limit.maximum
        return within


@dataclass(frozen=True, slots=True)
class _Told:
    """Costs that were told one by one."""

    documents: tuple[dict[str, int], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.documents[0]) if self.documents else ()

    def of(self, name: str) -> NDArray[np.float64]:
        return np.array([costs[name] for costs in self.documents], np.float64)


@dataclass(slots=True)
class Screen:
    """Lets a candidate pass that is new and within the budgets; counts the others.

    Args:
        space: Decodes the candidates.
        budgets: Hard limits.
        seen: `arch_id`s that must not be proposed again.
    """

    space: Space
    budgets: Budgets
    seen: set[str]
    refused: Counter[str] = field(default_factory=Counter)

    def admits(self, candidate: Candidate) -> bool:
        """Whether to take this candidate; it then counts as seen."""
        architecture = self.space.decode(candidate)
        arch_id = architecture.arch_id
        if arch_id in self.seen:
            return False
        broken = self.budgets.broken(architecture)
        self.refused.update(broken)
        if broken:
            return False
        self.seen.add(arch_id)
        return True

    def price_many(self, rows: Indices) -> RowCosts:
        """What candidates `[N, C]` cost, whoever prices them."""
        price: Price | RowPrice = self.budgets.price
        if isinstance(price, RowPrice):
            return price.rows(self.space, rows)
        decoded = [self.space.decode(tuple(row)) for row in rows.tolist()]
        return _Told(tuple(price(network).to_document() for network in decoded))

    def fits_many(self, rows: Indices) -> Bools:
        """`[N]`: which candidates are within the budgets; counts those that are not."""
        costs = self.price_many(rows)
        fitting = np.ones(len(rows), np.bool_)
        for limit in self.budgets.limits:
            over = costs.of(limit.name) > limit.maximum
            self.refused[limit.label] += int(over.sum())
            fitting &= ~over
        return fitting

    def fits(self, candidate: Candidate) -> bool:
        """Whether the candidate is within the budgets; counts it where not."""
        broken = self.budgets.broken(self.space.decode(candidate))
        self.refused.update(broken)
        return not broken


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What share of a space meets the budgets, by sampling.

    Args:
        sampled: Candidates drawn.
        feasible: Those within all budgets.
        refused: How many each budget refused.
    """

    sampled: int
    feasible: int
    refused: Counter[str]

    @property
    def share(self) -> float:
        """The feasible share [%]."""
        return 100.0 * self.feasible / self.sampled

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share [%]."""
        return wilson(self.share, self.sampled)


def feasibility(
    space: Space, budgets: Budgets, rng: np.random.Generator, samples: int = 2000
) -> Feasibility:
    """The feasible share of a space.

    Raises:
        InfeasibleError: not one candidate was found, neither by sampling nor by
            descending to the cheapest; names the budget and the cheapest cost.
    """
    screen = Screen(space, budgets, set())
    feasible = int(screen.fits_many(space.many.sample(rng, samples)).sum())
    if not feasible:
        _require_any(space, budgets)
    return Feasibility(samples, feasible, +screen.refused)


def _require_any(space: Space, budgets: Budgets) -> None:
    """Raises unless descending each budgeted cost finds a candidate within all."""
    costs = []
    for budget in budgets.limits:
        architecture = space.decode(cheapest(space, budgets.price, budget.name))
        least = budgets.price(architecture).to_document()[budget.name]
        if least > budget.maximum:
            raise InfeasibleError(
                f"Space '{space.name}' has no candidate within {budget}: the cheapest "
                f"found costs {format_cost(budget.name, least)}."
            )
        costs.append(budgets.broken(architecture))
    if all(costs):
        raise InfeasibleError(
            f"No candidate of space '{space.name}' was found within all of "
            f"{'; '.join(map(str, budgets.limits))}: each can be met alone, but the "
            f"cheapest for one breaks another ({_names(costs)})."
        )


def cheapest(space: Space, price: Price, name: str) -> Candidate:
    """The candidate that costs least, by changing one choice at a time.

    Costs grow with every depth, kernel, expansion and clip size, each on its own, so
    the descent ends at the cheapest candidate, or beside it where a width that is
    smaller makes a shortcut dearer.
    """

    def cost_of(candidate: Candidate) -> float:
        return float(price(space.decode(candidate)).to_document()[name])

    best = space.canonical([0] * len(space.choices))
    least = cost_of(best)
    improved = True
    while improved:
        improved = False
        for choice in space.active(best):
            at = space.positions[choice.name]
            for index in range(len(choice.options)):
                changed = [*best[:at], index, *best[at + 1 :]]
                candidate = space.canonical(changed)
                found = cost_of(candidate)
                if found < least:
                    best, least, improved = candidate, found, True
    return best


def _names(broken: Sequence[tuple[str, ...]]) -> str:
    return ", ".join(sorted({name for names in broken for name in names}))

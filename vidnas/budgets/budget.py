"""What may a candidate cost? Limits, hard or soft, checked before anything is built."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.arrays import Bools, Floats
from vidnas.budgets.price import Price, RowCosts
from vidnas.documents.quantity import format_cost

SOFTNESS = 1.0  # MnasNet, arXiv 1807.11626 (alpha 0, beta -1); TuNAS's `mnas_hard`


@dataclass(frozen=True, slots=True)
class Budget:
    """The most a candidate may cost, or the least that a filter asks of it.

    Args:
        name: A cost in `BUDGETED`; of a filter, one in `FILTERED`.
        maximum: In multiply-adds, parameters, bytes or frames, as the name says.
        origin: What sets it, where the user did not: `workers.memory`.
        soft: Whether it refuses nothing, and weighs instead.
        minimum: The least that a filter lets pass.
        thing: Whose cost the maximum is: `movinet-a0`, `1 gpu`.
    """

    name: str
    maximum: float = math.inf
    origin: str = ""
    soft: bool = False
    minimum: float = -math.inf
    thing: str = ""

    def __str__(self) -> str:
        limits = []
        if self.minimum > -math.inf:
            limits.append(f"{self.name} >= {format_cost(self.name, self.minimum)}")
        if self.maximum < math.inf:
            limits.append(f"{self.name} <= {format_cost(self.name, self.maximum)}")
        notes = [note for note in (self.origin, self.thing) if note]
        if self.soft:
            notes.append("soft")
        return " and ".join(limits) + (f" ({', '.join(notes)})" if notes else "")

    @property
    def label(self) -> str:
        """What refused candidates are counted under."""
        return self.origin or self.name

    def excess(self, values: Any) -> Floats:
        """By how much each value breaks the limit, in shares of it; 0 where it holds.

        Args:
            values: Costs of the budget's name, `[N]` or one.
        """
        values = np.asarray(values, np.float64)
        over: Floats = np.zeros_like(values)
        if self.maximum < math.inf:
            over = over + np.maximum(0.0, values / self.maximum - 1.0)
        if self.minimum > -math.inf:
            scale = max(abs(self.minimum), 1e-9)
            over = over + np.maximum(0.0, (self.minimum - values) / scale)
        return over

    def holds(self, values: Any) -> Bools:
        """Which values are within the limit, soft or hard."""
        values = np.asarray(values, np.float64)
        within: Bools = (values <= self.maximum) & (values >= self.minimum)
        return within

    def weight(self, values: Any) -> Floats:
        """`(maximum / value) ** SOFTNESS` of each value beyond the maximum, else 1."""
        over = np.maximum(np.asarray(values, np.float64) / self.maximum, 1.0)
        weights: Floats = np.power(over, -SOFTNESS)
        return weights


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits, and how a candidate is priced against them.

    Args:
        limits: Hard ones, which none may break, and soft ones, which weigh.
        price: Price of candidates, one or many.
    """

    limits: tuple[Budget, ...]
    price: Price

    @property
    def hard(self) -> tuple[Budget, ...]:
        """Limits that nothing proposed breaks."""
        return tuple(limit for limit in self.limits if not limit.soft)

    @property
    def soft(self) -> tuple[Budget, ...]:
        """Limits that weigh what is beyond them, and refuse nothing."""
        return tuple(limit for limit in self.limits if limit.soft)

    def broken(self, architecture: Any) -> tuple[str, ...]:
        """Labels of the hard budgets that this architecture breaks."""
        return tuple(b.label for b in self._beyond(architecture, self.hard))

    def exceeded(self, architecture: Any) -> tuple[str, ...]:
        """Labels of the soft budgets that this architecture exceeds."""
        return tuple(b.label for b in self._beyond(architecture, self.soft))

    def weight(self, architecture: Any) -> float:
        """The product over soft budgets of `maximum / cost` where that is below 1."""
        soft = self.soft
        values = self._price(architecture, soft)
        return math.prod(float(limit.weight(values[limit.name])) for limit in soft)

    def weights(self, costs: RowCosts) -> Floats:
        """[N]. The `weight` of each priced candidate, 1 without soft budgets."""
        product = np.ones(len(costs))
        for limit in self.soft:
            product *= limit.weight(costs[limit.name])
        return product

    def within(self, costs: RowCosts) -> Bools:
        """[N]. Which priced candidates break no hard budget."""
        within = np.ones(len(costs), np.bool_)
        for limit in self.hard:
            within &= limit.holds(costs[limit.name])
        return within

    def _price(self, architecture: Any, limits: tuple[Budget, ...]) -> dict[str, float]:
        names = [limit.name for limit in limits]
        return self.price.one(architecture, names) if names else {}

    def _beyond(self, architecture: Any, limits: tuple[Budget, ...]) -> list[Budget]:
        values = self._price(architecture, limits)
        return [limit for limit in limits if not limit.holds(values[limit.name])]

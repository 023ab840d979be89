"""How far may a prediction of training memory be trusted? Measured over predicted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

PRIOR = 1.24  # the most of 48 candidates of the quickstart space, docs/costs.md
# An allocator keeps memory in pieces: where a warm worker had 1.06 of a step's peak the
# step failed, where it had 1.15 it did not (docs/costs.md).
MARGIN = 1.15
ENOUGH = 20  # trials after which a study is trusted more than those 48
QUANTILE = 0.95  # of a study's trials fit into what is promised, without the margin
PARTS = 3  # by size: small, middling, large


class Pair(NamedTuple):
    """One training: what it was to take and what it took.

    Args:
        predicted: Training memory [bytes] at the micro-batch it ended with.
        measured: Peak of the allocator [bytes].
    """

    predicted: float
    measured: float

    @property
    def ratio(self) -> float:
        """Measured over predicted."""
        return self.measured / self.predicted


def memory_factor(ratios: Sequence[float]) -> float:
    """By what a prediction is multiplied before it is promised to fit.

    Few trials can only raise the factor; `ENOUGH` can lower it.

    Args:
        ratios: Measured over predicted, of a study's trials so far.
    """
    if len(ratios) < ENOUGH:
        return MARGIN * max([PRIOR, *ratios])
    return MARGIN * float(np.quantile(ratios, QUANTILE, method="higher"))


@dataclass(frozen=True, slots=True)
class Spread:
    """How measured over predicted spreads over trainings.

    Args:
        count: Trainings.
        smallest: Least memory predicted [bytes].
        largest: Most memory predicted [bytes].
        median: Median of the ratio.
        low: 5 % of ratios are below.
        high: 5 % of ratios are above.
        worst: The ratio farthest from 1, as a factor either way.
    """

    count: int
    smallest: float
    largest: float
    median: float
    low: float
    high: float
    worst: float

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> "Spread":
        """The spread over at least one training."""
        ratios = np.array([pair.ratio for pair in pairs])
        predicted = [pair.predicted for pair in pairs]
        low, median, high = (float(q) for q in np.quantile(ratios, (0.05, 0.5, 0.95)))
        worst = float(ratios[np.abs(np.log(ratios)).argmax()])
        return cls(len(pairs), min(predicted), max(predicted), median, low, high, worst)


def by_size(pairs: Iterable[Pair]) -> tuple[Spread, ...]:
    """The spreads of the smallest third, the middle and the largest, where enough."""
    ordered = sorted(pairs)
    if len(ordered) < 2 * PARTS:
        return ()
    edges = np.linspace(0, len(ordered), PARTS + 1).round().astype(int)
    return tuple(Spread.of(ordered[first:last]) for first, last in pairwise(edges))

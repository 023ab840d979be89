"""Which of half a million networks score best, size for size? None of them is trained.

Evolution over rows of candidates: every network is judged once, hard limits hold
exactly, and the best of every band of cost are the parents of the next.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Bools, Floats, Indices
from vidnas.budgets.budget import Budgets
from vidnas.budgets.feasibility import nearest
from vidnas.budgets.screen import Screen
from vidnas.space.searchable import Searchable
from vidnas.strategies.breeding import bred_rows

BATCH = 8192  # candidates at a time, at most; a small search has as many batches
LEAST = 64  # candidates at a time
BATCHES = 64  # of a search, where these numbers allow it
BANDS = 48  # of log cost, each of which keeps its best
KEPT = 4  # networks of a band
DRAWN = 8  # one in so many candidates is drawn and has no parents
IN_VAIN = 20  # so many batches without a new network within the budgets end a search


@dataclass(frozen=True, slots=True, eq=False)
class ScoredNetworks:
    """N different networks within the budgets.

    Args:
        rows: `[N, C]`.
        costs: [N]. On the ladder's axis.
        scores: [N]. More is better.
    """

    rows: Indices
    costs: Floats
    scores: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: Indices | Bools) -> "ScoredNetworks":
        """Some of them, by number or flag."""
        return ScoredNetworks(self.rows[at], self.costs[at], self.scores[at])

    def joined(self, other: "ScoredNetworks") -> "ScoredNetworks":
        """Both; they have no network in common."""
        return ScoredNetworks(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.costs, other.costs]),
            np.concatenate([self.scores, other.scores]),
        )

    def best_of_bands(self) -> "ScoredNetworks":
        """The `KEPT` that score best in each of `BANDS` bands of log cost."""
        logs = np.log(self.costs)
        span = np.ptp(logs) if len(logs) else 0.0
        band = BANDS * (logs - logs.min(initial=np.inf)) / (span or 1.0)
        band = np.minimum(band.astype(np.int64), BANDS - 1)
        order = np.lexsort((-self.scores, band))
        first = np.searchsorted(band[order], band[order], "left")
        return self[order[np.arange(len(order)) - first < KEPT]]


@dataclass(frozen=True, slots=True, eq=False)
class BestByScore:
    """What a search by score has found.

    Args:
        best: Networks that score best in each band of cost.
        judged: Number of different networks within the budgets that were scored.
        refused: Number of candidates that each budget refused.
    """

    best: ScoredNetworks
    judged: int
    refused: Counter[str]


def best_by_score(
    space: Searchable,
    budgets: Budgets,
    score: str,
    evaluations: int,
    rng: np.random.Generator,
    cost: str = "flops",
) -> BestByScore:
    """The networks that score best in each band of a cost.

    Ends early where the space holds no more different networks within the budgets, as
    far as that many draws can tell.

    Args:
        space: Space that is searched.
        budgets: Hard limits, which no network breaks; soft ones count for nothing.
        score: Name of the score, one that the price of the budgets knows.
        evaluations: Number of different networks within the budgets to score.
        rng: The only source of randomness.
        cost: Name of the cost whose bands keep their best; above 0.
    """
    judge = _Judge(space, Screen(space, budgets, set()), score, cost, evaluations)
    batch, in_vain = max(LEAST, min(BATCH, evaluations // BATCHES)), 0
    best = judge.new(_first_rows(space, budgets, rng, batch))
    while judge.judged < evaluations and in_vain < IN_VAIN:
        born = judge.new(_next_rows(space, best, rng, batch))
        in_vain = 0 if len(born) else in_vain + 1
        best = best.joined(born).best_of_bands()
    return BestByScore(best, judge.judged, judge.screen.refused)


def _first_rows(
    space: Searchable, budgets: Budgets, rng: np.random.Generator, batch: int
) -> Indices:
    """What descent finds within the budgets, uniform and coherent draws."""
    half, many = batch // 2, space.many
    found = np.array([nearest(space, budgets)], np.int64).reshape(1, -1)
    drawn = many.sample(rng, batch - half)
    return np.concatenate([found, drawn, many.sample_coherent(rng, half)])


def _next_rows(
    space: Searchable, parents: ScoredNetworks, rng: np.random.Generator, batch: int
) -> Indices:
    """Children of the best, and new draws beside them."""
    many = space.many
    if not len(parents) or not len(many.sizes):
        return many.sample(rng, batch)
    drawn = many.sample(rng, batch // DRAWN)
    born = bred_rows(many, parents.rows, batch - len(drawn), rng)
    return np.concatenate([born, drawn])


@dataclass(slots=True)
class _Judge:
    """Scores every network once.

    Args:
        space: Space of the candidates.
        screen: Refuses what breaks a budget.
        score: Name of the score.
        cost: Name of the cost on the ladder's axis.
        most: The most networks to score.
    """

    space: Searchable
    screen: Screen
    score: str
    cost: str
    most: int
    judged: int = 0
    _seen: set[int] = field(default_factory=set, repr=False)

    def new(self, rows: Indices) -> ScoredNetworks:
        """Those that meet rules and budgets and were not seen before, scored."""
        rows = rows[self.space.many.meets(rows)]
        rows = rows[self._unseen(self.space.many.identities(rows))]
        costs = self.screen.price_many(rows)
        fitting = np.flatnonzero(self.screen.fitting(costs))
        fitting = fitting[: self.most - self.judged]
        self.judged += len(fitting)
        axis = np.asarray(costs[self.cost], np.float64)
        scores = np.asarray(costs[self.score], np.float64)
        return ScoredNetworks(rows[fitting], axis[fitting], scores[fitting])

    def _unseen(self, names: NDArray[np.uint64]) -> Indices:
        """Numbers of the first of each network that is new; they count as seen."""
        new: list[int] = []
        for number, name in enumerate(names.tolist()):
            if name not in self._seen:
                self._seen.add(name)
                new.append(number)
        return np.array(new, np.int64)

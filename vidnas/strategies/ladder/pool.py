"""Which of very many candidates is worth most? Evolution on what a model promises.

Nothing is trained here: thousands of candidates are breed, priced and judged, hard
limits hold exactly, and the best few of every band of cost live on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Bools, Floats, Indices
from vidnas.budgets.price import RowCosts
from vidnas.budgets.screen import Screen
from vidnas.space.searchable import Searchable
from vidnas.strategies.breeding import bred_rows, with_whole_stages
from vidnas.strategies.ladder.model import Model, View

BANDS = 24  # of cost, each of which keeps its best
KEPT = 4  # candidates of a band that live on
NEARLY = 0.9  # of a budget, from where what is dearer is not looked for
CLIMBS, CLIMBING, CLIMBED = 8, 24, 100  # rounds of looking; parents, children of each
REMEMBERED = 2000  # of the worthiest candidates


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """N candidates within the budgets, as the model sees and prices them.

    Args:
        rows: `[N, C]`.
        points: `[N, D']`.
        costs: [N]. On the ladder's axis.
        weights: [N]. Below 1 beyond a soft budget.
        names: [N]. Equal where networks are.
    """

    rows: Indices
    points: Floats
    costs: Floats
    weights: Floats
    names: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: Indices | Bools) -> "Pool":
        """Some of them, by number or flag."""
        return Pool(
            self.rows[at],
            self.points[at],
            self.costs[at],
            self.weights[at],
            self.names[at],
        )

    def without(self, other: "Pool") -> "Pool":
        """Those whose network is none of the others'."""
        return self[~np.isin(self.names, other.names)]

    def joined(self, other: "Pool") -> "Pool":
        """Both, each network once, the first of equal ones."""
        names = np.concatenate([self.names, other.names])
        _, first = np.unique(names, return_index=True)
        both = Pool(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.points, other.points]),
            np.concatenate([self.costs, other.costs]),
            np.concatenate([self.weights, other.weights]),
            names,
        )
        return both[np.sort(first)]


@dataclass(frozen=True, slots=True)
class Breeder:
    """Makes pools of a space.

    Args:
        space: Space of the candidates.
        screen: Refuses what breaks a budget.
        view: What the model sees of candidates.
        axis: The cost that makes the ladder.
        rng: The only source of randomness.
    """

    space: Searchable
    screen: Screen
    view: View
    axis: str
    rng: np.random.Generator

    @property
    def stages(self) -> tuple[Indices, ...]:
        """The columns of every choice that is made layer by layer."""
        return self.view.features.layers

    def priced(self, rows: Indices) -> Pool:
        """The candidates `[N, C]`, whatever they cost."""
        return self._pool(rows, self.screen.price_many(rows))

    def pool(self, rows: Indices) -> Pool:
        """Those of the candidates that meet rules and budgets, each network once."""
        rows = rows[self.space.many.meets(rows)]
        costs = self.screen.price_many(rows)
        whole = self._pool(rows, costs)
        fitting = np.flatnonzero(self.screen.fitting(costs))
        _, first = np.unique(whole.names[fitting], return_index=True)
        return whole[fitting[np.sort(first)]]

    def _pool(self, rows: Indices, costs: RowCosts) -> Pool:
        axis = np.asarray(costs[self.axis], np.float64)
        weights = self.screen.budgets.weights(costs)
        names = self.space.many.identities(rows)
        return Pool(rows, self.view(rows, costs), axis, weights, names)

    def children(self, parents: Pool, count: int) -> Pool:
        """Crossed in half of the cases, then changed in one to eight choices.

        In a quarter of them all layers of a stage then get one option.
        """
        many = self.space.many
        rows = bred_rows(many, parents.rows, count, self.rng)
        return self.pool(with_whole_stages(many, rows, self.stages, self.rng))


def worth_of(pool: Pool, model: Model) -> Floats:
    """[N]. What each candidate is expected to add.

    Beyond a soft budget it counts for less, as the weight of the budget says.
    """
    return model.worth(pool.points, pool.costs) * pool.weights


def best_of_bands(pool: Pool, worth: Floats) -> Indices:
    """Numbers of the `KEPT` worthiest in each band of log cost, the worthiest first."""
    order = np.argsort(-worth, kind="stable")
    logs = np.log(pool.costs)
    span = np.ptp(logs) or 1.0
    band = np.minimum((BANDS * (logs - logs.min()) / span).astype(np.int64), BANDS - 1)
    kept: list[int] = []
    taken = np.zeros(BANDS, np.int64)
    for number in order.tolist():
        if taken[band[number]] < KEPT:
            taken[band[number]] += 1
            kept.append(number)
    return np.array(kept, np.int64)


def evolve(
    breeder: Breeder,
    model: Model,
    start: Pool,
    elites: Pool,
    rounds: int,
    children: int,
) -> Pool:
    """The worthiest candidates found, the worthiest first.

    Args:
        breeder: Makes children.
        model: Says what a candidate is worth.
        start: First parents, none of which is known.
        elites: The best known for some budget; parents too, and never returned.
        rounds: Rounds of breeding.
        children: Candidates bred in each round.
    """
    pool, worth = start, worth_of(start, model)
    for _ in range(rounds):
        parents = elites
        if len(pool):
            parents = pool[best_of_bands(pool, worth)].joined(elites)
        born = breeder.children(parents, children).without(elites).without(pool)
        pool = pool.joined(born)
        worth = np.append(worth, worth_of(born, model))
        kept = np.argsort(-worth, kind="stable")[:REMEMBERED]
        pool, worth = pool[kept], worth[kept]
    return pool


def dearest(breeder: Breeder, drawn: Pool) -> float:
    """The most that a candidate costs on the ladder's axis within all budgets, about.

    Where a second limit binds, what is drawn ends far below the budget of the ladder.
    So what is dear is bred for more, until it is near that budget, for some rounds.

    Args:
        breeder: Makes children.
        drawn: Candidates within the budgets.
    """
    limits = breeder.screen.budgets.hard
    most = min((b.maximum for b in limits if b.name == breeder.axis), default=np.inf)
    pool, found = drawn, float(drawn.costs.max(initial=0.0))
    if most == np.inf:
        return found
    for _ in range(CLIMBS):
        if found >= NEARLY * most or not len(pool):
            break
        parents = pool[np.argsort(-pool.costs, kind="stable")[:CLIMBING]]
        pool = parents.joined(breeder.children(parents, CLIMBED))
        found = float(pool.costs.max())
    return found

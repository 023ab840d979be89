"""Regularised evolution over several objectives.

Source:
    Ageing: Real et al., arXiv 1802.01548. Rank and crowding: NSGA-II, Deb et al. 2002.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.core.budget import Budgets, Screen
from vidnas.core.errors import InfeasibleError
from vidnas.core.front import costs_of, crowding, ranks
from vidnas.core.space import Space
from vidnas.core.strategies.interface import (
    ATTEMPTS,
    Proposal,
    sample_admitted,
    sample_spread,
    screen_for,
)
from vidnas.core.trial import FLOPS, TOP1, Candidate, Objective, Trial


@dataclass(frozen=True, slots=True)
class Evolution:
    """Tournaments among the latest trials and the front, then cross and mutate.

    Args:
        start: Trials spread over log FLOPs before evolution begins.
        population: Latest done trials that may become parents, beside the front.
        tournament: Trials drawn per parent; the best by rank, then crowding, wins.
        cross: Probability of a second parent.
    """

    start: int = 12
    population: int = 24
    tournament: int = 3
    cross: float = 0.5

    def propose(
        self,
        space: Space,
        budgets: Budgets,
        trials: Sequence[Trial],
        rng: np.random.Generator,
        count: int,
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        screen = screen_for(space, budgets, trials)
        done = [trial for trial in trials if trial.state == "done"]
        flops = [trial.value("flops") for trial in trials]
        evolves = bool(done and space.choices)
        candidates: list[Candidate] = []
        while len(candidates) < count:
            try:
                if evolves and len(flops) >= self.start:
                    candidate = self._child(space, screen, done, rng)
                else:
                    candidate = sample_spread(space, screen, flops, rng)
            except InfeasibleError:
                break
            candidates.append(candidate)
            flops.append(budgets.price(space.decode(candidate)).flops)
        return Proposal(tuple(candidates), screen.refused)

    def _child(
        self,
        space: Space,
        screen: Screen,
        done: Sequence[Trial],
        rng: np.random.Generator,
    ) -> Candidate:
        parents = _Parents(self._living(done), rng, self.tournament)
        for _ in range(ATTEMPTS):
            child = parents.draw().candidate
            if rng.random() < self.cross:
                child = space.cross(child, parents.draw().candidate, rng)
            child = space.mutate(child, rng, changes=int(rng.integers(1, 4)))
            if screen.admits(child, rng):
                return child
        return sample_admitted(space, screen, rng)

    def _living(self, done: Sequence[Trial]) -> list[Trial]:
        """The latest trials, and the front, which ageing must not forget."""
        front = ranks(costs_of(done, OBJECTIVES)) == 0
        recent = max(0, len(done) - self.population)
        return [t for n, t in enumerate(done) if n >= recent or front[n]]


OBJECTIVES: tuple[Objective, ...] = (FLOPS, TOP1)


class _Parents:
    """Draws parents by tournament on rank, then crowding."""

    def __init__(
        self, living: Sequence[Trial], rng: np.random.Generator, size: int
    ) -> None:
        self._living = living
        self._rng = rng
        self._size = size
        costs = costs_of(living, OBJECTIVES)
        # FLOPs span decades: crowding is measured on their logarithm.
        costs[:, 0] = np.log(costs[:, 0])
        self._ranks = ranks(costs)
        self._crowding = crowding(costs)

    def draw(self) -> Trial:
        """The winner of one tournament."""
        drawn = self._rng.integers(len(self._living), size=self._size)
        best = min(drawn, key=lambda i: (self._ranks[i], -self._crowding[i]))
        return self._living[int(best)]

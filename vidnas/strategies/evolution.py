"""Regularised evolution over several objectives.

Source:
    Ageing: Real et al., arXiv 1802.01548. Rank and crowding: NSGA-II, Deb et al. 2002.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.parents import Parents, breed, rank_and_crowding
from vidnas.strategies.sampling import Start, propose_up_to
from vidnas.strategies.strategy import Proposal, SearchState
from vidnas.trials.trial import Trial


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
    cross: float = field(default=0.5, metadata={"maximum": 1.0})

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        space, screen, done = state.space, state.screen(), state.done
        start = Start(space, screen, state.networks)

        def candidate() -> Candidate:
            if done and space.choices and len(start) >= self.start:
                return self._child(space, screen, done, rng)
            return start.draw(rng)

        return propose_up_to(count, candidate, screen)

    def _child(
        self,
        space: Searchable,
        screen: Screen,
        done: Sequence[Trial],
        rng: np.random.Generator,
    ) -> Candidate:
        parents = Parents(self._living(done), rng, self.tournament)
        return breed(space, screen, parents.draw, rng, cross=self.cross, most_changes=3)

    def _living(self, done: Sequence[Trial]) -> list[Trial]:
        """The latest trials, and the front, which ageing must not forget."""
        front = rank_and_crowding(done)[0] == 0
        recent = max(0, len(done) - self.population)
        return [t for n, t in enumerate(done) if n >= recent or front[n]]

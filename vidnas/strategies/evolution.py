"""Regularised evolution over several objectives.

Source:
    Ageing: Real et al., arXiv 1802.01548. Rank and crowding: NSGA-II, Deb et al. 2002.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.strategies.parents import Parents, breed, rank_and_crowding
from vidnas.strategies.sampling import Start, propose_up_to
from vidnas.strategies.strategy import Proposal, SearchState
from vidnas.trials.objectives import Objectives
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
                return self._child(state, screen, rng)
            return start.draw(rng)

        return propose_up_to(count, candidate, screen)

    def _child(
        self, state: SearchState, screen: Screen, rng: np.random.Generator
    ) -> Candidate:
        living = self._living(state.done, state.objectives)
        parents = Parents(living, rng, self.tournament, state.objectives)
        return breed(
            state.space, screen, parents.draw, rng, cross=self.cross, most_changes=3
        )

    def _living(self, done: Sequence[Trial], objectives: Objectives) -> list[Trial]:
        """The latest trials, and the front, which ageing must not forget."""
        front = rank_and_crowding(done, objectives, 1)[0] == 0
        recent = max(0, len(done) - self.population)
        return [t for n, t in enumerate(done) if n >= recent or front[n]]

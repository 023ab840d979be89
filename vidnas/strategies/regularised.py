"""Regularised evolution for accuracy alone: what fits the budgets, as good as can be.

Source:
    Real et al., arXiv 1802.01548.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.space.candidate import Candidate
from vidnas.strategies.parents import breed
from vidnas.strategies.sampling import propose_up_to, sample_admitted
from vidnas.strategies.strategy import Proposal, SearchState
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Regularised:
    """The most accurate of a tournament among the latest trials is changed once.

    Args:
        population: Latest done trials that may become parents; as many begin, drawn
            uniformly.
        tournament: Trials drawn per parent.
    """

    population: int = 24
    tournament: int = 6

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        space, screen = state.space, state.screen()
        accuracy = state.objectives.accuracy.name
        living = state.done[-self.population :]
        evolves = bool(living and space.choices)
        evolves = evolves and len(state.networks) >= self.population

        def parent() -> Trial:
            drawn = rng.integers(len(living), size=self.tournament)
            return max((living[int(i)] for i in drawn), key=lambda t: t.value(accuracy))

        def candidate() -> Candidate:
            if not evolves:
                return sample_admitted(space, screen, rng)
            return breed(space, screen, parent, rng, cross=0.0, most_changes=1)

        return propose_up_to(count, candidate, screen)

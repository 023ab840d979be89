"""Regularised evolution for accuracy alone: what fits the budgets, as good as can be.

Source:
    Real et al., arXiv 1802.01548.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.parents import bred
from vidnas.strategies.sampling import proposed, sample_admitted, screen_for
from vidnas.strategies.strategy import Proposal
from vidnas.trials.fidelity_lift import comparable
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
        self,
        space: Searchable,
        budgets: Budgets,
        trials: Sequence[Trial],
        rng: np.random.Generator,
        count: int,
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        screen = screen_for(space, budgets, trials)
        networks = comparable(trials)
        living = [t for t in networks if t.state == "done"][-self.population :]
        evolves = bool(living and space.choices) and len(networks) >= self.population

        def parent() -> Trial:
            drawn = rng.integers(len(living), size=self.tournament)
            return max((living[int(i)] for i in drawn), key=lambda t: t.value("top1"))

        def candidate() -> Candidate:
            if not evolves:
                return sample_admitted(space, screen, rng)
            return bred(space, screen, parent, rng, cross=0.0, most_changes=1)

        return proposed(candidate, count, screen)

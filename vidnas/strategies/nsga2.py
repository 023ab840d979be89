"""NSGA-II without generations: each worker gets a child of the best so far.

Source:
    Deb et al. 2002; steady state: Durillo et al. 2009, which found it the better form
    where evaluations take unequal time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vidnas.space.candidate import Candidate
from vidnas.strategies.parents import Parents, breed, rank_and_crowding
from vidnas.strategies.sampling import Start, propose_up_to
from vidnas.strategies.strategy import Proposal, SearchState
from vidnas.trials.objectives import Objectives
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Nsga2:
    """Binary tournaments among the best by rank and crowding of all trials.

    Args:
        population: Trials that are parents; as many begin, spread over log FLOPs.
        cross: Probability of a second parent.
    """

    population: int = 20
    cross: float = field(default=0.9, metadata={"maximum": 1.0})

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        space, screen, done = state.space, state.screen(), state.done
        start = Start(space, screen, state.networks)
        parents = None
        if done:
            best = self._best(state.wanted, state.objectives)
            parents = Parents(best, rng, 2, state.objectives)

        def candidate() -> Candidate:
            if parents is None or not space.choices or len(start) < self.population:
                return start.draw(rng)
            draw, cross = parents.draw, self.cross
            return breed(space, screen, draw, rng, cross=cross, most_changes=3)

        return propose_up_to(count, candidate, screen)

    def _best(self, done: Sequence[Trial], objectives: Objectives) -> list[Trial]:
        ranks, crowding = rank_and_crowding(done, objectives, self.population)
        best = np.lexsort((-crowding, ranks))[: self.population]
        return [done[int(number)] for number in np.sort(best)]

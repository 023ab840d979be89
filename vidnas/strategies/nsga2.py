"""NSGA-II without generations: each worker gets a child of the best so far.

Source:
    Deb et al. 2002; steady state: Durillo et al. 2009, which found it the better form
    where evaluations take unequal time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.parents import Parents, bred, standing
from vidnas.strategies.sampling import Start, proposed, screen_for
from vidnas.strategies.strategy import Proposal
from vidnas.trials.fidelity_lift import comparable
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
        done = [trial for trial in networks if trial.state == "done"]
        start = Start(space, screen, networks)
        parents = Parents(self._best(done), rng, 2) if done else None

        def candidate() -> Candidate:
            if parents is None or not space.choices or len(start) < self.population:
                return start.draw(rng)
            draw, cross = parents.draw, self.cross
            return bred(space, screen, draw, rng, cross=cross, most_changes=3)

        return proposed(candidate, count, screen)

    def _best(self, done: Sequence[Trial]) -> list[Trial]:
        ranks, crowding = standing(done)
        best = np.lexsort((-crowding, ranks))[: self.population]
        return [done[int(number)] for number in np.sort(best)]

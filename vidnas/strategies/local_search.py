"""Local search: the neighbours of the front, one changed choice away.

Source:
    White et al., arXiv 2005.02960, for one objective; for a front: Pareto local search,
    Paquete et al. 2004.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.budgets.one_choice_away import neighbours
from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.parents import rank_and_crowding
from vidnas.strategies.sampling import Start, propose_up_to, sample_admitted
from vidnas.strategies.strategy import Proposal, SearchState
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class LocalSearch:
    """Untried neighbours of members of the front; where none is left, a sample.

    Args:
        start: Trials spread over log FLOPs before the first neighbours.
    """

    start: int = 12

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        space, screen, done = state.space, state.screen(), state.done
        start = Start(space, screen, state.networks)
        front = [
            t
            for t, rank in zip(
                done, rank_and_crowding(done, state.objectives, 1)[0], strict=True
            )
            if not rank
        ]

        def candidate() -> Candidate:
            if front and len(start) >= self.start:
                found = _neighbour(space, screen, front, rng)
                return found or sample_admitted(space, screen, rng)
            return start.draw(rng)

        return propose_up_to(count, candidate, screen)


def _neighbour(
    space: Searchable, screen: Screen, front: Sequence[Trial], rng: np.random.Generator
) -> Candidate | None:
    """An untried neighbour of a member drawn from the front, or None."""
    for number in rng.permutation(len(front)):
        rows = neighbours(space, front[int(number)].candidate)
        rows = rows[screen.fits_many(rows)]
        for row in rng.permutation(len(rows)):
            candidate = tuple(rows[int(row)].tolist())
            if screen.admits(candidate, rng):
                return candidate
    return None

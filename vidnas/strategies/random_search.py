"""Random search: the yardstick for every other strategy."""

from dataclasses import dataclass

import numpy as np

from vidnas.space.candidate import Candidate
from vidnas.strategies.sampling import (
    propose_up_to,
    sample_admitted,
    sample_stratified,
)
from vidnas.strategies.strategy import Proposal, SearchState


@dataclass(frozen=True, slots=True)
class Random:
    """Uniform per choice, depth included, within the budgets.

    Args:
        stratified: Uniform in log FLOPs instead: small and large networks are drawn as
            often as middling ones.
    """

    stratified: bool = False

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        space, screen = state.space, state.screen()
        sample = sample_stratified if self.stratified else sample_admitted

        def candidate() -> Candidate:
            return sample(space, screen, rng)

        return propose_up_to(count, candidate, screen)

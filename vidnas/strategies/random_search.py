"""Random search: the yardstick for every other strategy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.sampling import (
    proposed,
    sample_admitted,
    sample_stratified,
    screen_for,
)
from vidnas.strategies.strategy import Proposal
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Random:
    """Uniform per choice, depth included, within the budgets.

    Args:
        stratified: Uniform in log FLOPs instead: small and large networks are drawn as
            often as middling ones.
    """

    stratified: bool = False

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
        sample = sample_stratified if self.stratified else sample_admitted

        def candidate() -> Candidate:
            return sample(space, screen, rng)

        return proposed(candidate, count, screen)

"""Random search: the yardstick for every other strategy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.core.budget import Budgets
from vidnas.core.errors import InfeasibleError
from vidnas.core.space import Space
from vidnas.core.strategies.interface import (
    Proposal,
    sample_admitted,
    screen_for,
)
from vidnas.core.trial import Candidate, Trial


@dataclass(frozen=True, slots=True)
class Random:
    """Uniform per choice, depth included, within the budgets."""

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
        candidates: list[Candidate] = []
        while len(candidates) < count:
            try:
                candidates.append(sample_admitted(space, screen, rng))
            except InfeasibleError:
                break
        return Proposal(tuple(candidates), screen.refused)

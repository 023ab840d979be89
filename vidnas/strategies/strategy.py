"""What does every strategy promise?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from vidnas.arrays import Floats
from vidnas.budgets.budget import Budgets
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Proposal:
    """Candidates to train next.

    Args:
        candidates: Within the budgets, new to the study, different from one another.
            Fewer than asked for when the space is exhausted.
        refused: How many candidates each budget refused on the way.
    """

    candidates: tuple[Candidate, ...]
    refused: Counter[str] = field(default_factory=Counter)


class Strategy(Protocol):
    """Proposes candidates from the trials so far; remembers nothing between calls."""

    def propose(
        self,
        space: Searchable,
        budgets: Budgets,
        trials: Sequence[Trial],
        rng: np.random.Generator,
        count: int,
    ) -> Proposal:
        """Up to `count` new candidates.

        Args:
            space: What can be searched.
            budgets: Hard limits, which nothing proposed breaks, and soft ones, beyond
                which candidates are proposed as much less often as their weight says.
            trials: All trials of the study, running and failed ones included.
            rng: The only source of randomness.
            count: How many candidates are wanted.
        """
        ...


@runtime_checkable
class Promising(Strategy, Protocol):
    """A strategy that also says which networks are worth a dearer training."""

    def promise(
        self,
        space: Searchable,
        budgets: Budgets,
        trials: Sequence[Trial],
        rng: np.random.Generator,
        waiting: Sequence[Trial],
        fidelity: Fidelity,
    ) -> Floats:
        """[N]. What training each of N networks in full promises; the most goes first.

        Args:
            space: What can be searched.
            budgets: Hard and soft limits.
            trials: All trials of the study, running and failed ones included.
            rng: The only source of randomness.
            waiting: N done trials at a cheaper fidelity.
            fidelity: The full one.
        """
        ...

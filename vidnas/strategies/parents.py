"""Who becomes a parent, and what are its children? Shared by all evolution here."""

from collections.abc import Callable, Sequence

import numpy as np

from vidnas.arrays import Floats, Ints
from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.statistics.fronts.dominance import crowding, ranks
from vidnas.strategies.sampling import ATTEMPTS, sample_admitted
from vidnas.trials.front import costs_of
from vidnas.trials.objectives import Objectives
from vidnas.trials.trial import Trial

Draw = Callable[[], Trial]


def rank_and_crowding(
    trials: Sequence[Trial], objectives: Objectives, enough: int | None = None
) -> tuple[Ints, Floats]:
    """Rank and crowding of done trials over log costs and accuracy, each [N].

    Args:
        trials: Done trials.
        objectives: What the study improves.
        enough: Number of the first trials that must be told apart by rank; None for
            all.

    Source:
        NSGA-II, Deb et al. 2002.
    """
    costs = costs_of(trials, objectives.each)
    for column in costs.T[:-1]:
        # Costs span decades: crowding is measured on their logarithm.
        if (column > 0.0).all():
            column[:] = np.log(column)
    return ranks(costs, enough), crowding(costs)


class Parents:
    """Draws parents by tournament on rank, then crowding.

    Args:
        living: Done trials.
        rng: The only source of randomness.
        size: Trials of a tournament.
        objectives: What the study improves.
    """

    def __init__(
        self,
        living: Sequence[Trial],
        rng: np.random.Generator,
        size: int,
        objectives: Objectives,
    ) -> None:
        self._living = living
        self._rng = rng
        self._size = size
        self._ranks, self._crowding = rank_and_crowding(living, objectives)

    def draw(self) -> Trial:
        """The winner of one tournament."""
        drawn = self._rng.integers(len(self._living), size=self._size)
        best = min(drawn, key=lambda i: (self._ranks[i], -self._crowding[i]))
        return self._living[int(best)]


def breed(
    space: Searchable,
    screen: Screen,
    draw: Draw,
    rng: np.random.Generator,
    *,
    cross: float,
    most_changes: int,
) -> Candidate:
    """A child that the screen admits; where none is found, a sample.

    Args:
        space: Space of the candidates.
        screen: Refuses what is known or breaks a budget.
        draw: Gives a parent.
        rng: The only source of randomness.
        cross: Probability of a second parent.
        most_changes: Choices that are redrawn, at most; at least one is.

    Raises:
        InfeasibleError: no candidate is left.
    """
    for _ in range(ATTEMPTS):
        child = draw().candidate
        if rng.random() < cross:
            child = space.cross(child, draw().candidate, rng)
        changes = int(rng.integers(1, most_changes + 1))
        child = space.mutate(child, rng, changes=changes)
        if screen.admits(child, rng):
            return child
    return sample_admitted(space, screen, rng)

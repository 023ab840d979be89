"""How firmly does each size of a family stand? And what would repeats settle?

In draws of the accuracies within their noise, a size may take another network, and a
bigger network may be no better than the one below. Training such networks again tells
them apart where it is the seed that hides their difference; where it is the number of
validation clips, no number of repeats does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.statistics.proportion import Z95
from vidnas.trials.family import Size, is_within_smaller
from vidnas.trials.noise.membership import Doubt
from vidnas.trials.objectives import SEED_ERROR, SEEDS, Accuracy, Objectives
from vidnas.trials.trial import Trial

FIRM = 0.9  # share of draws in which a size that is not in doubt stays
RIVAL = 0.1  # share of draws in which it takes another, from which on that is named
MOST_SEEDS = 20  # that anybody is told to train


@dataclass(frozen=True, slots=True)
class SizeDoubt:
    """How firmly a size stands.

    Args:
        name: Name of the size.
        stays: Share of draws in which it takes the same network; None where noise is
            not known.
        rivals: Trials that it takes in at least a tenth of the draws, and the share of
            each, the likeliest first.
        within_error_of: Name of the next smaller filled size that its network is not
            surely better than; empty for none.
        seeds: Trainings of each that would tell its network and the likeliest rival
            apart, if they are as different as measured; 0 where none would, None where
            nothing is to be settled or the noise of seeds is not known.
    """

    name: str
    stays: float | None = None
    rivals: tuple[tuple[Trial, float], ...] = ()
    within_error_of: str = ""
    seeds: int | None = None

    @property
    def is_firm(self) -> bool:
        """Whether there is nothing to settle."""
        return self.stays is None or self.stays >= FIRM

    @property
    def words(self) -> str:
        """`within error of a0; in 31 % of draws trial 12`, or nothing."""
        near = f"within error of {self.within_error_of}" if self.within_error_of else ""
        others = ", ".join(
            f"trial {trial.label} in {100 * share:.0f} %"
            for trial, share in self.rivals
        )
        return "; ".join(filter(None, (near, others and f"else {others} of draws")))


def family_doubt(
    sizes: Sequence[Size], doubt: Doubt, objectives: Objectives
) -> tuple[SizeDoubt, ...]:
    """How firmly each size of a family stands, in the order of the sizes.

    Args:
        sizes: Family of a study.
        doubt: Draws of the study's accuracies.
        objectives: Objectives of the study.
    """
    found, below = [], None
    for size in sizes:
        if size.trial is None:
            found.append(SizeDoubt(size.name))
            continue
        near = ""
        if below is not None and below.trial is not None:
            surely = is_surely_better(size.trial, below.trial, objectives.accuracy)
            near = below.name if surely is False else ""
        stays, rivals = _taken(size, size.trial, doubt)
        seeds = None
        if rivals and stays is not None and stays < FIRM:
            seeds = seeds_needed(size.trial, rivals[0][0], objectives.accuracy)
        found.append(SizeDoubt(size.name, stays, rivals, near, seeds))
        below = size
    return tuple(found)


def is_surely_better(one: Trial, other: Trial, accuracy: Accuracy) -> bool | None:
    """Whether the 95 % interval of a difference lies above 0; None where not known.

    Source:
        Newcombe 1998, Statistics in Medicine 17, method 10; any intervals in place of
        Wilson's.
    """
    first, second = accuracy.interval(one), accuracy.interval(other)
    if first is None or second is None:
        return None
    value, than = one.value(accuracy.name), other.value(accuracy.name)
    return value - than > math.hypot(value - first[0], second[1] - than)


def seeds_needed(one: Trial, other: Trial, accuracy: Accuracy) -> int | None:
    """Trainings of each of two networks that would tell them apart.

    If they are as different as measured, and clips tell what they tell now.

    Returns:
        Trainings; 0 where the clips are too few for any number, or it is beyond
        reason; None where the noise of seeds is not known.
    """
    error = f"{accuracy.name}{SEED_ERROR}"
    variances = [accuracy.variance_of(trial.measured) for trial in (one, other)]
    if None in variances or error not in one.measured or error not in other.measured:
        return None
    of_seed = [trial.measured[error] ** 2 for trial in (one, other)]
    of_clips = sum(v for v in variances if v is not None) - sum(of_seed)
    single = of_seed[0] * one.measured.get(SEEDS, 1.0)  # of one training
    gap = one.value(accuracy.name) - other.value(accuracy.name)
    left = (gap / Z95) ** 2 - of_clips
    if left <= 0 or 2 * single / left > MOST_SEEDS:
        return 0
    return max(2, math.ceil(2 * single / left))


def settling_text(
    doubts: Sequence[SizeDoubt], sizes: Sequence[Size], study: str, clips: int
) -> str:
    """Which trials to repeat to settle the sizes in doubt; nothing where none is.

    Args:
        doubts: How firmly each size stands.
        sizes: The sizes.
        study: Study, as a command names it.
        clips: Number of validation clips; 0 where that is not known.
    """
    again: dict[int, None] = {}
    seeds, hopeless = 3, []
    for size, doubt in zip(sizes, doubts, strict=True):
        if doubt.is_firm or size.trial is None or not doubt.rivals:
            continue
        if doubt.seeds == 0:
            hopeless.append(size.name)
            continue
        rivals = [trial.number for trial, _ in doubt.rivals]
        again |= dict.fromkeys([size.trial.number, *rivals])
        seeds = max(seeds, doubt.seeds or 0)
    lines = []
    if again:
        numbers = ",".join(str(number) for number in again if number >= 0)
        lines.append(
            f"to settle sizes in doubt: vidnas repeat {study} --trials {numbers} "
            f"--seeds {seeds}"
        )
    if hopeless:
        of = f"{clips} validation clips are" if clips else "Validation clips are"
        lines.append(
            f"{of} too few to settle {', '.join(hopeless)}, however often networks are "
            "repeated"
        )
    return "\n".join(lines)


def _taken(
    size: Size, chosen: Trial, doubt: Doubt
) -> tuple[float | None, tuple[tuple[Trial, float], ...]]:
    """Share of draws in which a size takes its trial, and those of its rivals."""
    inside = [n for n, trial in enumerate(doubt.trials) if size.takes(trial)]
    below = [
        n
        for n, trial in enumerate(doubt.trials)
        if is_within_smaller(size.limits, trial.value)
    ]
    if not inside:
        return None, ()
    draws = doubt.draws[:, inside]
    best = np.argmax(draws, axis=1)
    at_least = doubt.draws[:, below].max(axis=1, initial=-np.inf)
    is_filled = draws.max(axis=1) >= at_least
    counts = np.bincount(best[is_filled], minlength=len(inside))
    shares = counts / len(draws)
    stays, rivals = 0.0, []
    for n, share in sorted(zip(inside, shares.tolist(), strict=True), key=_by_share):
        trial = doubt.trials[n]
        if trial.number == chosen.number:
            stays = share
        elif share >= RIVAL:
            rivals.append((trial, share))
    return stays, tuple(rivals)


def _by_share(found: tuple[int, float]) -> tuple[float, int]:
    return -found[1], found[0]

"""How much does the seed of a training change its result? Told by repeated trainings.

The spread among trainings of one network is taken to be that of every network, so the
repeats of a few say it for all.
"""

import math
from collections.abc import Sequence

import numpy as np

# Fewer degrees of freedom say so little that intervals would hold nearly everything.
LEAST_FREEDOM = 4


def spread_within(groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Standard deviation within groups, and its degrees of freedom.

    Args:
        groups: Results of each network, one a training.

    Returns:
        The spread in the unit of the results, 0 without degrees of freedom; and these.

    Source:
        Pooled variance of a one-way analysis of variance.
    """
    repeated = [np.asarray(group, np.float64) for group in groups if len(group) > 1]
    freedom = sum(len(group) - 1 for group in repeated)
    if not freedom:
        return 0.0, 0
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in repeated)
    return math.sqrt(squares / freedom), freedom


def widened(
    value: float, interval: tuple[float, float], margin: float
) -> tuple[float, float]:
    """An interval of one kind of noise, widened by an independent other one.

    Args:
        value: What the interval is of.
        interval: Its limits by the first kind alone.
        margin: Half the width of an interval by the second kind alone.

    Source:
        Zou and Donner 2008, Statistics in Medicine 27: limits of a sum recovered from
        those of its parts.
    """
    low, high = (math.hypot(value - limit, margin) for limit in interval)
    return value - low, value + high

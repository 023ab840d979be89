"""How sure is a measured share? Wilson's interval for a proportion."""

import math
from statistics import NormalDist

Z95 = 1.959964  # standard normal quantile of 97.5 %


def normal_quantile(level: float) -> float:
    """What a normal number stays within, to both sides, with a probability.

    Args:
        level: The probability, above 0 and below 1.
    """
    return Z95 if level == 0.95 else NormalDist().inv_cdf(0.5 + level / 2)


def wilson(percent: float, count: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share of `count` clips, both in percent.

    Args:
        percent: Measured share [%], from 0 to 100.
        count: Number of clips that it was measured on, at least 1.
        level: Share of such intervals that shall hold the true share.

    Source:
        Wilson 1927; holds for small counts and shares near 0 or 100 %.
    """
    share, z = percent / 100.0, normal_quantile(level)
    spread = z * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    centre = share + z**2 / (2 * count)
    scale = 1 + z**2 / count
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return 100.0 * max(0.0, low), 100.0 * min(1.0, high)

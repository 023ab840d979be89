"""How sure is a measured share? Wilson's interval for a proportion."""

import math

Z95 = 1.959964  # standard normal quantile of 97.5 %


def wilson(percent: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` clips, both in percent.

    Args:
        percent: Measured share [%], from 0 to 100.
        count: Number of clips that it was measured on, at least 1.

    Source:
        Wilson 1927; holds for small counts and shares near 0 or 100 %.
    """
    share = percent / 100.0
    spread = Z95 * math.sqrt(share * (1 - share) / count + (Z95 / (2 * count)) ** 2)
    centre = share + Z95**2 / (2 * count)
    scale = 1 + Z95**2 / count
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return 100.0 * max(0.0, low), 100.0 * min(1.0, high)

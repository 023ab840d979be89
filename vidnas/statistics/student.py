"""How wide is an interval from few samples? Quantiles of Student's t."""

import math
from operator import truediv
from statistics import NormalDist

_HALVINGS = 60  # to the last digit of a float


def student_quantile(share: float, freedom: int) -> float:
    """The value that a t-distributed number stays below with a probability.

    Args:
        share: The probability, above 0 and below 1.
        freedom: Degrees of freedom, at least 4; see `exact_quantile` for fewer.

    Source:
        Cornish and Fisher's expansion, Abramowitz and Stegun 26.7.5; within 1 % from
        4 degrees of freedom on for shares up to 0.995.
    """
    z = NormalDist().inv_cdf(share)
    terms: tuple[float, ...] = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    powers = (float(freedom) ** n for n in range(1, len(terms) + 1))
    return float(z + sum(map(truediv, terms, powers)))


def exact_quantile(share: float, freedom: int) -> float:
    """The same without an expansion, for any share and few degrees of freedom.

    Args:
        share: The probability, above 0 and below 1.
        freedom: Degrees of freedom, at least 1.

    Source:
        The distribution as a finite sum, Abramowitz and Stegun 26.7.3 and 26.7.4,
        inverted by halving.
    """
    low, high = 0.0, math.pi / 2  # angle whose tangent is t / sqrt(freedom)
    within = abs(2.0 * share - 1.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _share_within(middle, freedom) < within:
            low = middle
        else:
            high = middle
    return math.copysign(math.sqrt(freedom) * math.tan(low), share - 0.5)


def _share_within(angle: float, freedom: int) -> float:
    """Probability that t lies between -x and x, where x is `tan(angle)` times sqrt."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for power in range(1 + odd, freedom, 2):
        total += term
        term *= cosine * cosine * power / (power + 1)
    return 2.0 / math.pi * (angle + sine * total) if odd else sine * total

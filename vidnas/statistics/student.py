"""How wide is an interval from few samples? Quantiles of Student's t."""

from operator import truediv
from statistics import NormalDist


def student_quantile(share: float, freedom: int) -> float:
    """The value that a t-distributed number stays below with a probability.

    Args:
        share: The probability, above 0 and below 1.
        freedom: Degrees of freedom, at least 4; below, the series is too short.

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

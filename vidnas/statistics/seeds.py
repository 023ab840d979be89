"""How sure is a mean over few seeds, and is one mean above another? Student, Welch."""

import math
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats
from vidnas.statistics.student import exact_quantile

FREEDOM = 200  # degrees of freedom beyond which nothing changes any more


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over seeds.

    Args:
        value: Mean of the seeds' values.
        half: Half of its interval; None of a single seed, which shows no spread.
        seeds: Number of values.
    """

    value: float
    half: float | None
    seeds: int

    @property
    def limits(self) -> tuple[float, float] | None:
        """The ends of the interval; None where it is not known."""
        if self.half is None:
            return None
        return self.value - self.half, self.value + self.half


def mean_over_seeds(values: Floats, level: float = 0.95) -> Mean:
    """The mean of one value a seed, with Student's interval.

    Args:
        values: Value of each seed, `[R]`, at least one.
        level: Share of such intervals that shall hold the true mean.
    """
    value, seeds = float(np.mean(values)), len(values)
    if seeds < 2:
        return Mean(value, None, seeds)
    error = math.sqrt(_variance_of_mean(values))
    return Mean(value, _quantile(level, seeds - 1) * error, seeds)


def halves_over_seeds(values: Floats, level: float = 0.95) -> Floats:
    """Half of Student's interval of each column's mean, `[G]`; NaN of one seed.

    Args:
        values: One row a seed, `[R, G]`.
        level: Share of such intervals that shall hold the true mean, each by itself.
    """
    seeds = len(values)
    if seeds < 2:
        return np.full(values.shape[1], np.nan)
    errors: Floats = values.std(axis=0, ddof=1) / math.sqrt(seeds)
    return _quantile(level, seeds - 1) * errors


def difference_of_means(ours: Floats, theirs: Floats, level: float = 0.95) -> Mean:
    """Our mean less theirs, with Welch's interval.

    Seeds are not paired: with workers that end in an order of their own, the same seed
    brings no two searches nearer to each other.

    Args:
        ours: Values of our seeds, `[R]`.
        theirs: Values of their seeds, of any number.
        level: Share of such intervals that shall hold the true difference.

    Source:
        Welch 1947, with Satterthwaite's degrees of freedom, rounded down.
    """
    value = float(np.mean(ours) - np.mean(theirs))
    seeds = min(len(ours), len(theirs))
    if seeds < 2:
        return Mean(value, None, seeds)
    variances = _variance_of_mean(ours), _variance_of_mean(theirs)
    total = sum(variances)
    if not total:
        return Mean(value, 0.0, seeds)
    parts = (
        v**2 / (len(x) - 1) for v, x in zip(variances, (ours, theirs), strict=True)
    )
    freedom = max(1, math.floor(total**2 / sum(parts) + 1e-9))
    return Mean(value, _quantile(level, freedom) * math.sqrt(total), seeds)


def _variance_of_mean(values: Floats) -> float:
    """Variance of the mean of a seed's value; 0 where rounding alone tells apart."""
    spread = float(np.ptp(values))
    if spread <= 1e-12 * float(np.abs(values).max()):
        return 0.0
    return float(np.var(values, ddof=1)) / len(values)


def _quantile(level: float, freedom: int) -> float:
    return exact_quantile((1.0 + level) / 2.0, min(freedom, FREEDOM))

"""How much does a share of variance really explain? Fisher's F, central or not.

An F that was found is large because there is an effect, or by luck. Where there is an
effect F is not central, and the noncentralities that could well have given it are the
interval of the effect.
"""

import math
from statistics import NormalDist

import numpy as np

from vidnas.arrays import Floats

TINY = 1e-300
ENOUGH = 1e-14  # relative change at which a continued fraction ends
FRACTIONS = 500  # terms of it, at most
HALVINGS = 60
LARGE = 20_000.0  # noncentrality from which on a normal number stands for the mixture


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: the share of a beta below `x`.

    Args:
        x: Place from 0 to 1.
        a: First parameter, above 0.
        b: Second parameter, above 0.

    Source:
        Lentz's method for the continued fraction, Abramowitz and Stegun 26.5.8.
    """
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges fast on this side
        return 1.0 - incomplete_beta(1.0 - x, b, a)
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    found = d
    for m in range(1, FRACTIONS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + step * d)
            c = _away_from_zero(1.0 + step / c)
            found *= c * d
        if abs(c * d - 1.0) < ENOUGH:
            break
    return math.exp(_log_term(x, a, b)) * found


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY


def _log_term(x: float, a: float, b: float) -> float:
    """Logarithm of `x^a (1 - x)^b / (a B(a, b))`."""
    scale = math.lgamma(a + b) - math.lgamma(a + 1.0) - math.lgamma(b)
    return scale + a * math.log(x) + b * math.log1p(-x)


def upper_tail(f: float, of_effect: int, of_error: int) -> float:
    """Probability that an F without any effect is larger than this one.

    Args:
        f: F that was found, at least 0.
        of_effect: Degrees of freedom of the effect.
        of_error: Degrees of freedom of the error.
    """
    x = of_error / (of_error + of_effect * f)
    return incomplete_beta(x, of_error / 2, of_effect / 2)


def noncentrality_interval(
    f: float, of_effect: int, of_error: int, level: float = 0.95
) -> tuple[float, float]:
    """Noncentralities under which an F is neither too large nor too small.

    Args:
        f: F that was found, at least 0.
        of_effect: Degrees of freedom of the effect.
        of_error: Degrees of freedom of the error.
        level: Share of such intervals that hold the true one.

    Source:
        Steiger 2004, Beyond the F test; the distribution is Abramowitz and Stegun's
        26.6.20, a Poisson mixture of beta functions.
    """
    if of_effect * f > LARGE:
        return _large(of_effect * f, of_error, level)
    most = 4.0 * (of_effect * f + of_effect + 16.0 * (1.0 + of_effect * f) ** 0.5)
    below = _below(f, of_effect, of_error, int(most / 2 + 8.0 * (most / 2) ** 0.5) + 40)
    tail = 0.5 * (1.0 - level)
    return _solved(below, 1.0 - tail, most), _solved(below, tail, most)


def _large(size: float, of_error: int, level: float) -> tuple[float, float]:
    """The interval of a large noncentrality, by Wilson and Hilferty's cube root."""
    z = NormalDist().inv_cdf(0.5 + 0.5 * level)
    bend = 2.0 / (9.0 * of_error)
    spread = z * (bend + 4.0 / (9.0 * size)) ** 0.5
    return (
        size * max(1.0 - bend - spread, 0.0) ** 3,
        size * (1.0 - bend + spread) ** 3,
    )


def _below(f: float, of_effect: int, of_error: int, terms: int) -> Floats:
    """[J]. Share below `f`, as if with 0, 2, 4 ... more degrees of the effect."""
    x = of_effect * f / (of_effect * f + of_error)
    if x <= 0.0:
        return np.zeros(terms)
    a, b = of_effect / 2, of_error / 2
    steps = np.array([math.exp(_log_term(x, a + j, b)) for j in range(terms - 1)])
    first = incomplete_beta(x, a, b)
    shares = np.concatenate([[first], first - np.cumsum(steps)])
    return np.asarray(np.maximum(shares, 0.0), np.float64)


def _solved(below: Floats, wanted: float, most: float) -> float:
    """The noncentrality under which the share below F is `wanted`; 0 where none is."""
    numbers = np.arange(len(below))
    logs = np.concatenate([[0.0], np.cumsum(np.log(numbers[1:]))])
    if below[0] <= wanted:
        return 0.0
    low, high = 0.0, most
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        rate = 0.5 * middle
        weights = np.exp(numbers * math.log(rate) - rate - logs)
        if float(weights @ below) > wanted:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)

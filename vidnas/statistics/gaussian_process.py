"""What does a Gaussian process say of what was not measured? A mean and a deviation.

A smooth part, a linear and a curved one, and noise. Each feature has a length scale,
which says how much it matters in all three; all are found by maximising the posterior
of what was measured.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats

STEPS = 30  # of the search for scales
ENOUGH = 300  # values that tell the scales; more take long and change them little
SQRT5 = 5.0**0.5
# Prior means and deviations of the logarithms of signal, linear part, curved part and
# noise, each a variance, of values with variance 1.
PRIORS = np.array([[0.0, 1.0], [-1.0, 1.5], [-1.0, 1.5], [-4.0, 1.5]])
LENGTH_DEVIATION = 0.6
JITTER = 1e-6
BENT = 6.0  # the most that a squared feature counts, so that no rare value rules


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """What a process is made of.

    Args:
        lengths: [D]. Distance in each feature over which values are alike.
        signal: Variance of the smooth part.
        linear: Variance of the linear part.
        curved: Variance of the part that is linear in squares: an optimum within.
        noise: Variance of a measurement.
    """

    lengths: Floats
    signal: float
    linear: float
    curved: float
    noise: float

    @classmethod
    def of(cls, logs: Floats) -> "Scales":
        """Those of a vector of logarithms, [D + 4]."""
        signal, linear, curved, noise = np.exp(logs[-4:]).tolist()
        return cls(np.exp(logs[:-4]), signal, linear, curved, noise)


@dataclass(frozen=True, slots=True, eq=False)
class Gaussian:
    """A process that knows N points; `fit` makes one.

    Args:
        points: `[N, D]`, each feature with deviation 1.
        values: [N].
        scales: Of the process.
        whitening: `[N, N]`. Inverse of the Cholesky factor of the covariance of the
            measurements.
        weights: [N]. Solution of the covariance and the values.
    """

    points: Floats
    values: Floats
    scales: Scales
    whitening: Floats
    weights: Floats

    @classmethod
    def given(cls, points: Floats, values: Floats, scales: Scales) -> "Gaussian":
        """The process of these scales that knows some values.

        Args:
            points: `[N, D]`.
            values: [N].
            scales: Of the process.
        """
        covariance = _covariance(points, points, scales)
        covariance[np.diag_indices_from(covariance)] += scales.noise + JITTER
        lower = np.linalg.cholesky(covariance)
        whitening = np.asarray(np.linalg.inv(lower), np.float64)
        weights = whitening.T @ (whitening @ values)
        return cls(points, values, scales, whitening, weights)

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation, without noise, of M points, each [M].

        Args:
            points: `[M, D]`.
        """
        shared = _covariance(self.points, points, self.scales)
        own = _variance(points, self.scales)
        known = self.whitening @ shared
        variance = own - (known**2).sum(axis=0)
        return shared.T @ self.weights, np.sqrt(np.maximum(variance, 1e-12))

    def mean(self, points: Floats) -> Floats:
        """[M]. The mean alone, which takes a part of the time.

        Args:
            points: `[M, D]`.
        """
        shared = _covariance(self.points, points, self.scales)
        means: Floats = shared.T @ self.weights
        return means

    def believing(self, points: Floats, values: Floats) -> "Gaussian":
        """The process of the same scales that knows M more values.

        Args:
            points: `[M, D]`.
            values: [M].
        """
        points = np.concatenate([self.points, points])
        values = np.concatenate([self.values, values])
        return Gaussian.given(points, values, self.scales)


def typical_length(features: int) -> float:
    """The length scale to expect of each of so many features of deviation 1.

    Source:
        Hvarfner et al., arXiv 2402.02229: it grows with the root of their number.
    """
    return float(np.exp(2.0**0.5) * features**0.5)


def fit(points: Floats, values: Floats, steps: int = STEPS) -> Gaussian:
    """The process whose scales explain the values best.

    Of more than `ENOUGH` values, so many, evenly over their order, tell the scales.

    Args:
        points: `[N, D]`, each feature with deviation 1.
        values: [N], with mean 0 and variance about 1.
        steps: Of the search for the scales.

    Source:
        Rprop, as Blum and Riedmiller 2013 use it for Gaussian processes.
    """
    features = points.shape[1]
    priors = np.empty((features + 4, 2))
    priors[:features] = (np.log(typical_length(features)), LENGTH_DEVIATION)
    priors[features:] = PRIORS
    logs = priors[:, 0].copy()
    best, most = logs, -np.inf
    width, before = np.full(len(logs), 0.2), np.zeros(len(logs))
    count = min(len(points), ENOUGH)
    told = np.arange(count) * len(points) // count  # evenly: they come in an order
    for _ in range(steps):
        posterior, slope = _posterior(points[told], values[told], logs, priors)
        if posterior > most:
            best, most = logs, posterior
        same = slope * before
        width = np.clip(np.where(same < 0, 0.5, 1.2) * width, 1e-3, 0.6)
        slope = np.where(same < 0, 0.0, slope)
        before = slope
        logs = logs + np.sign(slope) * width
    return Gaussian.given(points, values, Scales.of(best))


def _posterior(
    points: Floats, values: Floats, logs: Floats, priors: Floats
) -> tuple[float, Floats]:
    """Logarithm of the posterior of scales, up to a constant, and its gradient."""
    scales = Scales.of(logs)
    smooth, steep = _smooth(points, points, scales)
    straight, bent = _straight(points, scales), _bent(points, scales)
    linear = scales.linear * (1.0 + straight @ straight.T)
    curved = scales.curved * (bent @ bent.T)
    covariance = smooth + linear + curved
    covariance[np.diag_indices_from(covariance)] += scales.noise + JITTER
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return -np.inf, priors[:, 0] - logs
    inverse = np.linalg.inv(covariance)
    weights = inverse @ values
    likelihood = -0.5 * values @ weights - np.log(np.diag(lower)).sum()
    # Half of the trace of this times a derivative is the slope along it.
    outer = np.outer(weights, weights) - inverse
    pulled = outer * steep
    apart = pulled.sum(axis=1) @ points**2 - (points * (pulled @ points)).sum(axis=0)
    slope = np.empty(len(logs))
    slope[:-4] = (
        apart / scales.lengths**2
        - scales.linear * ((outer @ straight) * straight).sum(axis=0)
        - scales.curved * ((outer @ bent) * bent).sum(axis=0)
    )
    slope[-4] = 0.5 * (outer * smooth).sum()
    slope[-3] = 0.5 * (outer * linear).sum()
    slope[-2] = 0.5 * (outer * curved).sum()
    slope[-1] = 0.5 * scales.noise * np.trace(outer)
    distance = (logs - priors[:, 0]) / priors[:, 1]
    return float(likelihood - 0.5 * distance @ distance), slope - distance / priors[
        :, 1
    ]


def _smooth(ours: Floats, theirs: Floats, scales: Scales) -> tuple[Floats, Floats]:
    """`[N, M]`: the Matern 5/2 covariance; and its slope over half a squared distance.

    The slope along the logarithm of a length is this times the squared distance in it,
    in units of the length.
    """
    ours, theirs = ours / scales.lengths, theirs / scales.lengths
    squared = (ours**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1)[None, :]
    squared -= 2.0 * ours @ theirs.T
    distance = SQRT5 * np.sqrt(np.maximum(squared, 0.0))
    decay = scales.signal * np.exp(-distance)
    return decay * (1.0 + distance + distance**2 / 3.0), (
        decay * (1.0 + distance) * (5.0 / 3.0)
    )


def _covariance(ours: Floats, theirs: Floats, scales: Scales) -> Floats:
    """`[N, M]`: of what is smooth, linear and curved together."""
    linear = 1.0 + _straight(ours, scales) @ _straight(theirs, scales).T
    curved = _bent(ours, scales) @ _bent(theirs, scales).T
    smooth, _ = _smooth(ours, theirs, scales)
    return np.asarray(smooth + scales.linear * linear + scales.curved * curved)


def _variance(points: Floats, scales: Scales) -> Floats:
    """[N]: the diagonal of the covariance of the points."""
    linear = 1.0 + (_straight(points, scales) ** 2).sum(axis=1)
    curved = (_bent(points, scales) ** 2).sum(axis=1)
    return np.asarray(scales.signal + scales.linear * linear + scales.curved * curved)


def _straight(points: Floats, scales: Scales) -> Floats:
    """`[N, D]`: features as the linear part weighs them; all together 1 or so."""
    return points / scales.lengths * typical_length(1)


def _bent(points: Floats, scales: Scales) -> Floats:
    """`[N, D]`: their squares, of mean 0 or less, weighed alike."""
    return _straight(np.minimum(points**2, BENT) - 1.0, scales)

"""What does a Gaussian process say of what was not measured? A mean and a deviation.

It is the sum of a smooth, a linear and a curved part, and noise. Each feature has a
length scale, which says how much it matters in all three parts; the scales are found by
maximising the posterior given what was measured.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats

STEPS = 30  # steps of the search for scales
ENOUGH = 300  # values that scales are fitted to; more take long and change little
SQRT5 = 5.0**0.5
# Prior means and deviations of the logarithms of signal, linear part, curved part and
# noise, each a variance, of values with variance 1.
PRIORS = np.array([[0.0, 1.0], [-1.0, 1.5], [-1.0, 1.5], [-4.0, 1.5]])
TILT_DEVIATION = 0.35  # prior deviation of the tilt of noise along a feature
TILTED = 3.0  # the most that such a feature counts
LENGTH_DEVIATION = 0.6
OUTCOME_DEVIATION = 0.9
OUTCOME_NOISE = (-1.0, 1.0)
JITTER = 1e-6
SMALL = 64  # rows of a triangle that is inverted in one piece
BENT = 6.0  # the most that a squared feature counts, so that no rare value rules


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """Length scales and variances of a process.

    Args:
        lengths: Distance in each feature over which values are alike, `[D]`.
        signal: Variance of the smooth part.
        linear: Variance of the linear part.
        curved: Variance of the part that is linear in squares, with an optimum inside.
        noise: Variance of a measurement where the feature of `tilt` is 0.
        tilt: Rise of the logarithm of that variance along a feature.
        along: Column of that feature; None where noise is the same everywhere.
    """

    lengths: Floats
    signal: float
    linear: float
    curved: float
    noise: float
    tilt: float = 0.0
    along: int | None = None

    @property
    def logs(self) -> Floats:
        """Their logarithms as `of` takes them, `[D + 5]`."""
        variances = [self.signal, self.linear, self.curved, self.noise]
        logs = np.r_[np.log(self.lengths), np.log(variances), self.tilt]
        return np.asarray(logs, np.float64)

    @classmethod
    def of(cls, logs: Floats, along: int | None = None) -> "Scales":
        """The scales whose logarithms are given, `[D + 5]`; the last is the tilt."""
        signal, linear, curved, noise = np.exp(logs[-5:-1]).tolist()
        tilt = float(logs[-1])
        return cls(np.exp(logs[:-5]), signal, linear, curved, noise, tilt, along)

    def noises(self, points: Floats) -> Floats:
        """Variance of a measurement at each point, `[N]`."""
        if self.along is None:
            return np.full(len(points), self.noise)
        return self.noise * np.exp(self.tilt * _tilting(points, self.along))


@dataclass(frozen=True, slots=True, eq=False)
class Gaussian:
    """A process that knows N points; `fit` makes one.

    Args:
        points: Features of the points, `[N, D]`, each with deviation 1.
        values: Values measured at the points, `[N]`.
        scales: Scales of the process.
        whitening: Inverse of the Cholesky factor of the covariance of the measurements,
            `[N, N]`.
        weights: Covariance of the measurements, inverted, times the values, `[N]`.
    """

    points: Floats
    values: Floats
    scales: Scales
    whitening: Floats
    weights: Floats

    @classmethod
    def given(cls, points: Floats, values: Floats, scales: Scales) -> "Gaussian":
        """The process of given scales that knows some values.

        Args:
            points: Features of the points, `[N, D]`.
            values: Values measured at the points, `[N]`.
            scales: Scales of the process.
        """
        covariance = _covariance(points, points, scales)
        covariance[np.diag_indices_from(covariance)] += scales.noises(points) + JITTER
        lower = np.linalg.cholesky(covariance)
        whitening = inverse_of_triangle(np.asarray(lower, np.float64))
        weights = whitening.T @ (whitening @ values)
        return cls(points, values, scales, whitening, weights)

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation, without noise, at M points, `[M]` each.

        Args:
            points: Features of the points, `[M, D]`.
        """
        seen = Posterior(self, points)
        return seen.mean, seen.deviation

    def mean(self, points: Floats) -> Floats:
        """The mean alone, `[M]`, which takes a part of the time.

        Args:
            points: Features of the points, `[M, D]`.
        """
        shared = _covariance(self.points, points, self.scales)
        means: Floats = shared.T @ self.weights
        return means

    def left_out(self) -> tuple[Floats, Floats]:
        """What each value is beyond what the others foretell of it, and its deviation.

        `[N]` each; the deviation is that of a measurement.

        Source:
            Rasmussen and Williams 2006, equations 5.12: no process is fitted anew.
        """
        precision = (self.whitening**2).sum(axis=0)
        return self.weights / precision, 1.0 / np.sqrt(precision)

    def believing(self, points: Floats, values: Floats) -> "Gaussian":
        """The process of equal scales that knows M more values.

        Args:
            points: Features of the new points, `[M, D]`.
            values: Values believed at the new points, `[M]`.
        """
        points = np.concatenate([self.points, points])
        values = np.concatenate([self.values, values])
        return Gaussian.given(points, values, self.scales)


class Posterior:
    """What a process says of M points, which may be believed one after another.

    Args:
        process: The process.
        points: Features of the points, `[M, D]`.
    """

    def __init__(self, process: Gaussian, points: Floats) -> None:
        shared = _covariance(process.points, points, process.scales)
        self.mean: Floats = shared.T @ process.weights  # [M]
        self._points = points
        self._scales = process.scales
        self._known = process.whitening @ shared  # [N, M]
        self._believed = np.empty((0, len(points)))  # [points believed, M]
        self._noises = process.scales.noises(points)
        own = _variance(points, process.scales)
        self._variance = own - (self._known**2).sum(axis=0)

    @property
    def deviation(self) -> Floats:
        """Standard deviation without noise, `[M]`."""
        deviation: Floats = np.sqrt(np.maximum(self._variance, 1e-12))
        return deviation

    def believe(self, at: int) -> None:
        """Takes a point to have turned out as its mean says.

        That changes no mean, and deviations near the point. It is one more row of the
        Cholesky factor that `Gaussian.believing` would compute anew.

        Args:
            at: Number of the point.
        """
        shared = _covariance(self._points, self._points[[at]], self._scales)[:, 0]
        shared -= self._known.T @ self._known[:, at]
        shared -= self._believed.T @ self._believed[:, at]
        row = shared / np.sqrt(shared[at] + self._noises[at] + JITTER)
        self._believed = np.concatenate([self._believed, row[None]])
        self._variance = self._variance - row**2


def typical_length(features: int) -> float:
    """The length scale to expect of each of a number of features of deviation 1.

    Source:
        Hvarfner et al., arXiv 2402.02229: it grows with the square root of that number.
    """
    return float(np.exp(2.0**0.5) * features**0.5)


def fit(
    points: Floats,
    values: Floats,
    steps: int = STEPS,
    along: int | None = None,
    near: Scales | None = None,
    outcomes: bool = False,
) -> Gaussian:
    """The process whose scales explain the values best.

    Scales are fitted to at most `ENOUGH` values, chosen evenly over their order.

    Args:
        points: Features of the points, `[N, D]`, each with deviation 1.
        values: Values measured at the points, `[N]`, with mean 0 and variance about 1.
        steps: Steps of the search for the scales.
        along: Column of a feature along which noise may grow or fall; None for noise
            that is the same everywhere.
        near: Scales that the search begins with; None for those to expect.
        outcomes: Whether values are outcomes, of yes or no: then few features are
            expected to matter, and those much, and chance to decide the rest.

    Source:
        Rprop, as Blum and Riedmiller 2013 use it for Gaussian processes.
    """
    features = points.shape[1]
    priors = np.empty((features + 5, 2))
    deviation = OUTCOME_DEVIATION if outcomes else LENGTH_DEVIATION
    priors[:features] = (np.log(typical_length(features)), deviation)
    priors[features:-1] = PRIORS
    if outcomes:
        priors[-2] = OUTCOME_NOISE
    priors[-1] = (0.0, TILT_DEVIATION)
    logs = priors[:, 0].copy() if near is None else near.logs
    best, most = logs, -np.inf
    width, before = np.full(len(logs), 0.2), np.zeros(len(logs))
    count = min(len(points), ENOUGH)
    told = np.arange(count) * len(points) // count  # evenly: they come in an order
    for _ in range(steps):
        posterior, slope = _posterior(points[told], values[told], logs, priors, along)
        if posterior > most:
            best, most = logs, posterior
        same = slope * before
        width = np.clip(np.where(same < 0, 0.5, 1.2) * width, 1e-3, 0.6)
        slope = np.where(same < 0, 0.0, slope)
        before = slope
        logs = logs + np.sign(slope) * width
    return Gaussian.given(points, values, Scales.of(best, along))


def _posterior(
    points: Floats,
    values: Floats,
    logs: Floats,
    priors: Floats,
    along: int | None = None,
) -> tuple[float, Floats]:
    """Logarithm of the posterior of scales, up to a constant, and its gradient."""
    scales = Scales.of(logs, along)
    smooth, steep = _smooth(points, points, scales)
    straight, bent = _straight(points, scales), _bent(points, scales)
    linear = scales.linear * (1.0 + straight @ straight.T)
    curved = scales.curved * (bent @ bent.T)
    covariance = smooth + linear + curved
    noises = scales.noises(points)
    covariance[np.diag_indices_from(covariance)] += noises + JITTER
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return -np.inf, priors[:, 0] - logs
    whitening = inverse_of_triangle(np.asarray(lower, np.float64))
    inverse = whitening.T @ whitening  # half the time of a general inverse
    weights = inverse @ values
    likelihood = -0.5 * values @ weights - np.log(np.diag(lower)).sum()
    # Half of the trace of this times a derivative is the slope along it.
    outer = np.outer(weights, weights) - inverse
    pulled = outer * steep
    apart = pulled.sum(axis=1) @ points**2 - (points * (pulled @ points)).sum(axis=0)
    slope = np.empty(len(logs))
    slope[:-5] = (
        apart / scales.lengths**2
        - scales.linear * ((outer @ straight) * straight).sum(axis=0)
        - scales.curved * ((outer @ bent) * bent).sum(axis=0)
    )
    slope[-5] = 0.5 * (outer * smooth).sum()
    slope[-4] = 0.5 * (outer * linear).sum()
    slope[-3] = 0.5 * (outer * curved).sum()
    pulled_by_noise = 0.5 * noises * np.diag(outer)
    slope[-2] = pulled_by_noise.sum()
    slope[-1] = 0.0 if along is None else pulled_by_noise @ _tilting(points, along)
    distance = (logs - priors[:, 0]) / priors[:, 1]
    return float(likelihood - 0.5 * distance @ distance), slope - distance / priors[
        :, 1
    ]


def _tilting(points: Floats, along: int) -> Floats:
    """The feature along which noise grows or falls, `[N]`."""
    return np.clip(points[:, along], -TILTED, TILTED)


def _smooth(ours: Floats, theirs: Floats, scales: Scales) -> tuple[Floats, Floats]:
    """Matern 5/2 covariance, and its slope over half a squared distance, `[N, M]` each.

    The slope along the logarithm of a length is this times the squared distance in it,
    in units of the length.
    """
    decay, distance = _decay(ours, theirs, scales)
    return decay * (1.0 + distance + distance**2 / 3.0), (
        decay * (1.0 + distance) * (5.0 / 3.0)
    )


def _decay(ours: Floats, theirs: Floats, scales: Scales) -> tuple[Floats, Floats]:
    """The exponential of the Matern covariance and its distance, `[N, M]` each."""
    ours, theirs = ours / scales.lengths, theirs / scales.lengths
    squared = (ours**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1)[None, :]
    squared -= 2.0 * ours @ theirs.T
    distance = SQRT5 * np.sqrt(np.maximum(squared, 0.0))
    return scales.signal * np.exp(-distance), distance


def inverse_of_triangle(lower: Floats) -> Floats:
    """Inverse of a lower triangle, `[N, N]`, by halves: a sixth of a general one."""
    size = len(lower)
    if size <= SMALL:
        return np.asarray(np.linalg.inv(lower), np.float64)
    half = size // 2
    first = inverse_of_triangle(lower[:half, :half])
    second = inverse_of_triangle(lower[half:, half:])
    inverse = np.zeros_like(lower)
    inverse[:half, :half] = first
    inverse[half:, half:] = second
    inverse[half:, :half] = -second @ (lower[half:, :half] @ first)
    return inverse


def _covariance(ours: Floats, theirs: Floats, scales: Scales) -> Floats:
    """Covariance of the three parts together, `[N, M]`."""
    linear = 1.0 + _straight(ours, scales) @ _straight(theirs, scales).T
    curved = _bent(ours, scales) @ _bent(theirs, scales).T
    decay, distance = _decay(ours, theirs, scales)
    smooth = decay * (1.0 + distance + distance**2 / 3.0)
    return np.asarray(smooth + scales.linear * linear + scales.curved * curved)


def _variance(points: Floats, scales: Scales) -> Floats:
    """Diagonal of the covariance of the points, `[N]`."""
    linear = 1.0 + (_straight(points, scales) ** 2).sum(axis=1)
    curved = (_bent(points, scales) ** 2).sum(axis=1)
    return np.asarray(scales.signal + scales.linear * linear + scales.curved * curved)


def _straight(points: Floats, scales: Scales) -> Floats:
    """Features as the linear part weighs them, `[N, D]`; together of size 1 or so."""
    return points / scales.lengths * typical_length(1)


def _bent(points: Floats, scales: Scales) -> Floats:
    """Squares of the features, `[N, D]`, of mean 0 or less and weighed alike."""
    return _straight(np.minimum(points**2, BENT) - 1.0, scales)

"""What are true values, given noisy ones? Drawn towards their trend, as noise asks.

Of many noisy values the best is mostly a lucky one. A model of where true values lie
knows that: around a line over a position (the log of a cost), which may bend, spread
by an amount that is learnt from the values too. Where noise is small beside that
spread, true values are the measured ones; where it is large, they are those of the
line.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats, Ints

SPREADS = 60  # of true values around the line, that are weighed against each other
WIDEST = 3.0  # of these, in standard deviations of what the line leaves
BENDING = 12  # values at different positions, from which on the line may bend
FEWEST = 5  # values from which a spread around a line is learnt


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """Posterior of true values `[N]` around a line.

    Args:
        values: Measured values, `[N]`.
        variances: Variances of their noise, `[N]`, above 0.
        design: Terms of the line, `[N, K]`.
        spreads: Spreads of true values around the line that are weighed, `[G]`.
        weights: Probability of each, `[G]`.

    Source:
        Hierarchical normal model; the prior of the spread is proportional to it, which
        keeps its estimate off zero, Chung et al. 2013, Psychometrika 78(4).
    """

    values: Floats
    variances: Floats
    design: Floats
    spreads: Floats
    weights: Floats

    @classmethod
    def of(cls, values: Floats, variances: Floats, positions: Floats) -> "Shrinkage":
        """The posterior; with fewer than five values, each stands for itself.

        Args:
            values: Measured values, `[N]`.
            variances: Variances of their noise, `[N]`.
            positions: Where they lie along the line, `[N]`.
        """
        floor = 1e-9 + 1e-12 * np.square(values)
        variances = np.maximum(variances, floor)
        design = _design(positions)
        if len(values) < FEWEST:
            none = np.full(1, np.inf)
            return cls(values, variances, design, none, np.ones(1))
        line, _ = _line(values, np.ones(len(values)), design)
        left = float(np.std(values - design @ line))
        widest = max(WIDEST * left, float(np.sqrt(variances.min())))
        steps = np.linspace(0.0, 1.0, SPREADS + 1)[1:]
        spreads = widest * steps**2  # close to each other where they are small
        logs = np.array([_evidence(values, variances + s**2, design) for s in spreads])
        # The prior, and how far apart the spreads are.
        weights = np.exp(logs - logs.max()) * spreads * steps
        return cls(values, variances, design, spreads, weights / weights.sum())

    def moments(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each true value, both `[N]`."""
        first, second = np.zeros((2, len(self.values)))
        for spread, weight in zip(self.spreads, self.weights, strict=True):
            mean, variance = self._given(spread)
            off = mean - self.values  # small, so its square loses nothing
            first += weight * off
            second += weight * (variance + off**2)
        return self.values + first, np.sqrt(np.maximum(second - first**2, 0.0))

    def draw(self, rng: np.random.Generator, count: int, which: Ints) -> Floats:
        """Draws of true values, `[count, len(which)]`.

        Args:
            rng: Generator of the draws.
            count: Number of draws.
            which: Which of the values are drawn.
        """
        found = np.empty((count, len(which)))
        shares = rng.multinomial(count, self.weights)
        begin = 0
        for spread, share in zip(self.spreads, shares, strict=True):
            found[begin : begin + share] = self._draw(rng, share, which, spread)
            begin += share
        return found

    def _draw(
        self, rng: np.random.Generator, count: int, which: Ints, spread: float
    ) -> Floats:
        values, variances = self.values[which], self.variances[which]
        luck = rng.standard_normal((count, len(which)))
        if np.isinf(spread):
            return values + np.sqrt(variances) * luck
        line, covariance = _line(self.values, self.variances + spread**2, self.design)
        root = np.linalg.cholesky(covariance)
        lines = line + rng.standard_normal((count, len(line))) @ root.T
        pull = variances / (variances + spread**2)
        centres = pull * (lines @ self.design[which].T) + (1.0 - pull) * values
        return centres + np.sqrt((1.0 - pull) * variances) * luck

    def _given(self, spread: float) -> tuple[Floats, Floats]:
        """Mean and variance of each true value, given the spread."""
        if np.isinf(spread):
            return self.values, self.variances
        line, covariance = _line(self.values, self.variances + spread**2, self.design)
        pull = self.variances / (self.variances + spread**2)
        of_line = np.einsum("nk,kl,nl->n", self.design, covariance, self.design)
        mean = pull * (self.design @ line) + (1.0 - pull) * self.values
        return mean, (1.0 - pull) * self.variances + pull**2 * of_line


def _design(positions: Floats) -> Floats:
    """A constant; where positions differ, a slope; of many, a bend, `[N, 1 to 3]`."""
    scale = float(np.std(positions)) if len(positions) else 0.0
    constant = np.ones((len(positions), 1))
    if not scale > 1e-9 * (1.0 + float(np.abs(positions).max(initial=0.0))):
        return constant
    centred = (positions - positions.mean()) / scale
    terms = [constant, centred]
    if len(positions) >= BENDING and len(np.unique(positions)) >= BENDING:
        terms.append(centred**2 - 1.0)
    return np.column_stack(terms)


def _line(values: Floats, total: Floats, design: Floats) -> tuple[Floats, Floats]:
    """Least squares weighed by total variances `[N]`: the line and its covariance."""
    weighed = design / total[:, None]
    covariance = np.linalg.inv(design.T @ weighed).astype(np.float64)
    return covariance @ (weighed.T @ values), covariance


def _evidence(values: Floats, total: Floats, design: Floats) -> float:
    """Log probability of the values, whatever the line is."""
    line, covariance = _line(values, total, design)
    left = values - design @ line
    _, size = np.linalg.slogdet(covariance)
    return float(0.5 * (size - np.log(total).sum() - (left**2 / total).sum()))

"""How much does each of several blocks explain beside the others? Least squares.

A block's share is of what the given columns leave; it counts what the block alone can
explain. Effects are differences of fitted values, with intervals by Student's t.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Bools, Floats
from vidnas.statistics.effects.found import orthonormal
from vidnas.statistics.fisher import noncentrality_interval
from vidnas.statistics.student import student_quantile

LEVEL = 0.95
LEAST_NOISE = 1e-6  # of the variance, where values are explained wholly
UNSURE = 1e-6  # of a difference that lies outside of what the columns tell


@dataclass(frozen=True, slots=True)
class Share:
    """Share of the variance that a block alone explains, from 0 to 1.

    Args:
        share: Best guess; luck is taken off.
        low: Lower bound of the 95 % interval.
        high: Upper bound of the interval.
    """

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Values as the sum of given columns, blocks, and an error.

    Args:
        shares: Share of each block.
        explained: Share that all blocks together explain.
        variance: Variance of the values beside the given columns.
        freedom: Degrees of freedom of the error.
        coefficients: [K]. Of the columns of all blocks.
        covariance: `[K, K]`. Of the coefficients.
        told: `[K, K]`. Projection on what the columns tell.
        starts: First column of each block, then their number.
    """

    shares: tuple[Share, ...]
    explained: float
    variance: float
    freedom: int
    coefficients: Floats
    covariance: Floats
    told: Floats
    starts: tuple[int, ...]

    def differences(self, block: int, rows: Floats) -> tuple[Floats, Floats, Bools]:
        """Fitted differences, half widths of their intervals, and which are told.

        Args:
            block: Number of the block.
            rows: `[O, K]`: differences of the block's columns.
        """
        inside = slice(self.starts[block], self.starts[block + 1])
        whole = np.zeros((len(rows), len(self.coefficients)))
        whole[:, inside] = rows
        variance = ((whole @ self.covariance) * whole).sum(axis=1)
        half = student_quantile(0.5 + 0.5 * LEVEL, self.freedom) * np.sqrt(variance)
        beyond = np.abs(whole - whole @ self.told).max(axis=1, initial=0.0)
        return whole @ self.coefficients, half, beyond < UNSURE


def fit(values: Floats, given: Floats, blocks: Sequence[Floats]) -> Fit:
    """Least squares of the values on the given columns and the blocks.

    Args:
        values: [N].
        given: `[N, G]`: columns that may explain the values anyway, a constant among
            them.
        blocks: `[N, K]` each; at least one.
    """
    base = orthonormal(given, np.zeros((len(values), 0)))
    columns = np.concatenate(blocks, axis=1)
    columns = columns - base @ (base.T @ columns)
    residual = values - base @ (base.T @ values)
    # Of directions that are nearly given nothing can be told.
    scale = np.linalg.norm(np.concatenate(blocks, axis=1).std(axis=0))
    left, strengths, right = np.linalg.svd(columns, full_matrices=False)
    kept = strengths > 1e-3 * scale * len(values) ** 0.5
    left, strengths, right = left[:, kept], strengths[kept], right[kept]
    freedom = len(values) - base.shape[1] - len(strengths)
    along = left.T @ residual
    error = max(float(residual @ residual - along @ along), 0.0)
    inverse = right.T / strengths
    sizes = [block.shape[1] for block in blocks]
    starts = tuple(np.concatenate([[0], np.cumsum(sizes)]).tolist())
    total = max(float(residual @ residual), 1e-300)
    noise = max(error / freedom, LEAST_NOISE * total / len(values))
    alone = [_alone(residual, base, blocks, at) for at in range(len(blocks))]
    together = _beyond_luck((total - error) / noise, len(strengths))
    shares = tuple(
        _share(explained / noise, size, freedom, len(values), together)
        for explained, size in alone
    )
    return Fit(
        shares=shares,
        explained=together / (len(values) + together),
        variance=total / (len(values) - base.shape[1]),
        freedom=freedom,
        coefficients=inverse @ along,
        covariance=noise * inverse @ inverse.T,
        told=right.T @ right,
        starts=starts,
    )


def _alone(
    residual: Floats, base: Floats, blocks: Sequence[Floats], at: int
) -> tuple[float, int]:
    """Sum of squares that only this block explains, and its directions."""
    others = base
    for other, block in enumerate(blocks):
        if other != at:
            others = np.concatenate([others, orthonormal(block, others)], axis=1)
    own = orthonormal(blocks[at], others)
    return float(((own.T @ residual) ** 2).sum()), own.shape[1]


def _beyond_luck(explained: float, size: int) -> float:
    """What is explained, in variances of the error, less what luck explains."""
    return max(explained - size, 0.0)


def _share(
    explained: float, size: int, freedom: int, count: int, together: float
) -> Share:
    if not size:
        return Share(0.0, 0.0, 1.0)
    own = _beyond_luck(explained, size)
    low, high = noncentrality_interval(explained / size, size, freedom, LEVEL)
    rest = count + max(together - own, 0.0)
    return Share(own / (rest + own), low / (rest + low), high / (rest + high))

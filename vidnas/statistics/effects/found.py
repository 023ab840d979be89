"""Which blocks of columns explain values beyond luck? Those that permutations do not.

Blocks are taken one after another, each time the one that explains most of what those
before it leave. What is left is shuffled again and again: a block is taken only while
it explains more than the best of all blocks does of shuffled values, so that where
nothing is to be found, something is found in few studies only, however many blocks are
asked. A block that only goes along with one that was taken is left out with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats, Indices

LEVEL = 0.05  # share of studies without any effect in which one is found
SHUFFLES = 399  # so that a share of 0.05 is hit exactly
LEAST_LEFT = 0.1  # of a direction's deviation, beside what was taken; else it is part
MOST = 16  # blocks that are taken
LEAST_ERROR = 4  # degrees of freedom that are left for the error, at least
ALIKE = 0.8  # share of a block that another explains, from which on they are alike
SMALLEST = 1e-12  # of the values, below which nothing is left but rounding
_AT_ONCE = 64  # shuffled values in memory at once, of large studies


@dataclass(frozen=True, slots=True)
class Found:
    """A block that explains values beyond luck.

    Args:
        block: Number of the block.
        luck: Share of shuffled values of which some block explains as much.
        alike: Numbers of the blocks that go along with it, so that either may be the
            reason.
    """

    block: int
    luck: float
    alike: tuple[int, ...]


def find(
    values: Floats,
    given: Floats,
    blocks: Sequence[Floats],
    rng: np.random.Generator,
    level: float = LEVEL,
) -> tuple[Found, ...]:
    """Blocks that explain the values, in the order in which they were taken.

    Args:
        values: [N].
        given: `[N, G]`: columns that may explain the values anyway, a constant among
            them.
        blocks: `[N, K]` each.
        rng: Generator that shuffles.
        level: Share of studies without any effect in which a block is found.

    Source:
        Freedman and Lane 1983 for shuffled residuals; Westfall and Young 1993 for the
        best of many blocks; Paulson 1942 for F of different degrees of freedom.
    """
    taken = orthonormal(given, np.zeros((len(values), 0)))
    order = np.argsort(rng.random((SHUFFLES, len(values))), axis=1)
    found: list[Found] = []
    left = dict(enumerate(blocks))
    while len(found) < MOST:
        bases = _directions(left, taken)
        residual = values - taken @ (taken.T @ values)
        if not bases or np.ptp(residual) <= SMALLEST * np.abs(values).max():
            break
        every = tuple(bases.values())
        scores = _scores(residual[None, :], taken, every)[0]
        best = int(np.argmax(scores))
        ahead = _shuffled(residual, order, taken, every) >= scores[best]
        luck = (1 + int(ahead.sum())) / (1 + SHUFFLES)
        if luck > level:
            break
        number = tuple(bases)[best]
        basis = bases.pop(number)
        found.append(Found(number, luck, _alike(basis, bases)))
        taken = np.concatenate([taken, basis], axis=1)
        del left[number]
    return tuple(found)


def _directions(blocks: dict[int, Floats], taken: Floats) -> dict[int, Floats]:
    """`[N, K']` of each block that has any beside what was taken, and leaves an error.

    Args:
        blocks: `[N, K]` each, by number.
        taken: `[N, T]`, orthonormal.
    """
    most = len(taken) - taken.shape[1] - LEAST_ERROR
    bases = {at: orthonormal(block, taken) for at, block in blocks.items()}
    return {at: basis for at, basis in bases.items() if 0 < basis.shape[1] <= most}


def orthonormal(block: Floats, taken: Floats) -> Floats:
    """`[N, K']`: the directions of a block that what was taken does not hold.

    Args:
        block: `[N, K]`.
        taken: `[N, T]`, orthonormal.
    """
    deviations = block - (block.mean(axis=0) if taken.shape[1] else 0.0)
    sizes = np.sqrt((deviations**2).sum(axis=0))
    scaled = deviations[:, sizes > 0.0] / sizes[sizes > 0.0]
    left = scaled - taken @ (taken.T @ scaled)
    left -= taken @ (taken.T @ left)  # once more, for accuracy
    if not left.size:
        return np.zeros((len(block), 0))
    directions, strengths, _ = np.linalg.svd(left, full_matrices=False)
    kept: Floats = directions[:, strengths > LEAST_LEFT]
    return kept


def _shuffled(
    residual: Floats,
    order: Indices,
    taken: Floats,
    bases: Sequence[Floats],
) -> Floats:
    """[S]. What the best block scores on each of the shuffled residuals."""
    best = [
        _scores(residual[order[at : at + _AT_ONCE]], taken, bases).max(axis=1)
        for at in range(0, len(order), _AT_ONCE)
    ]
    return np.concatenate(best)


def _scores(residuals: Floats, taken: Floats, bases: Sequence[Floats]) -> Floats:
    """`[S, B]`: how much each block explains of each residual, as a normal number."""
    freedom = len(taken) - taken.shape[1]
    whole = (residuals**2).sum(axis=1) - ((residuals @ taken) ** 2).sum(axis=1)
    projected = residuals @ np.concatenate(bases, axis=1)
    sizes = np.array([basis.shape[1] for basis in bases])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    explained = np.add.reduceat(projected**2, starts, axis=1)
    errors = np.maximum(whole[:, None] - explained, 1e-12 * whole[:, None] + 1e-300)
    f = (explained / sizes) / (errors / (freedom - sizes))
    return _normal_of_f(f, sizes.astype(np.float64), (freedom - sizes).astype(float))


def _normal_of_f(f: Floats, of_effect: Floats, of_error: Floats) -> Floats:
    """About the normal number that is as rare as an F, for comparing blocks."""
    root, first, second = np.cbrt(f), 2.0 / (9.0 * of_effect), 2.0 / (9.0 * of_error)
    found = ((1.0 - second) * root - (1.0 - first)) / np.sqrt(second * root**2 + first)
    return np.asarray(found, np.float64)


def _alike(basis: Floats, others: dict[int, Floats]) -> tuple[int, ...]:
    """Numbers of the blocks that this one holds nearly whole, or is held by."""
    return tuple(
        at
        for at, other in others.items()
        if ((basis.T @ other) ** 2).sum() > ALIKE * min(basis.shape[1], other.shape[1])
    )

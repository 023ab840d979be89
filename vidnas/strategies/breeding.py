"""What are the children of many candidates at once? Rows crossed, then changed."""

import numpy as np

from vidnas.arrays import Indices
from vidnas.space.candidate_matrix import CandidateMatrix

MOST_CHANGES = 8  # of a child


def bred_rows(
    many: CandidateMatrix, parents: Indices, count: int, rng: np.random.Generator
) -> Indices:
    """`[count, C]`: children, crossed in half of the cases, then changed; rules aside.

    Half of the children differ by one choice, a quarter by two, ..., by eight at most.

    Args:
        many: Candidates of the space, many at a time.
        parents: `[N, C]`, at least one.
        count: Number of children.
        rng: The only source of randomness.
    """
    first, second = rng.integers(len(parents), size=(2, count))
    rows = parents[first]
    crossed = np.flatnonzero(rng.random(count) < 0.5)
    if len(crossed):
        rows[crossed] = many.cross(rows[crossed], parents[second[crossed]], rng)
    changes = np.minimum(rng.geometric(0.5, count), MOST_CHANGES)
    return many.redraw(rows, rng, changes, near=0.5)

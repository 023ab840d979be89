"""What are the children of many candidates at once? Rows crossed, then changed."""

from collections.abc import Sequence

import numpy as np

from vidnas.arrays import Indices
from vidnas.space.candidate_matrix import CandidateMatrix

MOST_CHANGES = 8  # of a child
WHOLE = 0.25  # of children, in which all layers of a stage get one option


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


def with_whole_stages(
    many: CandidateMatrix,
    rows: Indices,
    stages: Sequence[Indices],
    rng: np.random.Generator,
) -> Indices:
    """`[N, C]`: the candidates, a share of them with one option for a whole stage.

    What a stage wants of all its layers is many changes of one choice, and each of them
    alone may show nothing.

    Args:
        many: Candidates of the space, many at a time.
        rows: `[N, C]`.
        stages: Columns of every choice that is made layer by layer.
        rng: The only source of randomness.
    """
    if not stages:
        return rows
    moved = np.flatnonzero(rng.random(len(rows)) < WHOLE)
    which, share = rng.integers(len(stages), size=len(moved)), rng.random(len(moved))
    changed = rows.copy()
    for number, columns in enumerate(stages):
        mine = which == number
        options = (share[mine] * many.sizes[columns[0]]).astype(np.int64)
        changed[np.ix_(moved[mine], columns)] = options[:, None]
    changed[moved] = many.canonical(changed[moved])
    return changed

"""Which rows are beaten by no other? Dominance over any number of costs."""

from bisect import bisect_right

import numpy as np

from vidnas.arrays import Bools, Floats, Ints

_SAMPLE = 500
_FEW = 30
_WORTHWHILE = 0.01  # of the sample that a row must beat
_PAIRS = 1 << 18  # comparisons at once: below, all pairs are quicker than a split


def non_dominated(costs: Floats) -> Bools:
    """Which rows are dominated by no other, `[N]`.

    A row dominates another if it is nowhere higher and somewhere lower. The first of
    equal rows stays. Rows with NaN are never on the front. The time grows with
    `N log N` for two and three costs, and with another logarithm for each further one.

    Args:
        costs: Costs to minimise, `[N, M]`.

    Source:
        Divide and conquer over costs: Kung, Luccio and Preparata 1975.
    """
    costs = np.asarray(costs, dtype=np.float64)
    keep: Bools = np.logical_not(np.isnan(costs).any(axis=1))
    left = np.flatnonzero(keep)
    if costs.shape[1] > 1:
        left = _without_plainly_beaten(costs, left)
    # In lexicographic order (earlier rows first among equals) no row is dominated by
    # a later one.
    left = left[np.lexsort((*costs[left].T[::-1],))]
    keep[:] = False
    keep[left[_beaten_by_none_before(costs[left, 1:])]] = True
    return keep


def _without_plainly_beaten(costs: Floats, rows: Ints) -> Ints:
    """The rows that are not above one of a few that beat most of a sample.

    That takes out nearly all of many rows before they are sorted.
    """
    if len(rows) < 4 * _SAMPLE:
        return rows
    columns = list(costs[rows].T.copy())  # each in one piece, which is quicker
    sample = [column[:: len(rows) // _SAMPLE] for column in columns]
    beats = np.logical_and.reduce([values[:, None] < values for values in sample])
    for _ in range(_FEW):
        beaten = beats.sum(axis=1)
        best = int(np.argmax(beaten))
        if beaten[best] < len(beats) * _WORTHWHILE:
            break
        stay = np.zeros(len(rows), np.bool_)
        for column, values in zip(columns, sample, strict=True):
            stay |= column <= values[best]
        rows, columns = rows[stay], [column[stay] for column in columns]
        beats &= ~beats[best]
    return rows


def _beaten_by_none_before(values: Floats) -> Bools:
    """Which rows have none before them that is nowhere higher, `[N]`."""
    rows, columns = values.shape
    if columns == 0:
        keep = np.zeros(rows, np.bool_)
        keep[:1] = True
        return keep
    if columns == 1:
        return _lower_than_all_before(values[:, 0])
    if columns == 2:
        return _below_the_stair_before(values)
    if rows * rows <= _PAIRS:
        later = np.tri(rows, k=-1, dtype=np.bool_)  # [row, one before it]
        return np.asarray(~(_pairs_beaten(values, values) & later).any(axis=1))
    middle = rows // 2
    keep = np.zeros(rows, np.bool_)
    keep[:middle] = _beaten_by_none_before(values[:middle])
    second = middle + np.flatnonzero(_beaten_by_none_before(values[middle:]))
    first = np.flatnonzero(keep[:middle])
    keep[second[~_beaten(values[second], values[first])]] = True
    return keep


def _lower_than_all_before(values: Floats) -> Bools:
    keep = np.ones(len(values), np.bool_)
    keep[1:] = values[1:] < np.minimum.accumulate(values)[:-1]
    return keep


def _below_the_stair_before(values: Floats) -> Bools:
    """The same for two columns: the rows so far that count make a falling stair."""
    keep = np.zeros(len(values), np.bool_)
    across: list[float] = []
    up: list[float] = []
    for row, (x, y) in enumerate(values.tolist()):
        at = bisect_right(across, x)
        if at and up[at - 1] <= y:
            continue
        keep[row] = True
        begin = at - 1 if at and across[at - 1] == x else at
        end = begin
        while end < len(up) and up[end] >= y:
            end += 1
        across[begin:end] = [x]
        up[begin:end] = [y]
    return keep


def _pairs_beaten(rows: Floats, by: Floats) -> Bools:
    """[rows, by]. Whether one of `by` is nowhere higher than one of `rows`."""
    beaten: Bools = np.ones((len(rows), len(by)), np.bool_)
    for column in range(rows.shape[1]):
        beaten &= by[None, :, column] <= rows[:, None, column]
    return beaten


def _beaten(rows: Floats, by: Floats) -> Bools:
    """Which of `rows` have one in `by` that is nowhere higher, `[N]`."""
    if not len(rows) or not len(by):
        return np.zeros(len(rows), np.bool_)
    if rows.shape[1] == 1:
        found: Bools = rows[:, 0] >= by[:, 0].min()
        return found
    if rows.shape[1] == 2:
        by = by[np.argsort(by[:, 0])]
        place = np.searchsorted(by[:, 0], rows[:, 0], side="right")
        least = np.append(np.inf, np.minimum.accumulate(by[:, 1]))[place]
        # Without one to the left the least is no number of theirs.
        return (place > 0) & (least <= rows[:, 1])
    if len(rows) * len(by) <= _PAIRS:
        return np.asarray(_pairs_beaten(rows, by).any(axis=1))
    return _beaten_in_halves(rows, by)


def _beaten_in_halves(rows: Floats, by: Floats) -> Bools:
    """`_beaten`, split at the middle of the last column, which then counts no more."""
    column = np.concatenate([rows[:, -1], by[:, -1]])
    most = column.max()
    middle = np.partition(column, len(column) // 2)[len(column) // 2]
    if middle == most:
        below = column[column < most]
        if not len(below):  # all are equal there
            return _beaten(rows[:, :-1], by[:, :-1])
        middle = below.max()
    low, by_low = rows[:, -1] <= middle, by[:, -1] <= middle
    beaten = np.zeros(len(rows), np.bool_)
    beaten[low] = _beaten(rows[low], by[by_low])
    high = np.flatnonzero(~low)
    beaten[high] = _beaten(rows[high, :-1], by[by_low, :-1])
    left = high[~beaten[high]]
    beaten[left] = _beaten(rows[left], by[~by_low])
    return beaten


def ranks(costs: Floats, enough: int | None = None) -> Ints:
    """Front number of each row, `[N]`: 0 for the front, 1 once that is removed, ...

    Args:
        costs: Costs to minimise, `[N, M]`.
        enough: Number of rows that must be told apart: once so many are on fronts, all
            others count as on the next one. None to tell all apart.

    Source:
        Non-dominated sorting of NSGA-II, Deb et al. 2002; two costs at once, by
        patience sorting, Jensen 2003.
    """
    costs = np.asarray(costs, dtype=np.float64)
    if costs.shape[1] == 2 and enough is None:
        return _ranks_of_pairs(costs)
    result = np.full(len(costs), -1, dtype=np.int64)
    left = np.arange(len(costs))
    rank = 0
    while len(left):
        front = non_dominated(costs[left])
        done = enough is not None and len(costs) - len(left) >= enough
        if done or not front.any():  # or only NaN rows are left
            result[left] = rank
            break
        result[left[front]] = rank
        left = left[~front]
        rank += 1
    return result


def _ranks_of_pairs(costs: Floats) -> Ints:
    """`ranks` of two costs: the first front whose least second cost so far is higher.

    These least costs rise from front to front, so that front is found by halving.
    """
    known = np.flatnonzero(~np.isnan(costs).any(axis=1))
    order = known[np.lexsort((*costs[known].T[::-1],))]
    least: list[float] = []
    found: list[int] = []
    for second in costs[order, 1].tolist():
        rank = bisect_right(least, second)
        least[rank : rank + 1] = [second]
        found.append(rank)
    result = np.full(len(costs), len(least), dtype=np.int64)  # NaN comes last
    result[order] = found
    return result


def crowding(costs: Floats) -> Floats:
    """How alone each row stands among the others, `[N]`; infinite at the ends.

    Source:
        Crowding distance of NSGA-II, Deb et al. 2002.
    """
    costs = np.asarray(costs, dtype=np.float64)
    distance = np.zeros(len(costs))
    if not len(costs):
        return distance
    for column in costs.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        distance[order[[0, -1]]] = np.inf
        if span > 0:
            gaps = column[order[2:]] - column[order[:-2]]
            distance[order[1:-1]] += gaps / span
    return distance

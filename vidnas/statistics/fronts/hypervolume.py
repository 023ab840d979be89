"""How much do costs cover up to a reference point? Exact, over any number of costs."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping

import numpy as np

from vidnas.arrays import Floats
from vidnas.errors import ShapeError
from vidnas.statistics.fronts.dominance import non_dominated


def hypervolume(costs: Floats, *, reference: Floats) -> float:
    """Volume dominated by `costs` up to `reference`.

    Rows that do not improve on the reference in every objective add nothing.

    Args:
        costs: Costs to minimise, `[N, M]`.
        reference: Worst values that still count, `[M]`.

    Returns:
        Volume in the product of the objectives' units; 0 for no rows.

    Raises:
        ShapeError: one of them is no array of numbers, or rows and reference differ
            in length, or the reference holds NaN.

    Source:
        Two and three costs: sweeps in `N log N`, Beume et al. 2009. More: exclusive
        volumes of limited sets, WFG, While, Bradstreet and Barone 2012.
    """
    costs = _numbers("costs", costs, "[N, M]")
    reference = _numbers("reference", reference, "[M]")
    if np.isnan(reference).any():
        raise ShapeError(f"`reference` must hold numbers, got {reference.tolist()}.")
    if not costs.size:
        return 0.0
    if costs.ndim != 2 or reference.ndim != 1 or costs.shape[1] != len(reference):
        raise ShapeError(
            f"Costs must have one column per reference value, got {costs.shape} "
            f"costs and {reference.size} reference values."
        )
    inside = costs[(costs < reference).all(axis=1)]
    if not len(inside):
        return 0.0
    if not (np.isfinite(inside).all() and np.isfinite(reference).all()):
        return math.inf  # one side has no end, and no side is 0
    return volume_below(inside[non_dominated(inside)], reference)


def _numbers(name: str, values: object, shape: str) -> Floats:
    """Values as an array of numbers."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        hint = (
            " `Front.hypervolume` takes a mapping by objective name."
            if isinstance(values, Mapping)
            else ""
        )
        raise ShapeError(
            f"`{name}` must be an array of numbers `{shape}`, got a "
            f"`{type(values).__name__}`.{hint}"
        ) from None


def volume_below(costs: Floats, reference: Floats) -> float:
    """Volume of mutually non-dominated rows, all below the reference in every cost.

    Args:
        costs: Finite costs to minimise, `[N, M]`, at least one row.
        reference: Worst values that still count, `[M]`.
    """
    if len(costs) == 1:
        return _box(costs[0], reference)
    if len(reference) == 1:
        return float(reference[0] - costs.min())
    if len(reference) == 2:
        return _area(costs, reference)
    # Row after row by the last cost: each adds a slab that ends at the reference.
    costs = costs[np.argsort(costs[:, -1], kind="stable")]
    depths = (reference[-1] - costs[:, -1]).tolist()
    if len(reference) == 3:
        areas = _added_areas(costs[:, :2], reference[:2])
    else:
        flat, end = costs[:, :-1], reference[:-1]
        areas = [
            exclusive_volume(flat[row], flat[:row], end) for row in range(len(costs))
        ]
    return float(math.fsum(map(math.prod, zip(depths, areas, strict=True))))


def exclusive_volume(row: Floats, others: Floats, reference: Floats) -> float:
    """Volume that a row covers and none of the others does.

    Args:
        row: Finite costs to minimise, `[M]`, all below the reference.
        others: Costs of the others below the reference, `[N, M]`.
        reference: Worst values that still count, `[M]`.
    """
    whole = _box(row, reference)
    if not len(others):
        return whole
    limited = np.maximum(others, row)  # what each of them takes from the row
    if (limited == row).all(axis=1).any():
        return 0.0
    return whole - volume_below(limited[non_dominated(limited)], reference)


def _box(row: Floats, reference: Floats) -> float:
    """Volume between one row and the reference."""
    return float(np.prod(reference - row))


def _area(costs: Floats, reference: Floats) -> float:
    """Area under a stair of mutually non-dominated rows."""
    costs = costs[np.argsort(costs[:, 0], kind="stable")]
    widths = np.diff(np.append(costs[:, 0], reference[0]))
    return float(np.dot(widths, reference[1] - costs[:, 1]))


def _added_areas(pairs: Floats, reference: Floats) -> list[float]:
    """The area that each row adds to that of the rows before it, `[N]`."""
    stair = Stair(*reference.tolist())
    return [stair.add(x, y) for x, y in pairs.tolist()]


class Stair:
    """Mutually non-dominated pairs, from left to right, and the area that they cover.

    Args:
        right: First cost of the reference point.
        top: Second cost of the reference point.
    """

    def __init__(self, right: float, top: float) -> None:
        self._right, self._top = right, top
        self._across: list[float] = []
        self._up: list[float] = []

    def __len__(self) -> int:
        return len(self._across)

    def covers(self, x: float, y: float) -> bool:
        """Whether a pair is equal to one on the stair, or dominated by it."""
        at = bisect_right(self._across, x)
        return at > 0 and self._up[at - 1] <= y

    def add(self, x: float, y: float) -> float:
        """Takes a pair in; the area by which the stair grows within the reference."""
        if self.covers(x, y):
            return 0.0
        begin = end = bisect_left(self._across, x)
        while end < len(self._up) and self._up[end] >= y:
            end += 1
        area = self._area_between(x, y, begin, end)
        self._across[begin:end] = [x]
        self._up[begin:end] = [y]
        return area

    def _area_between(self, x: float, y: float, begin: int, end: int) -> float:
        """Area above `y` from `x` to the first pair below it, up to the stair."""
        across, up = self._across, self._up
        above = min(up[begin - 1], self._top) if begin else self._top
        stop = min(across[end], self._right) if end < len(across) else self._right
        strips = []
        left = x
        for step in range(begin, end):
            right = min(across[step], stop)
            strips.append(_strip(right - left, above - y))
            left, above = max(left, right), min(up[step], above)
        strips.append(_strip(stop - left, above - y))
        return math.fsum(strips)


def _strip(width: float, height: float) -> float:
    """A rectangle's area, 0 where a side is not above 0."""
    return width * height if width > 0.0 and height > 0.0 else 0.0

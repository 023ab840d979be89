"""Beyond which row of a front does a cost buy least?"""

import numpy as np

from vidnas.arrays import Floats, Ints

RADIUS = 0.125  # of the neighbours, in shares of the front's spans; pymoo's
OUTLIER = 2.0  # standard deviations above the mean
_ROUNDING = 1e-9  # a share of a price that means nothing


def knee(costs: Floats) -> int:
    """Row farthest below the plane through the ends of a front.

    Of two objectives that is the line between its two ends. Rows with NaN or infinity
    are no knee unless all are such; then it is the first row.

    Args:
        costs: Costs to minimise, `[N, M]`, at least one row.

    Source:
        Das 1999, normal-boundary characterisation of the knee.
    """
    costs = np.asarray(costs, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(costs).all(axis=1))
    if not len(known):
        return 0
    return int(known[np.argmin(_shares(costs[known]).sum(axis=1))])


def knees(costs: Floats) -> Ints:
    """Rows that are left for a neighbour only at a high price, in order.

    From each row to a neighbour something is lost for each unit that is won, counted in
    shares of the spans. The knees are the rows whose best neighbour still asks for two
    standard deviations more than the mean; without such a row, the one that asks for
    most, if that is one deviation.

    Args:
        costs: Finite costs to minimise of mutually non-dominated rows, `[N, M]`.

    Returns:
        Row numbers; none where no row stands out.

    Source:
        High trade-off points, Rachmawati and Srinivasan 2009, with pymoo's
        neighbourhoods.
    """
    costs = np.asarray(costs, dtype=np.float64)
    if len(costs) < 2:
        return np.empty(0, np.int64)
    shares = _shares(costs)
    prices = np.array([_price_of_leaving(shares, row) for row in range(len(shares))])
    known = np.flatnonzero(np.isfinite(prices))
    if not len(known):
        return known
    mean, spread = prices[known].mean(), prices[known].std()
    if not spread > _ROUNDING * mean:  # a straight front
        return np.empty(0, np.int64)
    deviation = (prices[known] - mean) / spread
    found: Ints = known[deviation >= OUTLIER]
    if not len(found) and deviation.max() > 1.0:
        found = known[[int(np.argmax(deviation))]]
    return found


def _shares(costs: Floats) -> Floats:
    """Costs from 0 to 1 in every column; 0 where a column has no span."""
    low, high = costs.min(axis=0), costs.max(axis=0)
    shares: Floats = (costs - low) / np.where(high > low, high - low, 1.0)
    return shares


def _price_of_leaving(shares: Floats, row: int) -> float:
    """The least that is lost for a unit won, from a row to one of its neighbours."""
    rows, columns = shares.shape
    change = shares - shares[row]
    distance = np.sqrt((change**2).sum(axis=1))
    fewest = min(2 * columns, rows - 1)
    near = np.flatnonzero(distance <= RADIUS)
    if len(near) < fewest:
        near = np.argsort(distance, kind="stable")[: fewest + 1]
    lost = np.maximum(0.0, change[near]).sum(axis=1)
    won = np.maximum(0.0, -change[near]).sum(axis=1)
    wins = won > 0.0
    return float((lost[wins] / won[wins]).min()) if wins.any() else np.inf

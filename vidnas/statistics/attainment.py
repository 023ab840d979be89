"""What do several searches attain within each budget? Best within it, over seeds.

Source:
    Empirical attainment functions, Grunert da Fonseca, Fonseca and Hall 2001.
"""

import numpy as np

from vidnas.arrays import Floats


def best_within(
    costs: Floats, values: Floats, budgets: Floats, *, least: float
) -> Floats:
    """The highest value among what costs no more than each budget, `[B]`.

    Args:
        costs: Costs, `[N]`.
        values: Values of the same networks, more is better, `[N]`.
        budgets: Budgets, `[B]`.
        least: Value that counts where nothing better fits.
    """
    order = np.argsort(costs, kind="stable")
    reached = np.maximum.accumulate(np.concatenate([[least], values[order]]))
    fitting = np.searchsorted(costs[order], budgets, side="right")
    best: Floats = reached[fitting]
    return best


def attained(best: Floats) -> Floats:
    """What at least 1, 2, ... of the searches attain within each budget, `[R, B]`.

    The first row is the best search of each budget, the last one the worst.

    Args:
        best: Highest value of each search within each budget, `[R, B]`.
    """
    falling: Floats = -np.sort(-best, axis=0)
    return falling


def middle_row(searches: int) -> int:
    """Row of `attained` that at least half of the searches attain."""
    return (searches + 1) // 2 - 1


def steps(costs: Floats, values: Floats, *, least: float) -> Floats:
    """Costs at which the best value within the budget rises, ascending, `[S]`.

    Args:
        costs: Costs, `[N]`.
        values: Values of the same networks, `[N]`.
        least: Value that a network must exceed.
    """
    edges = np.unique(costs)
    best = best_within(costs, values, edges, least=least)
    rises = np.diff(best, prepend=least) > 0
    found: Floats = edges[rises]
    return found

"""Do two measurements order things alike? Kendall's tau and Spearman's rho."""

import numpy as np

from vidnas.arrays import Floats


def kendall(cheap: Floats, full: Floats) -> float:
    """Kendall's tau-b of two rankings, `[N]` each; NaN where all are ties.

    Source:
        Kendall 1945, ties in both rankings.
    """
    return float(_kendalls(_order(cheap), _order(full), np.ones((1, len(cheap))))[0])


def _order(values: Floats) -> Floats:
    """The sign of each difference, `[N, N]`."""
    order: Floats = np.sign(values[:, None] - values[None, :])
    return order


def _kendalls(rises: Floats, climbs: Floats, counts: Floats) -> Floats:
    """Tau of S samples, `[S]`; `counts` says how often each holds a network, `[S, N]`.

    A network drawn twice makes no pair with itself, because the difference is 0.
    """

    def weighed(order: Floats) -> Floats:
        total: Floats = ((counts @ order) * counts).sum(axis=1)
        return total

    untied = weighed(np.abs(rises)) * weighed(np.abs(climbs))
    with np.errstate(invalid="ignore", divide="ignore"):
        taus: Floats = np.where(
            untied > 0, weighed(rises * climbs) / np.sqrt(untied), np.nan
        )
    return taus


def spearman(ours: Floats, theirs: Floats) -> float:
    """Spearman's rank correlation; equal values share their mean rank."""
    return float(np.corrcoef(_ranks(ours), _ranks(theirs))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    ranks: Floats = (ends - (counts - 1) / 2.0)[places.ravel()]
    return ranks

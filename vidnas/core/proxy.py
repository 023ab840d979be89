"""How well does a cheap fidelity rank? Kendall's tau against the full one.

Over all sizes, a cheap training ranks well as soon as it knows that more FLOPs mean
more accuracy, which nobody has to train for. What a promotion needs is the order of
networks that cost alike, so the same is asked within bands of FLOPs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_TAU = 0.3  # a fidelity that may rank worse is not recommended
BAND = 4  # networks that are compared with one another, at least
RESAMPLES = 2000  # of the bootstrap
Z = (2.5, 97.5)  # percentiles of the interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """Kendall's tau with its 95 % bootstrap interval.

    Args:
        tau: From -1 to 1; NaN where no two networks could be compared.
        low: Lower bound.
        high: Upper bound.
    """

    tau: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a cheap fidelity ranks the networks of a sample.

    Args:
        sample: Networks that were done at both fidelities.
        overall: Over all of them.
        within: Over pairs in one band of FLOPs.
        bands: How many bands there are.
    """

    sample: int
    overall: Estimate
    within: Estimate
    bands: int

    @property
    def is_recommended(self) -> bool:
        """Whether both intervals lie at `LEAST_TAU` or above."""
        return min(self.overall.low, self.within.low) >= LEAST_TAU

    @property
    def verdict(self) -> str:
        """`recommended`, or why not."""
        if self.is_recommended:
            return "recommended"
        name, worst = min(
            (("overall", self.overall), ("within bands of FLOPs", self.within)),
            key=lambda pair: pair[1].low if pair[1].low == pair[1].low else -2.0,
        )
        if np.isnan(worst.tau):
            return "not recommended: too few networks to compare"
        reason = (
            f"not recommended: tau {name} may be as low as {worst.low:.2f}, "
            f"below {LEAST_TAU}"
        )
        if worst.tau >= LEAST_TAU:
            reason += "; a larger sample may decide"
        return reason


def rank_agreement(
    cheap: Floats, full: Floats, flops: Floats, rng: np.random.Generator
) -> Ranking:
    """How well accuracies at a cheap fidelity rank those at the full one.

    Args:
        cheap: `[N]`, accuracy of each network at the cheap fidelity.
        full: `[N]`, the same at the full one.
        flops: `[N]`, above 0.
        rng: Draws the bootstrap's samples.
    """
    bands = quantile_bands(flops, len(flops) // BAND)
    together = bands[:, None] == bands[None, :]
    return Ranking(
        sample=len(flops),
        overall=_estimate(cheap, full, np.ones_like(together), rng),
        within=_estimate(cheap, full, together, rng),
        bands=len(set(bands.tolist())),
    )


def quantile_bands(flops: Floats, count: int) -> NDArray[np.int64]:
    """Band of each network, `[N]`: `count` bands of about as many networks each.

    Equal FLOPs are in one band, so there may be fewer.
    """
    if count < 2:
        return np.zeros(len(flops), np.int64)
    edges = np.quantile(np.log(flops), np.linspace(0, 1, count + 1)[1:-1])
    return np.searchsorted(edges, np.log(flops), side="left")


def kendall(cheap: Floats, full: Floats, compared: NDArray[np.bool_]) -> float:
    """Kendall's tau-b over the pairs `compared` `[N, N]`; NaN where all are ties.

    Source:
        Kendall 1945, ties in both rankings.
    """
    return float(_kendalls(cheap[None], full[None], np.triu(compared, 1)[None])[0])


def _kendalls(cheap: Floats, full: Floats, compared: NDArray[np.bool_]) -> Floats:
    """The same of `[S]` samples of `[S, N]` accuracies, pairs `[S, N, N]`."""
    rises = np.sign(cheap[:, :, None] - cheap[:, None, :]) * compared
    climbs = np.sign(full[:, :, None] - full[:, None, :]) * compared
    agreed = (rises * climbs).sum(axis=(1, 2))
    untied = (rises != 0).sum(axis=(1, 2)) * (climbs != 0).sum(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        taus: Floats = np.where(untied > 0, agreed / np.sqrt(untied), np.nan)
    return taus


def _estimate(
    cheap: Floats, full: Floats, compared: NDArray[np.bool_], rng: np.random.Generator
) -> Estimate:
    count = len(cheap)
    tau = kendall(cheap, full, compared)
    if np.isnan(tau):
        return Estimate(tau, tau, tau)
    drawn = rng.integers(count, size=(RESAMPLES, count))
    pairs = compared[drawn[:, :, None], drawn[:, None, :]]
    # A network drawn twice is no pair.
    pairs = pairs & (drawn[:, :, None] < drawn[:, None, :])
    taus = _kendalls(cheap[drawn], full[drawn], pairs)
    low, high = np.nanpercentile(taus, Z)
    return Estimate(tau, float(low), float(high))

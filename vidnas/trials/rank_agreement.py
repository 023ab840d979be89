"""How well does a cheap fidelity rank? Kendall's tau against the full one.

Over networks of all costs, a cheap training ranks well as soon as it knows that more
FLOPs mean more accuracy, which nobody has to train for. A promotion needs the order of
networks that cost alike. So tau is also computed at equal FLOPs: on what remains of
both accuracies after a curve in log FLOPs is subtracted. Bands of FLOPs alone would not
do, because the larger networks of a band still win.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats, Ints
from vidnas.statistics.rank_correlation import _kendalls, _order, kendall

LEAST_TAU = 0.3  # a fidelity that may rank worse than this is not recommended
BENT = 8  # networks that a curve needs; fewer leave a line
RESAMPLES = 2000  # of the bootstrap
Z = (2.5, 97.5)  # percentiles of the interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """Kendall's tau with its 95 % bootstrap interval.

    Args:
        tau: Estimate from -1 to 1; NaN where no two networks could be compared.
        low: Lower bound of the interval.
        high: Upper bound of the interval.
    """

    tau: float
    low: float
    high: float

    def to_document(self) -> dict[str, float | None]:
        """The estimate as plain data; what could not be estimated is None."""
        bounds = {"tau": self.tau, "low": self.low, "high": self.high}
        return {name: None if np.isnan(v) else float(v) for name, v in bounds.items()}


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a cheap fidelity ranks the networks of a sample.

    Args:
        sample: Number of networks that are done at both fidelities.
        overall: Agreement of their accuracies.
        equal: Agreement of their accuracies at equal FLOPs.
    """

    sample: int
    overall: Estimate
    equal: Estimate

    @property
    def is_recommended(self) -> bool:
        """Whether both intervals lie at `LEAST_TAU` or above."""
        return self._lower.low >= LEAST_TAU

    @property
    def verdict(self) -> str:
        """`recommended`, or why not."""
        if self.is_recommended:
            return "recommended"
        worst = self._lower
        if np.isnan(worst.tau):
            return "not recommended: too few networks, or all alike"
        where = "at equal FLOPs" if worst is self.equal else "overall"
        reason = (
            f"not recommended: tau {where} may be as low as {worst.low:.2f}, "
            f"below {LEAST_TAU}"
        )
        if worst.tau >= LEAST_TAU:
            reason += "; a larger sample may decide"
        return reason

    @property
    def _lower(self) -> Estimate:
        """The estimate with the lower bound; NaN is lowest of all."""
        if np.isnan(self.overall.low) or self.overall.low < self.equal.low:
            return self.overall
        return self.equal


def rank_agreement(
    cheap: Floats, full: Floats, flops: Floats, rng: np.random.Generator
) -> Ranking:
    """How well accuracies at a cheap fidelity rank those at the full one.

    Args:
        cheap: Accuracy of each network at the cheap fidelity, `[N]`.
        full: Accuracy of each network at full fidelity, `[N]`.
        flops: FLOPs of each network, `[N]`, above 0.
        rng: Generator that draws the samples of the bootstrap.
    """
    left = at_equal_flops(cheap, flops), at_equal_flops(full, flops)
    return Ranking(
        sample=len(flops),
        overall=_estimate(cheap, full, rng),
        equal=_estimate(*left, rng),
    )


def at_equal_flops(accuracies: Floats, flops: Floats) -> Floats:
    """Accuracies less what a curve in log FLOPs explains of them, `[N]`."""
    if len(flops) < 3:
        return np.zeros(len(flops))
    sizes = np.log(flops)
    degree = 2 if len(sizes) >= BENT else 1  # saturation bends it
    basis = np.stack([(sizes - sizes.mean()) ** d for d in range(degree + 1)], axis=1)
    curve = np.linalg.lstsq(basis, accuracies, rcond=None)[0]
    left: Floats = accuracies - basis @ curve
    left[np.abs(left) < 1e-9] = 0.0  # equal accuracies leave nothing
    return left


def quantile_bands(flops: Floats, count: int) -> Ints:
    """Band of each network, `[N]`: `count` bands of about equal numbers of networks.

    Equal FLOPs are in one band, so there may be fewer.
    """
    if count < 2:
        return np.zeros(len(flops), np.int64)
    edges = np.quantile(np.log(flops), np.linspace(0, 1, count + 1)[1:-1])
    return np.searchsorted(edges, np.log(flops), side="left")


def _estimate(cheap: Floats, full: Floats, rng: np.random.Generator) -> Estimate:
    count = len(cheap)
    tau = kendall(cheap, full)
    if np.isnan(tau):
        return Estimate(tau, tau, tau)
    counts = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    taus = _kendalls(_order(cheap), _order(full), counts.astype(np.float64))
    low, high = np.nanpercentile(taus, Z)
    return Estimate(tau, float(low), float(high))

"""How well is latency predicted? Predicted times of networks beside measured ones."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from vidnas.arrays import Floats
from vidnas.costs.latency.model import Latency
from vidnas.statistics.rank_correlation import spearman


@dataclass(frozen=True, slots=True)
class Checked:
    """One network that was measured.

    Args:
        arch_id: Identity of the network.
        block: Block of the network: what a layer is.
        flops: Multiply-adds of its clip.
        predicted: Latency that was predicted, with its error bar.
        measured_ms: Median of the measured times [ms].
    """

    arch_id: str
    block: str
    flops: int
    predicted: Latency
    measured_ms: float

    @property
    def error(self) -> float:
        """Predicted over measured, less one."""
        return self.predicted.ms / self.measured_ms - 1.0

    @property
    def within(self) -> bool:
        """Whether the error bar holds the measured time."""
        bar = self.predicted
        return bar.low_ms <= self.measured_ms <= bar.high_ms


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well predictions, and FLOPs alone, agree with measured times.

    Args:
        networks: Number of networks.
        median_error: Median error of predictions, in shares of the measured time.
        rank_correlation: Spearman's correlation of predictions with measured times.
        covered: Share of networks that error bars hold.
        flops_median_error: Median error of FLOPs times the factor that suits them best.
        flops_rank_correlation: Spearman's correlation of FLOPs with measured times.
    """

    networks: int
    median_error: float
    rank_correlation: float
    covered: float
    flops_median_error: float
    flops_rank_correlation: float

    @classmethod
    def of(cls, checked: Sequence[Checked]) -> "Verdict":
        """The verdict on networks, at least two."""
        measured = np.array([c.measured_ms for c in checked])
        flops = np.array([c.flops for c in checked], np.float64)
        predicted = np.array([c.predicted.ms for c in checked])
        return cls(
            networks=len(checked),
            median_error=float(np.median(np.abs(predicted / measured - 1.0))),
            rank_correlation=spearman(predicted, measured),
            covered=float(np.mean([c.within for c in checked])),
            flops_median_error=_least_median_error(flops, measured),
            flops_rank_correlation=spearman(flops, measured),
        )

    def to_document(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return asdict(self)


def _least_median_error(flops: Floats, measured: Floats) -> float:
    """Median error of FLOPs times the one factor for which it is least.

    The error of the middle network is least at a factor that is exact for a network, or
    that errs alike on two; all of them are tried.
    """
    ratios = flops / measured
    pairs = 2.0 / (ratios[:, None] + ratios[None, :])
    errors = np.abs(pairs.ravel()[:, None] * ratios - 1.0)
    return float(np.median(errors, axis=1).min())

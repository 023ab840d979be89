"""Will a training of a candidate come to an end? What crashed so far says where not.

A region of a space may run out of memory, or diverge, and no budget says so. So what
failed and what was done are modelled as an accuracy is, and what a candidate promises
counts as much as its chance. Failures that follow no pattern change no order.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Bools, Floats, Indices
from vidnas.statistics.gaussian_process import Gaussian, fit

FEWEST = 2  # failures, below which nothing is learnt of them
MOST = 300  # trainings that are told
LEAST = 0.02  # chance, so that no region is given up for good


@dataclass(frozen=True, slots=True, eq=False)
class Success:
    """The chance that a training is done.

    Args:
        process: Process of the outcomes, in units of their deviation; None where too
            little failed to know anything.
        rate: Share of the trainings that were done.
    """

    process: Gaussian | None = None
    rate: float = 1.0

    @classmethod
    def of(cls, points: Floats, failed: Bools) -> "Success":
        """What trainings say that ended.

        Args:
            points: `[N, D']`, of the trainings.
            failed: [N]. Which of them failed.
        """
        if failed.sum() < FEWEST:
            return cls()
        if failed.all():
            return cls(rate=LEAST)
        rate = 1.0 - float(failed.mean())
        told = _telling(failed)
        # What makes trainings fail is one thing or two, as a rule.
        outcomes = (~failed[told]).astype(np.float64) - rate
        return cls(fit(points[told], outcomes / _deviation(rate), outcomes=True), rate)

    def chance(self, points: Floats) -> Floats:
        """[N]. Chance of candidates, between `LEAST` and 1.

        Args:
            points: `[N, D']`, of the candidates.
        """
        if self.process is None:
            return np.full(len(points), self.rate)
        chance = self.rate + _deviation(self.rate) * self.process.mean(points)
        return np.asarray(np.clip(chance, LEAST, 1.0), np.float64)


def _telling(failed: Bools) -> Indices:
    """Numbers of what failed, and evenly of what did not, `MOST` at most."""
    bad, good = np.flatnonzero(failed)[-MOST // 2 :], np.flatnonzero(~failed)
    count = min(len(good), MOST - len(bad))
    return np.sort(np.r_[bad, good[np.arange(count) * len(good) // max(count, 1)]])


def _deviation(rate: float) -> float:
    return float(np.sqrt(rate * (1.0 - rate)))

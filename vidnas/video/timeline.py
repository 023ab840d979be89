"""When does a video show its frames? The moments, as its packets have them.

What a container claims of rate, length and first moment is asked for the rate only,
and believed only where the moments agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_UNKNOWN = 25.0  # frames per second, where neither moments nor container tell
_AGREEMENT = 0.1  # by which a believable claim may miss the moments' rate
_SPAN = 4  # steps over which uneven ones even out: 3:2 pulldown repeats after 4
_FASTEST = 1000.0  # frames per second of a believable claim


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The moments at which a video's frames are shown.

    Args:
        seconds: Moments from the first one on, rising [s].
        ticks: Moments as the packets have them, rising [time base]; None where frames
            can only be told apart by their order.
        keys: Moments of frames that decode without others, rising [time base].
        tick: Time base [s].
        rate: Source frames per second, for counting in frames.
        damaged_packets: Packets that could not be read.
        missing: Frames that the index lists and the file does not hold.
    """

    seconds: NDArray[np.float64]
    ticks: NDArray[np.int64] | None
    keys: NDArray[np.int64]
    tick: float
    rate: float
    damaged_packets: int = 0
    missing: int = 0

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def tolerance(self) -> float:
        """By how much a rounded moment may be late and still counts [s]."""
        return min(max(1e-4, self.tick), 0.25 / self.rate)

    def length(self, first: int = 0, last: int = -1) -> int:
        """Length from one frame to another, both included [frames of the rate]."""
        span = self.seconds[last] - self.seconds[first]
        return round(float(span) * self.rate) + 1

    def shown_at(self, moments: NDArray[np.float64]) -> NDArray[np.int64]:
        """The frame shown at each moment [s from the first]; the first one before."""
        found = np.searchsorted(self.seconds, moments + self.tolerance, side="right")
        return np.maximum(found - 1, 0)


def believable_rate(
    seconds: NDArray[np.float64], claims: Sequence[float], tick: float
) -> float:
    """Frames per second: a claim that the moments agree with, else their own.

    Args:
        seconds: Moments, rising [s].
        claims: Rates that the container claims, the most trusted first [1/s].
        tick: Time base, which rounds moments [s].
    """
    claims = [claim for claim in claims if 0 < claim <= _FASTEST]
    steps = np.diff(seconds)
    if not len(steps):
        return claims[0] if claims else RATE_UNKNOWN
    if len(steps) > 1 and np.ptp(steps) <= min(2 * tick, float(steps.mean()) / 4):
        return _even_rate(steps, claims, tick)
    # The lower median of an even number: the rate is that of frames, not of pauses.
    usual = [float(np.quantile(steps, 0.5, method="lower"))]
    if len(seconds) > 2 * _SPAN:
        usual.append(float(np.median(seconds[_SPAN:] - seconds[:-_SPAN])) / _SPAN)
    for claim in claims:
        for step in usual:
            if abs(step - 1 / claim) <= max(_AGREEMENT / claim, min(tick, 0.001)):
                return claim
    return 1 / float(np.median(steps))


def _even_rate(
    steps: NDArray[np.float64], claims: Sequence[float], tick: float
) -> float:
    """The rate of even steps: a claim within what rounding may hide, else their own."""
    mean = float(steps.mean())
    hidden = max(2 * tick / len(steps), 1e-4 * mean)
    agreeing = (claim for claim in claims if abs(1 / claim - mean) <= hidden)
    return next(agreeing, 1 / mean)


def without_jumps(seconds: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    """Moments of which no step is longer than a video shows a frame [s].

    A clock that jumped, as recordings that were joined have it, goes on by one usual
    step, so that what comes behind is near again.
    """
    steps = np.diff(seconds)
    jumps = (steps > longest) | (steps < 0)
    if not jumps.any():
        return seconds
    sound = steps[~jumps & (steps > 0)]
    steps[jumps] = np.median(sound) if len(sound) else 1 / RATE_UNKNOWN
    return np.concatenate([[0.0], np.cumsum(steps)])

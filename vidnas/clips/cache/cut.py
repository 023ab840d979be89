"""How is a smaller clip cut from a cached one? By whole numbers, the same everywhere.

A cached window is a video of its own: frames are taken from it as from a video of its
length, and resized by the mean of the area that a new pixel covers, in 256ths.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.clip_shape import ClipShape
from vidnas.errors import ClipError

_ONE = 256  # weights of a pixel sum to this; sums stay whole numbers below 2**24


@dataclass(frozen=True, slots=True)
class Cut:
    """How clips of one shape come from windows of another.

    Args:
        frames: Frames of a clip.
        step: Cached frames from one frame of a clip to the next.
        side: Height and width of a clip before cropping [pixels].
    """

    frames: int
    step: int
    side: int

    def at(self, pace: float, length: int) -> "Cut":
        """The cut whose frames lie `pace` times as far apart, or nearest to it.

        Args:
            pace: Factor of the step.
            length: Frames of a window, which the clip must fit.
        """
        if pace == 1.0:
            return self
        longest = (length - 1) // max(1, self.frames - 1)
        return replace(self, step=max(1, min(longest, round(self.step * pace))))

    def apply(
        self, window: NDArray[np.uint8], start: float, *, whole: bool = False
    ) -> NDArray[np.uint8]:
        """A clip `[frames, side, side, 3]` of a window `[T, S, S, 3]`.

        Args:
            window: Cached window.
            start: Place within its slack where the clip begins, from 0 to 1.
            whole: Whether frames keep their cached size.
        """
        slack = len(window) - ((self.frames - 1) * self.step + 1)
        first = round(start * slack)
        clip = window[first :: self.step][: self.frames]
        if whole or window.shape[1] == self.side:
            return clip
        return resize(clip, self.side)


@lru_cache(maxsize=1)
def cut_digest() -> str:
    """What tells this way of cutting from others."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


def cut_of(cached: ClipShape, wanted: ClipShape) -> Cut | None:
    """How clips are cut from cached windows; None where they cannot be.

    Args:
        cached: Shape of the windows.
        wanted: Shape of the clips: no longer, no larger, no faster, and of every so
            many cached frames.
    """
    step = _step(cached, wanted)
    if step is None or wanted.side > cached.side:
        return None
    if (wanted.frames - 1) * step + 1 > cached.frames:
        return None
    return Cut(wanted.frames, step, wanted.side)


def covering_shape(shapes: Iterable[ClipShape]) -> ClipShape:
    """The smallest shape that clips of all these can be cut from.

    Args:
        shapes: Shapes, all by stride or all by rate; at least one.

    Raises:
        ClipError: some count source frames and some frames per second.
    """
    found = list(shapes)
    rates = [shape.fps for shape in found if shape.fps is not None]
    if rates and len(rates) < len(found):
        raise ClipError(
            "One cache must serve clips by `fps` or by `frame_stride`, got both."
        )
    side = max(shape.side for shape in found)
    stride, fps = 1, None
    if rates:
        parts = [Fraction(rate).limit_denominator(10**6) for rate in rates]
        fps = float(
            Fraction(
                math.lcm(*(part.numerator for part in parts)),
                math.gcd(*(part.denominator for part in parts)),
            )
        )
    else:
        stride = math.gcd(*(shape.frame_stride for shape in found))
    held = ClipShape(1, stride, side, fps)
    frames = max((s.frames - 1) * (_step(held, s) or 1) + 1 for s in found)
    return replace(held, frames=frames)


def resize(clip: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A clip `[T, S, S, 3]` made smaller `[T, side, side, 3]`: means of areas, rounded.

    A new pixel is the mean of the old ones that it covers, by the share that it covers
    of each in 256ths. All sums are whole numbers below 2**24, which float32 holds, so
    no order of adding and no library of linear algebra changes a value.
    """
    T, S = clip.shape[:2]
    weights = _weights(S, side)  # [side, S]
    # [T, S, S, 3] -> [T, side, S * 3]: along the rows
    rows = weights @ clip.reshape(T, S, S * 3).astype(np.float32)
    # [T, side, S, 3] -> [T, side, side, 3]: along the columns
    both = weights @ rows.reshape(T, side, S, 3)
    pixels = (both.astype(np.int64) + _ONE * _ONE // 2) // (_ONE * _ONE)
    return pixels.astype(np.uint8)


@lru_cache(maxsize=64)
def _weights(size: int, side: int) -> NDArray[np.float32]:
    """Share of each old pixel in each new one, in 256ths `[side, size]`.

    Shares are rounded down; what is missing to 256 goes to the largest remainders, the
    first of equal ones first.
    """
    found = np.zeros((side, size), np.float32)
    for n in range(side):
        # Bounds of the new pixel, in units of 1 / side of an old one: whole numbers.
        low, high = n * size, (n + 1) * size
        old = np.arange(size) * side
        covered = np.clip(np.minimum(high, old + side) - np.maximum(low, old), 0, None)
        whole, rest = np.divmod(covered * _ONE, size)
        order = np.argsort(-rest, kind="stable")
        whole[order[: _ONE - int(whole.sum())]] += 1
        found[n] = whole
    found.flags.writeable = False
    return found


def _step(cached: ClipShape, wanted: ClipShape) -> int | None:
    """Cached frames from one wanted frame to the next; None where they fall between."""
    if (cached.fps is None) != (wanted.fps is None):
        return None
    if cached.fps is None or wanted.fps is None:
        step, rest = divmod(wanted.frame_stride, cached.frame_stride)
        return step if rest == 0 else None
    ratio = cached.fps / wanted.fps
    step = round(ratio)
    return step if step >= 1 and abs(ratio - step) < 1e-9 * ratio else None

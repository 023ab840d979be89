"""What does a part of every frame look like at another size? Bilinear, exact at 1:1.

Fixed-point weights of 8 bits: the same pixels on every machine, and a part of the size
that is asked for comes out as it went in. Each frame is done by itself, so that what is
worked on stays in the processor's cache.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Ints

_ONE = 256  # weight of a whole pixel


class Box(NamedTuple):
    """A rectangle of a frame.

    Args:
        top: First row.
        left: First column.
        height: Number of rows.
        width: Number of columns.
    """

    top: int
    left: int
    height: int
    width: int


def resized(
    clip: NDArray[np.uint8], box: Box, side: int, *, mirrored: bool = False
) -> NDArray[np.uint8]:
    """The same part of every frame, as a square.

    Args:
        clip: Frames `[T, H, W, C]`.
        box: Part of the frames.
        side: Height and width of the square [pixels].
        mirrored: Whether left and right change places.

    Returns:
        Frames `[T, side, side, C]`.
    """
    T, _, _, C = clip.shape
    above, below, down = _taps(box.height, side)
    left, right, across = _taps(box.width, side)
    if mirrored:
        left, right, across = left[::-1], right[::-1], across[::-1]
    # [side] -> [side * C]: channels of a column stand side by side in a row
    channels = np.arange(C)
    left, right = ((column[:, None] * C + channels).ravel() for column in (left, right))
    across, down = np.repeat(across, C), down[:, None]
    squares = np.empty((T, side, side * C), np.uint8)
    part = clip[:, box.top : box.top + box.height, box.left : box.left + box.width]
    for image, square in zip(part, squares, strict=True):
        frame = image.reshape(box.height, box.width * C)
        rows = _between(frame[above], frame[below], down)
        square[...] = _between(rows[:, left], rows[:, right], across)
    return squares.reshape(T, side, side, C)


def _taps(length: int, side: int) -> tuple[Ints, Ints, NDArray[np.uint16]]:
    """Both neighbours of each new pixel's middle, and the weight of the second."""
    middles = (np.arange(side) + 0.5) * length / side - 0.5
    middles = np.clip(middles, 0, length - 1)
    first = np.floor(middles).astype(np.intp)
    weight = np.round((middles - first) * _ONE).astype(np.uint16)
    return first, np.minimum(first + 1, length - 1), weight


def _between(
    first: NDArray[np.unsignedinteger],
    second: NDArray[np.unsignedinteger],
    weight: NDArray[np.uint16],
) -> NDArray[np.uint16]:
    """Weighted mean of two arrays of pixels; 255 * 256 + 128 fits 16 bits."""
    mean = first * (_ONE - weight)
    mean += second * weight
    mean += np.uint16(_ONE // 2)
    mean >>= np.uint16(8)
    return mean

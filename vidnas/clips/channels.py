"""What are the colours of a clip? Red, green and blue, or their luma alone."""

import numpy as np
from numpy.typing import NDArray

from vidnas.errors import ClipError

LUMA = (299, 587, 114)  # thousandths of R, G and B: ITU-R BT.601


def in_channels(clip: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """A clip in colour, or in grey.

    Grey is `(299 R + 587 G + 114 B + 500) // 1000`, in whole numbers, so that a clip
    has the same grey whatever it was decoded from and wherever.

    Args:
        clip: RGB pixels `[..., 3]`.
        channels: 3 for colour, 1 for grey.

    Returns:
        Pixels `[..., channels]`.

    Raises:
        ClipError: `channels` is neither 1 nor 3.
    """
    if channels == 3:
        return clip
    if channels != 1:
        raise ClipError(f"`channels` of a clip must be 1 or 3, got {channels}.")
    red, green, blue = (clip[..., n].astype(np.uint32) * LUMA[n] for n in range(3))
    return ((red + green + blue + 500) // 1000).astype(np.uint8)[..., None]

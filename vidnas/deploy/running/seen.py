"""How does a frame become what a network sees? Covered, cut, in its channels.

As in an evaluation: frames cover a square that is larger than the network's by the
margin that its training cropped from, and the middle of it is seen.
"""

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.parts import Clip
from vidnas.clips.channels import in_channels
from vidnas.deploy.running.runner import Values
from vidnas.errors import InputError
from vidnas.video.display import Painter

Pixels = NDArray[np.uint8]
UNIT = np.float32(1.0 / 255.0)


class Sight:
    """What a network sees of frames of any size.

    Args:
        clip: Clip of the network.
        margin: Share by which frames are larger than what is cut from them.
    """

    def __init__(self, clip: Clip, margin: float = 0.0) -> None:
        self._side = clip.resolution
        self._channels = clip.channels
        self.covered = round(clip.resolution * (1 + margin))
        self._painters: dict[float, Painter] = {}

    def of_frame(self, frame: Any, pixel_shape: float = 1.0) -> Pixels:
        """A decoded frame as the network sees it, `[side, side, C]`.

        Args:
            frame: Frame as PyAV decodes it.
            pixel_shape: Width over height of its pixels.
        """
        if pixel_shape not in self._painters:
            size = (self.covered, self.covered)
            self._painters[pixel_shape] = Painter(size, pixel_shape)
        return self.of_square(self._painters[pixel_shape].paint(frame))

    def of_image(self, image: Any) -> Pixels:
        """An image `[H, W, 3]` of bytes as the network sees it, `[side, side, C]`.

        Raises:
            InputError: it is no such image.
        """
        pixels = np.asarray(image)
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise InputError(
                "A frame must be RGB bytes `[H, W, 3]`, got "
                f"{pixels.dtype} {list(pixels.shape)}."
            )
        if pixels.shape[:2] == (self.covered, self.covered):
            return self.of_square(pixels)
        whole = np.ascontiguousarray(pixels)
        return self.of_frame(av.VideoFrame.from_ndarray(whole, format="rgb24"))

    def of_square(self, square: Pixels) -> Pixels:
        """The middle of a covered square `[covered, covered, 3]`."""
        first = (self.covered - self._side) // 2
        last = first + self._side
        return in_channels(square[first:last, first:last], self._channels)


def in_unit_range(pixels: Pixels) -> Values:
    """Bytes as floats in [0, 1], as networks take them."""
    return pixels.astype(np.float32) * UNIT

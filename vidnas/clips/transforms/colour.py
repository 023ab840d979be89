"""How do colours of a clip change? Brightness to hue, all at once, as one linear map.

Changes of brightness, contrast, saturation and hue are each linear in red, green and
blue. Their product is applied once: one pass over the pixels, rounded once.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.transforms.tables import apply_table

GREY = np.array([0.299, 0.587, 0.114])  # Rec. 601
_YIQ = np.array([GREY, [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
_SPARSE = 4  # every fourth row and column tell how bright a clip is

Jitter = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ColourChange:
    """What happens to the colours of a clip.

    Args:
        brightness: Factor of every value.
        contrast: Factor of the distance from the clip's mean grey.
        saturation: Factor of the distance from each pixel's own grey.
        hue: Turn of the colour wheel, 1 for all the way round.
    """

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0

    def apply(self, clip: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Changed frames `[T, H, W, C]`; of one channel, only in brightness, contrast.

        Args:
            clip: Frames `[T, H, W, C]`, of 3 channels or 1.
        """
        factor = self.brightness * self.contrast
        offset = 0.0
        if self.contrast != 1.0:
            offset = (1 - self.contrast) * self.brightness * mean_grey(clip)
        if clip.shape[-1] == 1 or (self.saturation == 1.0 and self.hue == 0.0):
            if factor == 1.0 and offset == 0.0:
                return clip
            values = np.clip(np.arange(256) * factor + offset + 0.5, 0, 255)
            return apply_table(clip, values.astype(np.uint8))
        # The offset is grey, which saturation and hue leave as it is.
        return _mapped(clip, factor * self._colour_map(), offset)

    def _colour_map(self) -> NDArray[np.float64]:
        saturate = self.saturation * np.eye(3) + (1 - self.saturation) * GREY
        angle = 2 * math.pi * self.hue
        cosine, sine = math.cos(angle), math.sin(angle)
        turn = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
        hue = np.linalg.inv(_YIQ) @ turn @ _YIQ
        return np.asarray(hue @ saturate, np.float64)


def random_colours(jitter: Jitter, rng: np.random.Generator) -> ColourChange:
    """A random change of colours.

    Args:
        jitter: Largest change of brightness, contrast and saturation, each 0.4 for
            factors from 0.6 to 1.4, and of hue, at most 0.5.
        rng: Generator of the clip.
    """

    def factor(most: float) -> float:
        return rng.uniform(max(0.0, 1 - most), 1 + most)

    brightness, contrast, saturation, hue = jitter
    return ColourChange(
        factor(brightness),
        factor(contrast),
        factor(saturation),
        rng.uniform(-hue, hue),
    )


def mean_grey(clip: NDArray[np.uint8]) -> float:
    """How bright a clip is, from 0 to 255, by every fourth row and column."""
    some = clip[:, ::_SPARSE, ::_SPARSE]
    means = [float(some[..., channel].mean()) for channel in range(clip.shape[-1])]
    return float(means @ GREY) if len(means) == len(GREY) else means[0]


def _mapped(
    clip: NDArray[np.uint8], matrix: NDArray[np.float64], offset: float
) -> NDArray[np.uint8]:
    """`matrix @ colour + offset` of every pixel, without linear algebra's threads."""
    rows = matrix.astype(np.float32)
    changed = np.empty_like(clip)
    for frame, new in zip(clip, changed, strict=True):
        red, green, blue = (frame[..., n].astype(np.float32) for n in range(3))
        for n, (of_red, of_green, of_blue) in enumerate(rows):
            value = red * of_red
            value += green * of_green
            value += blue * of_blue
            value += np.float32(offset + 0.5)
            new[..., n] = np.clip(value, 0, 255, out=value)
    return changed

"""Which part of its frames does a training step see? Random boxes, one for a clip."""

import math

import numpy as np

from vidnas.clips.transforms.resize import Box

ATTEMPTS = 10  # as in GoogLeNet's crops in every library; then the largest centre

Range = tuple[float, float]


def random_box(
    height: int, width: int, rng: np.random.Generator, *, area: Range, aspect: Range
) -> Box:
    """A box of random area and aspect at a random place.

    Args:
        height: Rows of the frames.
        width: Columns of the frames.
        rng: Generator of the clip.
        area: Least and largest share of the frame's area.
        aspect: Least and largest width over height, drawn evenly on a logarithmic
            scale.

    Returns:
        The box; the largest one at the centre of an aspect within the limits where
        none of ten drawn boxes fits.

    Source:
        GoogLeNet, arXiv 1409.4842, section 6.
    """
    low, high = (math.log(limit) for limit in aspect)
    for _ in range(ATTEMPTS):
        share, ratio = rng.uniform(*area), math.exp(rng.uniform(low, high))
        columns = round(math.sqrt(height * width * share * ratio))
        rows = round(math.sqrt(height * width * share / ratio))
        if 0 < rows <= height and 0 < columns <= width:
            return _placed(height, width, rows, columns, rng)
    ratio = min(max(width / height, aspect[0]), aspect[1])
    rows = max(1, min(height, round(width / ratio)))
    columns = max(1, min(width, round(height * ratio)))
    return Box((height - rows) // 2, (width - columns) // 2, rows, columns)


def short_side_box(
    height: int, width: int, rng: np.random.Generator, *, short_side: Range
) -> Box:
    """A square box, as if frames had been resized to a random short side and cropped.

    Args:
        height: Rows of the frames.
        width: Columns of the frames.
        rng: Generator of the clip.
        short_side: Least and largest short side, over that of the crop; 256 to 320 for
            crops of 224 are 1.143 and 1.429.

    Source:
        VGG, arXiv 1409.1556, section 3.1: scale jittering.
    """
    side = max(1, round(min(height, width) / rng.uniform(*short_side)))
    return _placed(height, width, side, side, rng)


def _placed(
    height: int, width: int, rows: int, columns: int, rng: np.random.Generator
) -> Box:
    top = int(rng.integers(0, height - rows, endpoint=True))
    left = int(rng.integers(0, width - columns, endpoint=True))
    return Box(top, left, rows, columns)

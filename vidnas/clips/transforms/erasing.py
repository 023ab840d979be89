"""Which part of a clip is hidden in training? The same part of every frame."""

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.transforms.crop import random_box

AREA = (0.02, 1 / 3)  # arXiv 1708.04896
ASPECT = (0.3, 1 / 0.3)


def erased(
    clip: NDArray[np.uint8], probability: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The clip, or the clip with a box of noise in the same place of all frames.

    Args:
        clip: Frames `[T, H, W, C]`; not changed.
        probability: Share of clips that lose a box.
        rng: Generator of the clip.

    Source:
        Random erasing, arXiv 1708.04896; the box goes through all frames, a tube, and
        so does its noise.
    """
    if rng.random() >= probability:
        return clip
    _, H, W, C = clip.shape
    box = random_box(H, W, rng, area=AREA, aspect=ASPECT)
    noise = rng.integers(0, 256, (box.height, box.width, C), dtype=np.uint8)
    hidden = clip.copy()
    hidden[:, box.top : box.top + box.height, box.left : box.left + box.width] = noise
    return hidden

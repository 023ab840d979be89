"""How are the clips of a batch mixed, and their targets with them?

One draw serves a batch, and each clip is mixed with the one as far from the end as it
is from the beginning.
"""

import math

import numpy as np
from numpy.typing import NDArray

_ONE = 256  # weight of a whole clip

Batch = tuple[NDArray[np.uint8], NDArray[np.float32]]


def mixed(
    clips: NDArray[np.uint8],
    targets: NDArray[np.float32],
    rng: np.random.Generator,
    *,
    mixup: float,
    cutmix: float,
) -> Batch:
    """A batch mixed one way or the other, by the toss of a coin where both are asked.

    Args:
        clips: Clips `[B, T, H, W, C]`; not changed.
        targets: Share of each class `[B, K]`; not changed.
        rng: Generator of the batch.
        mixup: Both parameters of the Beta distribution of weights; 0 for no mixup.
        cutmix: Both parameters of the Beta distribution of areas; 0 for no cutmix.
    """
    coin = rng.random()
    if cutmix and (not mixup or coin < 0.5):
        return cut_in(clips, targets, 1 - rng.beta(cutmix, cutmix), rng)
    if mixup:
        return blended(clips, targets, rng.beta(mixup, mixup))
    return clips, targets


def blended(
    clips: NDArray[np.uint8], targets: NDArray[np.float32], weight: float
) -> Batch:
    """Weighted means of clips, and the same of their targets.

    Args:
        clips: Clips `[B, T, H, W, C]`.
        targets: Share of each class `[B, K]`.
        weight: Weight of the clip itself; the other's is the rest.

    Source:
        mixup, arXiv 1710.09412.
    """
    own = round(weight * _ONE)
    others, means = clips[::-1], np.empty_like(clips)
    for clip, other, new in zip(clips, others, means, strict=True):
        mean = clip * np.uint16(own)
        mean += other * np.uint16(_ONE - own)
        mean += np.uint16(_ONE // 2)
        mean >>= np.uint16(8)
        new[...] = mean
    return means, _shares(targets, own / _ONE)


def cut_in(
    clips: NDArray[np.uint8],
    targets: NDArray[np.float32],
    area: float,
    rng: np.random.Generator,
) -> Batch:
    """Each clip with a box of another, and targets by the area that is left.

    Args:
        clips: Clips `[B, T, H, W, C]`.
        targets: Share of each class `[B, K]`.
        area: Share of a frame that the box takes, less where it meets the border.
        rng: Generator of the batch.

    Source:
        CutMix, arXiv 1905.04899; the box goes through all frames.
    """
    H, W = clips.shape[2:4]
    rows, columns = (round(side * math.sqrt(area)) for side in (H, W))
    top = int(rng.integers(0, H)) - rows // 2
    left = int(rng.integers(0, W)) - columns // 2
    bottom, right = min(H, top + rows), min(W, left + columns)
    top, left = max(0, top), max(0, left)
    cut = clips.copy()
    cut[:, :, top:bottom, left:right] = clips[::-1, :, top:bottom, left:right]
    return cut, _shares(targets, 1 - (bottom - top) * (right - left) / (H * W))


def _shares(targets: NDArray[np.float32], own: float) -> NDArray[np.float32]:
    shares = targets * np.float32(own) + targets[::-1] * np.float32(1 - own)
    return np.asarray(shares, np.float32)

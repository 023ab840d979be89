"""Which new value does each of the 256 values of a pixel get? Look-up tables.

One table serves all frames of a clip, so it also equalises and stretches by what the
whole clip holds.
"""

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]  # [256], or [C, 256]
VALUES = np.arange(256, dtype=np.uint8)


def apply_table(clip: NDArray[np.uint8], table: Table) -> NDArray[np.uint8]:
    """New values of every pixel.

    Args:
        clip: Frames `[T, H, W, C]`.
        table: New values `[256]`, or `[C, 256]` with those of each channel.
    """
    if table.ndim == 1:
        return _looked_up(clip, table)
    changed = np.empty_like(clip)
    for channel, values in enumerate(table):
        changed[..., channel] = np.take(values, clip[..., channel])
    return changed


def _looked_up(clip: NDArray[np.uint8], table: Table) -> NDArray[np.uint8]:
    """New values, two at a time: half the look-ups, whatever the order of bytes."""
    flat = np.ascontiguousarray(clip).reshape(-1)
    if len(flat) % 2:
        return np.take(table, clip)
    wide = table.astype(np.uint16)
    pairs = ((wide << 8)[:, None] | wide).ravel()
    return np.take(pairs, flat.view(np.uint16)).view(np.uint8).reshape(clip.shape)


def inverted() -> Table:
    """The negative."""
    return VALUES[::-1].copy()


def posterised(bits: int) -> Table:
    """Only the upper bits of each value, at least one."""
    kept = 8 - max(1, min(8, bits))
    return np.asarray((VALUES >> kept) << kept, np.uint8)


def solarised(threshold: int) -> Table:
    """The negative of values from a threshold on."""
    return np.where(threshold > VALUES, VALUES, 255 - VALUES)


def brightened_below(addition: int, threshold: int = 128) -> Table:
    """Values below a threshold are raised by an addition, at most to white."""
    raised = np.minimum(VALUES.astype(np.int64) + addition, 255).astype(np.uint8)
    return np.where(threshold > VALUES, raised, VALUES)


def stretched(clip: NDArray[np.uint8]) -> Table:
    """Each channel from 0 to 255, by its least and largest value in the clip."""
    T, H, W, C = clip.shape
    rows = clip.reshape(T * H, W * C)  # long rows, which numpy compares at once
    lows = rows.min(0).reshape(W, C).min(0).tolist()
    highs = rows.max(0).reshape(W, C).max(0).tolist()
    tables = []
    for low, high in zip(lows, highs, strict=True):
        scale = 255.0 / (high - low) if high > low else 1.0
        shift = low * scale if high > low else 0.0
        values = np.clip(VALUES * scale - shift + 0.5, 0, 255)
        tables.append(values.astype(np.uint8))
    return np.stack(tables)


def equalised(clip: NDArray[np.uint8]) -> Table:
    """Each channel with its values spread evenly, by their counts in the clip.

    Source:
        `ImageOps.equalize` of Pillow, which AutoAugment was searched with.
    """
    flat = clip.reshape(-1, clip.shape[-1])
    return np.stack([_equal_shares(channel) for channel in flat.T])


def _equal_shares(channel: NDArray[np.uint8]) -> Table:
    counts = np.bincount(channel, minlength=256)
    last = counts[np.flatnonzero(counts)[-1]]
    step = int(counts.sum() - last) // 255
    if step == 0:
        return VALUES
    before = np.cumsum(counts) - counts  # pixels below each value
    shares = np.minimum((before + step // 2) // step, 255)
    return np.asarray(shares, np.uint8)

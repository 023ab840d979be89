"""In which parts does a causal network see a clip that it is trained on?"""

from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.arrays import Ints


def subclip_lengths(architecture: Architecture, most: int | None) -> tuple[int, ...]:
    """Frames of each part of a clip, in order: as few parts as may be, near alike.

    A network that is not causal has no buffers to carry, and sees whole clips.

    Args:
        architecture: Architecture in training, at its clip shape.
        most: Frames that no part exceeds; None for whole clips.

    Source:
        MoViNets, arXiv 2103.11511, training with stream buffers.
    """
    frames = architecture.clip.frames
    if most is None or not architecture.causal:
        return (frames,)
    parts = -(-frames // most)
    least, longer = divmod(frames, parts)
    return (least + 1,) * longer + (least,) * (parts - longer)


def longest_subclips(frames: Ints, causal: Any, most: int) -> Ints:
    """Frames of the longest part of each of N clips, `[N]`.

    Args:
        frames: Frames of each clip, `[N]`.
        causal: Whether each network is causal, `[N]`.
        most: Frames that no part exceeds.
    """
    parts = -(-frames // most)
    return np.where(causal, -(-frames // parts), frames)

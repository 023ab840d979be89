"""What does every runtime offer that can run a network? Logits, of clips or frames.

Keras, LiteRT and whatever joins look alike from here: floats in [0, 1] go in, logits
come out. What a stream remembers stays inside its runner.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


class ClipRunner(Protocol):
    """A network on whole clips."""

    @property
    def runtime(self) -> str:
        """Name of what computes, such as `keras` or `litert`."""

    def clip_logits(self, clips: Values) -> Values:
        """Logits `[B, K]` of clips.

        Args:
            clips: Clips `[B, T, H, W, C]` in [0, 1], any B of 1 or more.
        """


class StreamRunner(Protocol):
    """A network on the frames of several streams side by side, as they arrive."""

    @property
    def runtime(self) -> str:
        """Name of what computes, such as `keras` or `litert`."""

    @property
    def streams(self) -> int:
        """How many streams run side by side, B."""

    def frame_logits(self, frames: Values) -> Values:
        """Logits `[B, K]` after the next frame of each stream.

        Args:
            frames: One frame of each stream `[B, H, W, C]`, in [0, 1].
        """

    def restart(self) -> None:
        """Forgets every frame: the next one is the first."""

"""How does a network answer frame after frame? Carried on, or clip by clip."""

from collections import deque
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vidnas.deploy.running.runner import ClipRunner, StreamRunner, Values
from vidnas.deploy.running.seen import Pixels, in_unit_range


class Steps(Protocol):
    """What answers the frames of one video, in order."""

    def step(self, pixels: Pixels) -> Values | None:
        """Logits `[K]` after the next frame; None where they must wait for more.

        Args:
            pixels: Frame as the network sees it `[H, W, C]`.
        """

    def last(self) -> Values | None:
        """Logits of a video that ended before there were any; None where there were."""

    def restart(self) -> None:
        """Forgets every frame."""


class CarriedSteps:
    """A stream network: every frame is answered, what it remembers is carried on.

    Args:
        runner: Runner of a stream; of several side by side, all get the same frames.
    """

    def __init__(self, runner: StreamRunner) -> None:
        self._runner = runner

    def step(self, pixels: Pixels) -> Values | None:
        """Logits `[K]` after the next frame `[H, W, C]`."""
        frames = pixels[None].repeat(self._runner.streams, 0)
        return self._runner.frame_logits(in_unit_range(frames))[0]

    def last(self) -> Values | None:
        """Nothing: every frame was answered."""
        return None

    def restart(self) -> None:
        """Forgets every frame."""
        self._runner.restart()


class ClipSteps:
    """A clip network on the last frames: answered whenever a clip is full.

    Args:
        runner: Runner of the clip network.
        frames: Frames of a clip.
        hop: Frames from one clip to the next; None for half a clip.
    """

    def __init__(self, runner: ClipRunner, frames: int, hop: int | None = None) -> None:
        self._runner = runner
        self._frames = frames
        self._hop = hop or max(1, frames // 2)
        self._held: deque[Pixels] = deque(maxlen=frames)
        self._missing = frames  # until the next answer
        self._answered = False

    def step(self, pixels: Pixels) -> Values | None:
        """Logits `[K]` of the last clip, once it is full and every hop after that."""
        self._held.append(pixels)
        self._missing -= 1
        if self._missing:
            return None
        self._missing = self._hop
        return self._answer(list(self._held))

    def last(self) -> Values | None:
        """Logits of a video shorter than a clip, which holds its last frame."""
        if self._answered or not self._held:
            return None
        missing = self._frames - len(self._held)
        return self._answer([*self._held, *[self._held[-1]] * missing])

    def restart(self) -> None:
        """Forgets every frame."""
        self._held.clear()
        self._missing, self._answered = self._frames, False

    def _answer(self, frames: list[Pixels]) -> Values:
        self._answered = True
        return self._runner.clip_logits(in_unit_range(np.stack(frames)[None]))[0]


class SteppedClips:
    """A stream network on whole clips, frame by frame; see `ClipRunner`.

    Args:
        runner: Runner of the stream.
    """

    def __init__(self, runner: StreamRunner) -> None:
        self._runner = runner
        self.runtime = f"{runner.runtime} stream"

    def clip_logits(self, clips: Values) -> Values:
        """Logits `[B, K]` after the last frame of each clip `[B, T, H, W, C]`."""
        side_by_side = self._runner.streams
        found = []
        for first in range(0, len(clips), side_by_side):
            some = clips[first : first + side_by_side]
            self._runner.restart()
            for frame in np.moveaxis(filled(some, side_by_side), 1, 0):
                logits = self._runner.frame_logits(frame)
            found.append(logits[: len(some)])
        self._runner.restart()
        return np.concatenate(found)


def filled(clips: NDArray[Any], count: int) -> NDArray[Any]:
    """So many clips, the last ones empty where there are fewer.

    Args:
        clips: Clips `[B, T, H, W, C]`.
        count: Number of clips, at least B.
    """
    missing = count - len(clips)
    return np.pad(clips, [(0, missing), *[(0, 0)] * 4]) if missing else clips

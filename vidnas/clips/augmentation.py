"""What does a training step see of a decoded clip? Crops, mirrors, time orders."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a clip, the same for all its frames.

    Args:
        start: Place in the video where the clip begins, from 0 to 1.
        top: First row of the crop.
        left: First column of the crop.
        mirrored: Whether left and right change places.
        times: Order of the frames.
    """

    start: float
    top: int
    left: int
    mirrored: bool
    times: tuple[int, ...]

    def shuffle_frames(self, rng: np.random.Generator) -> "View":
        """This view with its frames in random order."""
        return replace(self, times=tuple(rng.permutation(self.times).tolist()))

    def apply(self, clip: NDArray[np.uint8], resolution: int) -> NDArray[np.uint8]:
        """`[T, side, side, 3] -> [T, resolution, resolution, 3]`."""
        rows = slice(self.top, self.top + resolution)
        columns = slice(self.left, self.left + resolution)
        crop = clip[:, rows, columns][list(self.times)]
        return crop[:, :, ::-1] if self.mirrored else crop


def plain_views(count: int, frames: int, room: int) -> list[View]:
    """The centre of every clip, in space and time.

    Args:
        count: Number of clips.
        frames: Frames per clip.
        room: Pixels by which a clip is larger than its crop.
    """
    view = View(0.5, room // 2, room // 2, False, tuple(range(frames)))
    return [view] * count


def random_views(
    count: int,
    frames: int,
    room: int,
    rng: np.random.Generator,
    flip: bool,
    reverse: bool,
) -> list[View]:
    """A random view of every clip; mirrored or reversed only where asked.

    Args:
        count: Number of clips.
        frames: Frames per clip.
        room: Pixels by which a clip is larger than its crop.
        rng: Generator that draws the same numbers whatever `flip` and `reverse` are.
        flip: Whether half of the clips are mirrored.
        reverse: Whether half of the clips are played backwards.
    """
    corners = rng.integers(0, room, (count, 2), endpoint=True).tolist()
    starts = rng.random(count).tolist()
    coins = (rng.random((count, 2)) < 0.5).tolist()
    forward = tuple(range(frames))
    return [
        View(
            start=start,
            top=top,
            left=left,
            mirrored=flip and mirror,
            times=forward[::-1] if reverse and backwards else forward,
        )
        for start, (top, left), (mirror, backwards) in zip(
            starts, corners, coins, strict=True
        )
    ]

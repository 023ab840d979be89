"""What does a training step see of a decoded clip? Crops, mirrors, time orders.

What recipes could always ask for is drawn here, for a whole pass from one generator:
trainings begun by earlier versions go on with the same draws. Whatever joined since is
drawn for each clip by itself (`clip_generator`), and changes none of these.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Ints
from vidnas.clips.transforms.transforms import ClipTransform, Transforms
from vidnas.clips.transforms.warp import mirrored


class Source(NamedTuple):
    """What is decoded for a view.

    Args:
        start: Place in the video where the clip begins, from 0 to 1.
        frame_stride: Source frames from one to the next; None for the set's own.
        whole: Whether frames keep what lies beyond the square in their middle.
    """

    start: float
    frame_stride: int | None
    whole: bool


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a clip, the same for all its frames.

    Args:
        start: Place in the video where the clip begins, from 0 to 1.
        top: First row of the crop.
        left: First column of the crop.
        mirrored: Whether left and right change places.
        times: Order of the frames.
        frame_stride: Source frames from one to the next; None for the set's own.
        along: Place of the crop along the longer side of whole frames, from 0 to 1;
            None where frames are squares and `top` and `left` say it.
        transform: Whatever else happens to the clip.
    """

    start: float
    top: int
    left: int
    mirrored: bool
    times: tuple[int, ...]
    frame_stride: int | None = None
    along: float | None = None
    transform: ClipTransform | None = None

    @property
    def source(self) -> Source:
        """What is decoded for this view."""
        drawn = self.transform is not None and self.transform.transforms
        whole = self.along is not None or (drawn and drawn.from_whole_frames)
        return Source(self.start, self.frame_stride, bool(whole))

    def shuffle_frames(self, rng: np.random.Generator) -> "View":
        """This view with its frames in random order."""
        return replace(self, times=tuple(rng.permutation(self.times).tolist()))

    def apply(self, clip: NDArray[np.uint8], resolution: int) -> NDArray[np.uint8]:
        """`[T, H, W, C] -> [T, resolution, resolution, C]`."""
        top, left = self.top, self.left
        if self.along is not None:
            top, left = _along(clip, resolution, self.along)
        crop = clip[:, top : top + resolution, left : left + resolution]
        if self.transform is not None:
            crop = self.transform.apply(clip, crop, mirrored=self.mirrored)
        elif self.mirrored:
            crop = mirrored(crop)
        in_order = self.times == tuple(range(len(clip)))
        return crop if in_order else crop[list(self.times)]


def spread_views(frames: int, room: int, *, moments: int, crops: int) -> list[View]:
    """Views of one video, spread evenly over its length and its longer side.

    Args:
        frames: Frames per clip.
        room: Pixels by which a clip is larger than its crop.
        moments: Clips over the length, the first and the last frame among them; 1 for
            the middle.
        crops: Crops of each clip along the longer side, both ends among them; 1 for the
            centre.

    Returns:
        `moments * crops` views, the crops of a moment one after another. A single view
        is the middle in space and time.

    Source:
        Non-local networks, arXiv 1711.07971, section 4: 10 clips of 3 crops.
    """
    plain = View(0.5, room // 2, room // 2, False, tuple(range(frames)))
    if moments * crops == 1:
        return [plain]
    return [
        replace(plain, start=start, along=place)
        for start in _spread(moments)
        for place in _spread(crops)
    ]


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


def transformed_views(
    views: list[View],
    transforms: Transforms,
    rows: Ints,
    key: tuple[int, int],
    frame_stride: int,
) -> list[View]:
    """The views with what else the transforms do to each clip.

    Args:
        views: Views of a pass.
        transforms: Transforms of the recipe.
        rows: Places of the clips in their set, one a view: they decide what is drawn,
            whatever the order of the pass.
        key: Seed of the training, and number of the pass.
        frame_stride: Source frames from one to the next, before any jitter.
    """
    if not transforms.change_clips:
        return views
    keys = [(*key, int(row)) for row in rows]
    return [
        replace(
            view,
            frame_stride=transforms.draw_stride(frame_stride, clip),
            transform=ClipTransform(transforms, clip),
        )
        for view, clip in zip(views, keys, strict=True)
    ]


def _spread(count: int) -> list[float]:
    """`count` places from 0 to 1, or the middle for one."""
    return [0.5] if count == 1 else np.linspace(0.0, 1.0, count).tolist()


def _along(clip: NDArray[np.uint8], resolution: int, place: float) -> tuple[int, int]:
    """First row and column of a crop along the longer side, central across it."""
    H, W = clip.shape[1:3]
    down, right = (0.5, place) if W >= H else (place, 0.5)
    return int(down * (H - resolution)), int(right * (W - resolution))

"""Which batches does a network train and evaluate on? One split at one clip shape."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Ints
from vidnas.clips.channels import in_channels
from vidnas.clips.clip_shape import ClipShape, decode_clip
from vidnas.clips.decoded_faults import DecodedFaults
from vidnas.clips.findings import Finding
from vidnas.clips.prepare_ahead import PreparedAhead, Work
from vidnas.clips.transforms import (
    NONE,
    Source,
    Transforms,
    View,
    random_views,
    spread_views,
    transformed_views,
)
from vidnas.datasets.index import ClipEntry, Targets, targets_of

Clips = NDArray[np.uint8]  # [B, T, H, W, C]
Mix = Callable[[Clips, Targets], tuple[Clips, Targets]]
Batches = PreparedAhead[tuple[Clips, Targets]]


class Windows(Protocol):
    """Decoded windows of a split's files that lie in a cache."""

    def window(
        self, row: int, start: float, *, pace: float = 1.0, whole: bool = False
    ) -> NDArray[np.uint8]:
        """The window of a file `[T, side, side, 3]` that begins about there.

        Args:
            row: Position of the file in the split.
            start: Place in the video where the clip begins, from 0 to 1.
            pace: How far frames lie apart, in the set's own distances.
            whole: Whether frames are as large as the cache has them.
        """


@dataclass(frozen=True, slots=True, eq=False)
class ClipSet:
    """One split of a dataset at one clip shape.

    Args:
        classes: Names in the order of their labels.
        files: Videos that can be read.
        skip_reasons: Reasons, one per file that cannot be read.
        frames: Frames per clip.
        frame_stride: Source frames from one to the next, where `fps` is None.
        resolution: Height and width of a clip [pixels].
        side: Height and width before cropping [pixels].
        threads: Threads that decode, crop and stack clips side by side.
        clips_in_memory: All clips `[N, T, side, side, 3]`; None when they do not fit
            and are read again in every pass.
        fps: Frames per second of a clip, in place of the stride.
        channels: 3 for clips in colour, 1 for grey ones.
        windows: Cache that clips are read from in every pass; None for the files.
        faults: Faults of the clips, as far as they were decoded.
        multi_label: Whether a clip may have several classes, or none.
    """

    classes: tuple[str, ...]
    files: tuple[ClipEntry, ...]
    skip_reasons: tuple[str, ...]
    frames: int
    frame_stride: int
    resolution: int
    side: int
    threads: int
    clips_in_memory: Clips | None
    fps: float | None = None
    channels: int = 3
    windows: Windows | None = None
    faults: DecodedFaults = field(default_factory=DecodedFaults)
    multi_label: bool = False

    def __len__(self) -> int:
        return len(self.files)

    @property
    def targets(self) -> Targets:
        """1 for each class of every file `[N, K]`, 0 elsewhere."""
        return targets_of(self.files, len(self.classes))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with clips, as far as they were decoded."""
        words = "met when it was decoded"
        kinds = self.faults.kinds.items()
        return tuple(Finding(kind, self.files[n].id, words) for n, kind in kinds)

    @property
    def shape(self) -> ClipShape:
        """What is decoded of each file."""
        return ClipShape(self.frames, self.frame_stride, self.side, self.fps)

    def batches(
        self,
        batch: int,
        *,
        seed: int,
        epoch: int,
        until: int | None = None,
        augment: bool,
        flip: bool = False,
        reverse: bool = False,
        shuffle_frames: bool = False,
        transforms: Transforms = NONE,
        moments: int = 1,
        crops: int = 1,
    ) -> Batches:
        """One pass over the clips, or several, made ahead of whoever takes batches.

        Augmented, for training: the order is shuffled, a clip is cropped at a random
        place (one for all its frames), flipped and reversed as asked, and an incomplete
        last batch is dropped unless it is the only one. Otherwise: clips come in order,
        cut at the centre, and the last batch may be short.

        Clips in memory show the centre of their video. Clips read in every pass begin
        at a random moment when augmented, at the centre otherwise.

        Batches are decoded, cropped and stacked in threads while those before are in
        use, across the end of a pass too. They are the same whatever the threads.

        Args:
            batch: Clips per batch, at least 1.
            seed: Seed that decides every random draw, together with `epoch`.
            epoch: Number of the pass, from 0.
            until: Number of the pass before which to end; None for one pass.
            augment: Whether clips are augmented, for training.
            flip: Whether half of the clips are mirrored, left for right.
            reverse: Whether half of the clips are played backwards.
            shuffle_frames: Whether the frames of each clip come in random order,
                augmented or not.
            transforms: What else happens to clips that are augmented.
            moments: Clips over the length of each video that is not augmented.
            crops: Crops of each of those along the longer side of its frames; the
                `moments * crops` views of a video come one after another.

        Returns:
            Clips `[B, T, resolution, resolution, C]` and targets `[B, K]`, one batch
            after another; a file that cannot be read any more raises `ClipError`.
        """

        def works() -> Iterator[Work[tuple[Clips, Targets]]]:
            for number in range(epoch, epoch + 1 if until is None else until):
                rng = np.random.default_rng([seed, number])
                if augment:
                    order, views = self._random(batch, rng, flip, reverse)
                else:
                    order, views = self._in_order(moments, crops)
                if shuffle_frames:
                    views = [view.shuffle_frames(rng) for view in views]
                drawn, key = transforms if augment else NONE, (seed, number)
                views = transformed_views(views, drawn, order, key, self.frame_stride)
                for n in range(0, len(order), batch):
                    mix = partial(drawn.mix, key=(*key, n))
                    yield self._work(order[n : n + batch], views[n : n + batch], mix)

        return PreparedAhead(works(), threads=self.threads)

    def _in_order(self, moments: int, crops: int) -> tuple[Ints, list[View]]:
        """The views of every clip, one clip after another."""
        room = self.side - self.resolution
        views = spread_views(self.frames, room, moments=moments, crops=crops)
        return np.arange(len(self)).repeat(len(views)), views * len(self)

    def _random(
        self, batch: int, rng: np.random.Generator, flip: bool, reverse: bool
    ) -> tuple[Ints, list[View]]:
        """A random view of every clip in random order, in whole batches."""
        order = rng.permutation(len(self))
        if batch <= len(order):
            order = order[: len(order) - len(order) % batch]
        room = self.side - self.resolution
        return order, random_views(len(order), self.frames, room, rng, flip, reverse)

    def _work(
        self, order: Ints, views: list[View], mix: Mix
    ) -> Work[tuple[Clips, Targets]]:
        """What is to be done for one batch: a clip a part where clips are decoded."""
        B, T, side = len(order), self.frames, self.resolution
        clips = np.empty((B, T, side, side, self.channels), np.uint8)
        files = tuple(self.files[n] for n in order)
        targets = targets_of(files, len(self.classes))

        def fill(runs: list[list[int]]) -> None:
            for run in runs:
                source = self._source(int(order[run[0]]), views[run[0]].source)
                for n in run:
                    seen = views[n].apply(source, side)
                    clips[n] = in_channels(seen, self.channels)

        # Views that differ only in their crop come from what is decoded once.
        alike = groupby(range(B), lambda n: (order[n], views[n].source))
        runs = [list(run) for _, run in alike]
        each = 1 if self.clips_in_memory is None else -(-B // self.threads)
        parts = [partial(fill, runs[n : n + each]) for n in range(0, len(runs), each)]
        return Work(parts, lambda: mix(clips, targets))

    def _source(self, row: int, source: Source) -> NDArray[np.uint8]:
        """An uncropped clip `[T, side, side, 3]`, or whole frames where asked."""
        special = source.whole or source.frame_stride is not None
        if self.windows is not None and (special or self.clips_in_memory is None):
            pace = (source.frame_stride or self.frame_stride) / self.frame_stride
            return self.windows.window(row, source.start, pace=pace, whole=source.whole)
        if self.clips_in_memory is not None and not special:
            clip: NDArray[np.uint8] = self.clips_in_memory[row]
            return clip
        shape = self._shape_at(source.frame_stride)
        decoded = decode_clip(self.files[row], shape, source.start, whole=source.whole)
        self.faults.hear(row, decoded)
        return decoded.frames

    def _shape_at(self, frame_stride: int | None) -> ClipShape:
        """The set's shape with another stride, and fewer frames a second for more."""
        if frame_stride is None:
            return self.shape
        fps = self.fps and self.fps * self.frame_stride / frame_stride
        return replace(self.shape, frame_stride=frame_stride, fps=fps)

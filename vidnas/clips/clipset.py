"""Which batches does a network train and evaluate on? One split at one clip shape."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Ints
from vidnas.clips.augmentation import View, plain_views, random_views
from vidnas.clips.channels import in_channels
from vidnas.clips.clip_shape import ClipShape, decode_window
from vidnas.clips.decoded_faults import DecodedFaults
from vidnas.clips.findings import Finding
from vidnas.clips.index import ClipEntry, Targets, targets_of
from vidnas.clips.prepare_ahead import PreparedAhead, Work

Clips = NDArray[np.uint8]  # [B, T, H, W, C]
Batches = PreparedAhead[tuple[Clips, Targets]]


class Windows(Protocol):
    """Decoded windows of a split's files that lie in a cache."""

    def window(self, row: int, start: float) -> NDArray[np.uint8]:
        """The window of a file `[T, side, side, 3]` that begins about there."""


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

        Returns:
            Clips `[B, T, resolution, resolution, C]` and targets `[B, K]`, one batch
            after another; a file that cannot be read any more raises `ClipError`.
        """

        def works() -> Iterator[Work[tuple[Clips, Targets]]]:
            for number in range(epoch, epoch + 1 if until is None else until):
                rng = np.random.default_rng([seed, number])
                order, views = self._order_and_views(batch, rng, augment, flip, reverse)
                if shuffle_frames:
                    views = [view.shuffle_frames(rng) for view in views]
                for n in range(0, len(order), batch):
                    yield self._work(order[n : n + batch], views[n : n + batch])

        return PreparedAhead(works(), threads=self.threads)

    def _order_and_views(
        self,
        batch: int,
        rng: np.random.Generator,
        augment: bool,
        flip: bool,
        reverse: bool,
    ) -> tuple[Ints, list[View]]:
        """Which clips a pass shows one after another, and how."""
        room = self.side - self.resolution
        if not augment:
            order = np.arange(len(self))
            return order, plain_views(len(order), self.frames, room)
        order = rng.permutation(len(self))
        if batch <= len(order):
            order = order[: len(order) - len(order) % batch]
        views = random_views(len(order), self.frames, room, rng, flip, reverse)
        return order, views

    def _work(self, order: Ints, views: list[View]) -> Work[tuple[Clips, Targets]]:
        """What is to be done for one batch: a clip a part where clips are decoded."""
        B, T, side = len(order), self.frames, self.resolution
        clips = np.empty((B, T, side, side, self.channels), np.uint8)
        files = tuple(self.files[n] for n in order)
        targets = targets_of(files, len(self.classes))

        def fill(first: int, last: int) -> None:
            for n in range(first, last):
                source = self._source(int(order[n]), views[n].start)
                seen = views[n].apply(source, side)
                clips[n] = in_channels(seen, self.channels)

        decoded = self.clips_in_memory is not None
        each = -(-B // self.threads) if decoded else 1
        parts = [partial(fill, n, min(n + each, B)) for n in range(0, B, each)]
        return Work(parts, lambda: (clips, targets))

    def _source(self, row: int, start: float) -> NDArray[np.uint8]:
        """An uncropped clip `[T, side, side, 3]`."""
        if self.clips_in_memory is not None:
            clip: NDArray[np.uint8] = self.clips_in_memory[row]
            return clip
        if self.windows is not None:
            return self.windows.window(row, start)
        decoded = decode_window(self.files[row], self.shape, start)
        self.faults.hear(row, decoded)
        return decoded.frames

"""Which batches does a network train and evaluate on? One split at one clip shape."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Ints
from vidnas.clips.augmentation import View, plain_views, random_views
from vidnas.clips.check import no_readable_video
from vidnas.clips.decode_ahead import in_order
from vidnas.clips.index import ClipEntry, ClipIndex, Targets, targets_of
from vidnas.clips.recently_decoded import DecodedClips, look_up_or_decode
from vidnas.clips.source import ClipSource, read_index
from vidnas.clips.video.decode import read_clip
from vidnas.documents.suggestion import nearest
from vidnas.errors import ClipError

MEMORY_LIMIT_BYTES = 2 * 2**30
CENTRE = 0.5

Clips = NDArray[np.uint8]  # [B, T, H, W, 3]


@dataclass(frozen=True, slots=True, eq=False)
class ClipSet:
    """One split of a dataset at one clip shape.

    Args:
        classes: Names in the order of their labels.
        files: Videos that can be read.
        skip_reasons: Reasons, one per file that cannot be read.
        frames: Frames per clip.
        frame_stride: Source frames from one to the next.
        resolution: Height and width of a clip [pixels].
        side: Height and width before cropping [pixels].
        threads: Decoders side by side.
        clips_in_memory: All clips `[N, T, side, side, 3]`; None when they do not fit
            and are decoded again in every pass.
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

    def __len__(self) -> int:
        return len(self.files)

    @property
    def targets(self) -> Targets:
        """1 for each class of every file `[N, K]`, 0 elsewhere."""
        return targets_of(self.files, len(self.classes))

    def batches(
        self,
        batch: int,
        *,
        seed: int,
        epoch: int,
        augment: bool,
        flip: bool = False,
        reverse: bool = False,
        shuffle_frames: bool = False,
    ) -> Iterator[tuple[Clips, Targets]]:
        """One pass over the clips.

        Augmented, for training: the order is shuffled, a clip is cropped at a random
        place (one for all its frames), flipped and reversed as asked, and an incomplete
        last batch is dropped unless it is the only one. Otherwise: clips come in order,
        cut at the centre, and the last batch may be short.

        Clips in memory show the centre of their video. Clips decoded in every pass
        begin at a random moment when augmented, at the centre otherwise.

        Args:
            batch: Clips per batch, at least 1.
            seed: Seed that decides every random draw, together with `epoch`.
            epoch: Number of the pass, from 0.
            augment: Whether clips are augmented, for training.
            flip: Whether half of the clips are mirrored, left for right.
            reverse: Whether half of the clips are played backwards.
            shuffle_frames: Whether the frames of each clip come in random order,
                augmented or not.

        Yields:
            Clips `[B, T, resolution, resolution, 3]` and targets `[B, K]`.
        """
        rng = np.random.default_rng([seed, epoch])
        room = self.side - self.resolution
        if augment:
            order = rng.permutation(len(self))
            if batch <= len(order):
                order = order[: len(order) - len(order) % batch]
            views = random_views(len(order), self.frames, room, rng, flip, reverse)
        else:
            order = np.arange(len(self))
            views = plain_views(len(order), self.frames, room)
        if shuffle_frames:
            views = [view.shuffle_frames(rng) for view in views]
        targets = self.targets[order]
        images: list[Clips] = []
        for n, source in enumerate(self._sources(order, views)):
            images.append(views[n].apply(source, self.resolution))
            if len(images) == batch or n == len(order) - 1:
                yield np.stack(images), targets[n + 1 - len(images) : n + 1]
                images = []

    def _sources(self, order: Ints, views: list[View]) -> Iterator[NDArray[np.uint8]]:
        """Uncropped clips `[T, side, side, 3]` in that order."""
        if self.clips_in_memory is not None:
            return (self.clips_in_memory[n] for n in order)

        def read(clip: tuple[int, View]) -> NDArray[np.uint8]:
            return read_clip(
                Path(self.files[clip[0]].path),
                frames=self.frames,
                frame_stride=self.frame_stride,
                side=self.side,
                start=clip[1].start,
            ).frames

        return in_order(read, zip(order, views, strict=True), threads=self.threads)


def open_clips(
    source: ClipSource,
    split: str,
    *,
    frames: int,
    frame_stride: int,
    resolution: int,
    margin: float = 0.0,
    threads: int | None = None,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
) -> ClipSet:
    """The `train` or `val` clips of a dataset, ready for batches.

    Clips that fit in memory are decoded now, or found decoded by an earlier call in
    this process. Otherwise one frame of every file is read, to know which are corrupt.

    Args:
        source: Dataset to open.
        split: Name of the split, `train` or `val`.
        frames: Frames per clip.
        frame_stride: Source frames from one to the next.
        resolution: Height and width of a clip [pixels].
        margin: Share by which frames are larger than what is cropped from them. Give
            both splits the same, so that things have the same size in both.
        threads: Decoders side by side; None for one per core.
        memory_limit_bytes: Largest decoded split that is held in memory.

    Raises:
        ClipError: the dataset cannot be used, or no file of a class can be read.
    """
    index = read_index(source)
    if split not in index.splits:
        raise ClipError(
            f"`split` must be one of {', '.join(index.splits)}, got `{split}`."
            f"{nearest(split, index.splits)}"
        )
    side = round(resolution * (1 + margin))
    files = index.splits[split]
    threads = threads or os.cpu_count() or 1
    fits = len(files) * frames * side * side * 3 <= memory_limit_bytes
    # A corrupt file shows at its first frame, so that one is enough to judge it.
    shape = (frames, frame_stride, side) if fits else (1, 1, 1)
    readable_clips = look_up_or_decode(
        (shape, tuple((file.path, *_version(Path(file.path))) for file in files)),
        lambda: _decode(files, *shape, threads=threads),
    )
    _check_every_class(index, split, files, readable_clips)
    return ClipSet(
        classes=index.classes,
        files=tuple(files[n] for n in readable_clips.rows),
        skip_reasons=readable_clips.skip_reasons,
        frames=frames,
        frame_stride=frame_stride,
        resolution=resolution,
        side=side,
        threads=threads,
        clips_in_memory=readable_clips.clips if fits else None,
    )


def _decode(
    files: tuple[ClipEntry, ...],
    frames: int,
    frame_stride: int,
    side: int,
    *,
    threads: int,
) -> DecodedClips:
    """The centre window of every readable file."""

    def read(file: ClipEntry) -> NDArray[np.uint8] | str:
        try:
            return read_clip(
                Path(file.path),
                frames=frames,
                frame_stride=frame_stride,
                side=side,
                start=CENTRE,
            ).frames
        except ClipError as error:
            return str(error)

    clips = np.empty((len(files), frames, side, side, 3), np.uint8)
    rows: list[int] = []
    skip_reasons: list[str] = []
    for n, outcome in enumerate(in_order(read, files, threads=threads)):
        if isinstance(outcome, str):
            skip_reasons.append(outcome)
        else:
            clips[len(rows)] = outcome
            rows.append(n)
    clips = clips[: len(rows)]
    clips.flags.writeable = False
    return DecodedClips(clips, tuple(rows), tuple(skip_reasons))


def _version(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _check_every_class(
    index: ClipIndex,
    split: str,
    files: tuple[ClipEntry, ...],
    readable_clips: DecodedClips,
) -> None:
    labels = {label for n in readable_clips.rows for label in files[n].labels}
    for label, name in enumerate(index.classes):
        if label not in labels:
            raise no_readable_video(
                split, name, index.root, readable_clips.skip_reasons
            )

"""What is an exported network shown? Clips of a dataset, or drawn ones."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.channels import in_channels
from vidnas.clips.clipset import ClipSet
from vidnas.clips.opening import open_clips
from vidnas.datasets.motion.scenes import MOTIONS, draw_clip
from vidnas.datasets.source import ClipSource
from vidnas.deploy.asking.named_network import NamedNetwork
from vidnas.deploy.exported.about import About
from vidnas.deploy.exported.agreement import streams_of_classes

Values = NDArray[np.float32]
UNIT = np.float32(1.0 / 255.0)
OBSERVED = 64  # streams, or clips, on which ranges are seen
OBSERVED_FRAMES = 32  # of each of these streams
SIDE_BY_SIDE = 8  # of them at once
STREAMS = 8  # that a file is checked on, at least
CHECKED_FRAMES = 100  # of each of them
VARIETY = 8  # times as many frames as a stream has, to choose clips of one class from
CHECKED_CLIPS = 16  # clips that a clip network is checked on, where there is no dataset
SEED = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """Clips for one network.

    Args:
        network: Network that sees them.
        source: Dataset; None for drawn clips.
    """

    network: NamedNetwork
    source: ClipSource | None

    def observed(self, about: About) -> Iterator[Values]:
        """Batches of train clips, or of streams of them, to see ranges on."""
        frames = OBSERVED_FRAMES if about.stream else about.architecture.clip.frames
        clips, labels = self._some(about, "train", OBSERVED * frames)
        if about.stream:
            clips = streams_of_classes(clips, labels, OBSERVED_FRAMES, OBSERVED, SEED)
        for first in range(0, len(clips) // SIDE_BY_SIDE * SIDE_BY_SIDE, SIDE_BY_SIDE):
            yield clips[first : first + SIDE_BY_SIDE] * UNIT

    def streams(self, about: About, frames: int = CHECKED_FRAMES) -> Values:
        """Frames `[T, S, H, W, C]` of several streams, each of one class.

        S is a multiple of the streams that the file takes side by side.
        """
        clips, labels = self._some(about, "val", VARIETY * frames)
        batch = about.batch or 1
        count = -(-STREAMS // batch) * batch
        streams = streams_of_classes(clips, labels, frames, count, SEED)
        return np.moveaxis(streams, 1, 0) * UNIT

    def clips(self, about: About) -> Values:
        """A few clips `[N, T, H, W, C]`."""
        frames = about.architecture.clip.frames
        clips, _ = self._some(about, "val", CHECKED_CLIPS * frames)
        return clips[:CHECKED_CLIPS] * UNIT

    def labelled(self) -> ClipSet | None:
        """All val clips; None where there is no dataset."""
        return None if self.source is None else self._open("val")

    def _some(
        self, about: About, split: str, frames: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Random clips of so many frames in all, with the class of each."""
        if self.source is None:
            return self._drawn(about)
        opened = self._open(split)
        batches = opened.batches(
            min(SIDE_BY_SIDE, len(opened)), seed=SEED, epoch=0, augment=True
        )
        clips, labels = [], []
        with closing(batches):
            for images, targets in batches:
                clips.append(images)
                labels.append(np.asarray(targets).argmax(1))
                if sum(map(len, clips)) * opened.frames >= frames:
                    break
        return np.concatenate(clips), np.concatenate(labels)

    def _drawn(self, about: About) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        clip, rng = about.architecture.clip, np.random.default_rng(SEED)
        frames = max(2, clip.frames)
        clips = [
            draw_clip(motion, rng, size=clip.resolution, frames=frames)[: clip.frames]
            for motion in MOTIONS
        ]
        return in_channels(np.stack(clips), clip.channels), np.arange(len(clips))

    def _open(self, split: str) -> ClipSet:
        assert self.source is not None
        clip = self.network.architecture.clip
        return open_clips(
            self.source,
            split,
            frames=clip.frames,
            frame_stride=clip.frame_stride,
            resolution=clip.resolution,
            fps=clip.fps or None,
            channels=clip.channels,
            margin=self.network.margin,
        )

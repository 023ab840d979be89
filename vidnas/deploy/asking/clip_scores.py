"""Which probabilities does a network give clips? Over the views of each, averaged."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from vidnas.arrays import Floats
from vidnas.clips.channels import in_channels
from vidnas.clips.clip_shape import ClipShape, decode_window
from vidnas.clips.clipset import ClipSet
from vidnas.clips.opening import MEMORY_LIMIT_BYTES, open_clips
from vidnas.clips.transforms.view import spread_views
from vidnas.datasets.index import ClipEntry
from vidnas.datasets.source import ClipSource
from vidnas.deploy.asking.named_network import NamedNetwork
from vidnas.deploy.running.classes import probabilities_of
from vidnas.deploy.running.runner import ClipRunner
from vidnas.deploy.running.seen import Pixels, in_unit_range
from vidnas.deploy.running.steps import filled
from vidnas.trials.recipe import Evaluation

BATCH = 16  # clips at once
OnBatch = Callable[[int], None]


def measured_clips(
    network: NamedNetwork, source: ClipSource, split: str, views: Evaluation
) -> ClipSet:
    """The clips of a dataset as a network is measured on them.

    Args:
        network: Network that sees them.
        source: Dataset to open.
        split: Name of the split.
        views: Views of each video.

    Raises:
        ClipError: the dataset cannot be used, or has no such split.
    """
    clip = network.architecture.clip
    return open_clips(
        source,
        split,
        frames=max(views.frames or 0, clip.frames),
        frame_stride=clip.frame_stride,
        fps=clip.fps or None,
        channels=clip.channels,
        resolution=clip.resolution,
        margin=network.margin,
        memory_limit_bytes=0 if views.views > 1 else MEMORY_LIMIT_BYTES,
    )


def set_probabilities(
    runner: ClipRunner,
    clips: ClipSet,
    views: Evaluation,
    *,
    multi_label: bool,
    on_batch: OnBatch = lambda done: None,
) -> Floats:
    """Probability of each class of every video `[N, K]`, the mean over its views.

    Args:
        runner: Network to run.
        clips: Clips to run it on, in their order.
        views: Views of each video.
        multi_label: Whether each class is judged by itself.
        on_batch: Function that hears how many videos are done.
    """
    rows: list[Floats] = []
    batches = clips.batches(
        BATCH,
        seed=0,
        epoch=0,
        augment=False,
        moments=views.clips,
        crops=views.crops,
    )
    with closing(batches):
        for pixels, _ in batches:
            logits = runner.clip_logits(in_unit_range(filled(pixels, BATCH)))
            rows.append(probabilities_of(logits[: len(pixels)], multi_label))
            on_batch(sum(map(len, rows)) // views.views)
    every = np.concatenate(rows)
    return every.reshape(len(clips), views.views, -1).mean(axis=1)


def video_probabilities(
    runner: ClipRunner, network: NamedNetwork, video: Path, views: Evaluation
) -> Floats:
    """Probability of each class of one video `[K]`, the mean over its views.

    Args:
        runner: Network to run.
        network: What is known of it.
        video: Video file, or folder of frames.
        views: Views of the video.

    Raises:
        ClipError: no frame of it can be decoded.
    """
    seen = np.stack(list(_views(network, video, views)))
    logits = np.concatenate(
        [
            runner.clip_logits(in_unit_range(seen[first : first + BATCH]))
            for first in range(0, len(seen), BATCH)
        ]
    )
    several = bool(network.multi_label)
    return np.asarray(probabilities_of(logits, several).mean(axis=0), np.float64)


def _views(network: NamedNetwork, video: Path, views: Evaluation) -> Iterator[Pixels]:
    clip = network.architecture.clip
    side = round(clip.resolution * (1 + network.margin))
    frames = max(views.frames or 0, clip.frames)
    shape = ClipShape(frames, clip.frame_stride, side, clip.fps or None)
    entry = ClipEntry(str(video.absolute()), ())
    for view in spread_views(
        frames, side - clip.resolution, moments=views.clips, crops=views.crops
    ):
        start, _, whole = view.source
        pixels = decode_window(entry, shape, start, whole=whole)
        yield in_channels(view.apply(pixels, clip.resolution), clip.channels)

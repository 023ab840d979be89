"""Transforms and views as batches show them: from files, in threads, in any order."""

import dataclasses

import av
import numpy as np
import pytest

from vidnas.clips import recently_decoded
from vidnas.clips.opening import open_clips
from vidnas.clips.transforms import Transforms
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource
from vidnas.video.decode import read_clip

SHAPE = {"frames": 4, "frame_stride": 2, "resolution": 24, "margin": 0.25}
ALL = Transforms(
    crop_area=(0.2, 1.0),
    stride_jitter=1,
    colour_jitter=(0.3, 0.3, 0.3, 0.05),
    rand_augment=(2, 7),
    erasing=0.3,
    mixup=0.4,
    cutmix=1.0,
)


@pytest.fixture(scope="module")
def motion(tmp_path_factory):
    folder = tmp_path_factory.mktemp("motion")
    write_motion(folder, seed=0, train_per_class=3, val_per_class=1, size=32, frames=12)
    return ClipSource.of(folder)


@pytest.fixture(autouse=True)
def empty_memory():
    recently_decoded.forget()
    yield
    recently_decoded.forget()


def passed(clips, batch=4, **options):
    settings = {"seed": 3, "epoch": 1, "augment": True, "flip": True, **options}
    return [
        (batch.copy(), targets.copy())
        for batch, targets in clips.batches(batch, **settings)
    ]


@pytest.mark.parametrize("memory", [{}, {"memory_limit_bytes": 0}])
def test_batches_are_the_same_whatever_the_threads(motion, memory):
    alone, many = (
        passed(
            open_clips(motion, "train", **SHAPE, threads=n, **memory), transforms=ALL
        )
        for n in (1, 5)
    )
    assert len(alone) == len(many) == 6
    for (one, of_one), (other, of_other) in zip(alone, many, strict=True):
        assert np.array_equal(one, other)
        assert np.array_equal(of_one, of_other)


def test_a_clip_is_changed_alike_in_batches_of_any_size(motion):
    single = dataclasses.replace(ALL, mixup=0.0, cutmix=0.0)
    clips = open_clips(motion, "train", **SHAPE)
    small = np.concatenate([c for c, _ in passed(clips, 3, transforms=single)])
    large = np.concatenate([c for c, _ in passed(clips, 24, transforms=single)])
    assert np.array_equal(small, large)


def test_mixed_targets_are_shares_and_clips_of_an_evaluation_are_not_changed(motion):
    clips = open_clips(motion, "train", **SHAPE)
    targets = np.concatenate(
        [t for _, t in passed(clips, transforms=Transforms(mixup=1))]
    )
    assert targets.sum(axis=1) == pytest.approx(1.0)
    assert (np.sort(targets, axis=1)[:, -1] < 0.99).any()
    plain = passed(clips, augment=False)
    changed = passed(clips, augment=False, transforms=ALL)
    for (one, of_one), (other, of_other) in zip(plain, changed, strict=True):
        assert np.array_equal(one, other)
        assert np.array_equal(of_one, of_other)


def test_a_jittered_stride_is_that_of_the_frames(motion):
    """Each clip is one of those that strides 1, 2 and 3 give, and each stride comes."""
    clips = open_clips(
        motion, "train", **{**SHAPE, "margin": 0.0}, memory_limit_bytes=0
    )
    jittered = Transforms(stride_jitter=1)
    strides = []
    for epoch in range(3):
        order = np.random.default_rng([3, epoch]).permutation(len(clips))
        starts = starts_of(clips, order, epoch)
        seen = passed(clips, 24, epoch=epoch, flip=False, transforms=jittered)[0][0]
        for clip, row, start in zip(seen, order, starts, strict=True):
            strides += [
                stride
                for stride in (1, 2, 3)
                if np.array_equal(clip, window(clips.files[row].path, stride, start))
            ]
    assert set(strides) == {1, 2, 3}
    assert len(strides) >= 72


def starts_of(clips, order, epoch):
    """Where clips of a pass begin, as `random_views` draws it after the order."""
    rng = np.random.default_rng([3, epoch])
    rng.permutation(len(order))
    rng.integers(0, clips.side - clips.resolution, (len(order), 2), endpoint=True)
    return rng.random(len(order)).tolist()


def window(path, stride, start):
    return read_clip(path, frames=4, frame_stride=stride, side=24, start=start).frames


def test_views_of_a_video_come_one_after_another(motion):
    clips = open_clips(motion, "val", **{**SHAPE, "margin": 0.0}, memory_limit_bytes=0)
    batches = passed(clips, 5, augment=False, moments=3, crops=2)
    sizes = [len(targets) for _, targets in batches]
    assert sizes == [5] * 9 + [3]  # of 8 videos of 6 views
    seen = np.concatenate([c for c, _ in batches]).reshape(8, 3, 2, 4, 24, 24, 3)
    targets = np.concatenate([t for _, t in batches]).reshape(8, 6, 8)
    assert np.array_equal(targets[:, 0], clips.targets)
    assert (targets == targets[:, :1]).all()
    for n, file in enumerate(clips.files):
        for moment, start in enumerate((0.0, 0.5, 1.0)):
            # The videos are squares, so both crops of a moment are all there is.
            for crop in range(2):
                expected = window(file.path, 2, start)
                assert np.array_equal(seen[n, moment, crop], expected)


def test_views_of_clips_in_memory_are_decoded_all_the_same(motion):
    held = open_clips(motion, "val", **SHAPE)
    read = open_clips(motion, "val", **SHAPE, memory_limit_bytes=0)
    assert held.clips_in_memory is not None
    for (one, _), (other, _) in zip(
        passed(held, augment=False, moments=2, crops=3),
        passed(read, augment=False, moments=2, crops=3),
        strict=True,
    ):
        assert np.array_equal(one, other)


def test_crops_of_a_wide_video_show_its_ends(tmp_path):
    for folder in ("train/a", "train/b", "val/a", "val/b"):
        write_wide(tmp_path / folder / "wide.mkv")
    shape = {"frames": 2, "frame_stride": 1, "resolution": 30}
    clips = open_clips(ClipSource.of(tmp_path), "val", **shape)
    first, _ = passed(clips, 3, augment=False, crops=3)
    seen, _ = first
    # Column x has the value 4 x; 30 of 60 columns are seen, from 0, 15 and 30 on.
    for clip, left in zip(seen, (0, 15, 30), strict=True):
        columns = np.arange(left, left + 30) * 4
        assert np.abs(clip[..., 1].astype(int) - columns).max() <= 2


def test_random_crops_of_clips_decoded_anew_come_out_of_whole_frames(tmp_path):
    for folder in ("train/a", "train/b", "val/a", "val/b"):
        write_wide(tmp_path / folder / "wide.mkv")
    shape = {"frames": 2, "frame_stride": 1, "resolution": 30}
    clips = open_clips(ClipSource.of(tmp_path), "train", **shape)
    whole = Transforms(crop_area=(1.0, 1.0), crop_aspect=(2.0, 2.0), random_start=True)
    ((seen, _),) = passed(clips, 2, flip=False, transforms=whole)
    # All 60 columns in 30: each is the mean of two neighbours, 4 (2 x + 1 / 2).
    expected = np.arange(30) * 8 + 2
    assert np.abs(seen[0, ..., 1].astype(int) - expected).max() <= 2
    square = dataclasses.replace(whole, random_start=False, crop_aspect=(1.0, 1.0))
    ((seen, _),) = passed(clips, 2, flip=False, transforms=square)
    columns = np.arange(15, 45) * 4  # the square in the middle
    assert np.abs(seen[0, ..., 1].astype(int) - columns).max() <= 2


def write_wide(path):
    """Two frames of 60 x 30 pixels, without loss, that brighten to the right."""
    path.parent.mkdir(parents=True)
    columns = np.broadcast_to((np.arange(60) * 4)[None, :, None], (30, 60, 3))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 60, 30, "bgr0"
        for _ in range(2):
            frame = av.VideoFrame.from_ndarray(columns.astype(np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())

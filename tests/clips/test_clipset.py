import dataclasses
import shutil

import numpy as np
import pytest

from vidnas.clips import recently_decoded
from vidnas.clips.check import check_clips
from vidnas.clips.opening import open_clips
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource
from vidnas.errors import ClipError
from vidnas.video.decode import read_clip

SHAPE = {"frames": 4, "frame_stride": 1, "resolution": 24}
ON_THE_FLY = {"memory_limit_bytes": 0}


@pytest.fixture(scope="module")
def motion(tmp_path_factory):
    return write_motion(
        tmp_path_factory.mktemp("motion"),
        seed=0,
        train_per_class=3,
        val_per_class=2,
        size=32,
        frames=4,
    )


@pytest.fixture
def damaged(motion, tmp_path):
    """The motion clips, one of which is garbage."""
    root = tmp_path / "damaged"
    shutil.copytree(motion, root)
    (root / "train" / "left" / "clip_00001.mp4").write_bytes(b"garbage")
    return root


@pytest.fixture(autouse=True)
def empty_memory():
    recently_decoded.forget()
    yield
    recently_decoded.forget()


def gathered(clips, batch=5, **options):
    settings = {"seed": 1, "epoch": 0, "augment": False, **options}
    batches = list(clips.batches(batch, **settings))
    return [len(targets) for _, targets in batches], *map(
        np.concatenate, zip(*batches, strict=True)
    )


def numbered(clips, side):
    """The same set, each pixel telling its clip, frame, row and column."""
    N, T = len(clips), clips.frames
    pixels = np.empty((N, T, side, side, 3), np.uint8)
    pixels[..., 0] = (np.arange(N)[:, None] * 8 + np.arange(T))[:, :, None, None]
    pixels[..., 1] = np.arange(side)[:, None]
    pixels[..., 2] = np.arange(side)
    return dataclasses.replace(clips, clips_in_memory=pixels)


@pytest.mark.parametrize("options", [{}, ON_THE_FLY])
def test_validation_comes_in_order_and_ends_short(motion, options):
    clips = open_clips(ClipSource.of(motion), "val", **SHAPE, **options)
    sizes, seen, targets = gathered(clips)
    assert sizes == [5, 5, 5, 1]
    assert targets.argmax(1).tolist() == sorted([*range(8)] * 2)
    assert seen.shape == (16, 4, 24, 24, 3)
    assert seen.dtype == np.uint8
    assert targets.dtype == np.float32
    one = read_clip(clips.files[6].path, frames=4, frame_stride=1, side=24)
    assert np.array_equal(seen[6], one.frames)


@pytest.mark.parametrize("options", [{}, ON_THE_FLY])
def test_training_drops_the_incomplete_batch_and_shows_a_clip_once(motion, options):
    clips = open_clips(ClipSource.of(motion), "train", **SHAPE, **options)
    sizes, seen, _ = gathered(clips, augment=True)
    assert sizes == [5, 5, 5, 5]  # of 24 clips
    assert len({clip.tobytes() for clip in seen}) == 20


def test_a_set_smaller_than_a_batch_is_one_short_batch(motion):
    clips = open_clips(ClipSource.of(motion), "train", **SHAPE)
    assert gathered(clips, batch=99, augment=True)[0] == [24]


@pytest.mark.parametrize("options", [{}, ON_THE_FLY])
def test_seed_and_epoch_decide_the_batches(motion, options):
    clips = open_clips(ClipSource.of(motion), "train", **SHAPE, margin=0.25, **options)

    def passed(seed, epoch):
        return gathered(clips, seed=seed, epoch=epoch, augment=True, flip=True)[1]

    assert np.array_equal(passed(1, 2), passed(1, 2))
    assert not np.array_equal(passed(1, 2), passed(1, 3))
    assert not np.array_equal(passed(1, 2), passed(2, 2))


def test_labels_stay_with_their_clips(motion):
    clips = open_clips(ClipSource.of(motion), "train", **SHAPE)
    _, seen, targets = gathered(numbered(clips, 24), augment=True)
    assert targets.tolist() == clips.targets[seen[:, 0, 0, 0, 0] // 8].tolist()


def test_one_crop_serves_all_frames_of_a_clip(motion):
    clips = open_clips(ClipSource.of(motion), "train", **SHAPE, margin=0.25)
    assert clips.side == 30
    seen = gathered(numbered(clips, 30), augment=True)[1]
    corners = seen[:, :, 0, 0, 1:]
    assert (corners == corners[:, :1]).all()
    assert len(np.unique(corners[:, 0], axis=0)) > 8  # of 49 places, 20 clips
    assert corners.max() <= 6


def test_validation_is_cut_at_the_centre(motion):
    clips = open_clips(ClipSource.of(motion), "val", **SHAPE, margin=0.25)
    seen = gathered(numbered(clips, 30))[1]
    assert (seen[:, :, 0, 0, 1:] == 3).all()


def test_flips_and_reversals_take_half_of_the_clips(motion):
    clips = numbered(open_clips(ClipSource.of(motion), "train", **SHAPE), 24)
    plain = gathered(clips, batch=24, augment=True)[1]
    flipped = gathered(clips, batch=24, augment=True, flip=True)[1]
    turned = flipped[:, 0, 0, 0, 2] == 23
    assert 4 < turned.sum() < 20
    assert np.array_equal(flipped[turned], plain[turned, :, :, ::-1])
    assert np.array_equal(flipped[~turned], plain[~turned])
    reversed_ = gathered(clips, batch=24, augment=True, reverse=True)[1]
    back = reversed_[:, 0, 0, 0, 0] % 8 == 3
    assert 4 < back.sum() < 20
    assert np.array_equal(reversed_[back], plain[back, ::-1])
    assert np.array_equal(reversed_[~back], plain[~back])


@pytest.mark.parametrize("augment", [False, True])
def test_shuffled_frames_are_the_same_frames_in_another_order(motion, augment):
    clips = numbered(open_clips(ClipSource.of(motion), "train", **SHAPE), 24)
    options = {"batch": 24, "augment": augment, "shuffle_frames": True}
    times = gathered(clips, **options)[1][:, :, 0, 0, 0] % 8
    assert (np.sort(times, axis=1) == np.arange(4)).all()
    assert len(np.unique(times, axis=0)) > 8  # of 24 orders, 24 clips
    again = gathered(clips, **options)[1][:, :, 0, 0, 0] % 8
    assert np.array_equal(times, again)


@pytest.mark.parametrize("options", [{}, ON_THE_FLY])
def test_a_corrupt_file_is_skipped_and_told(damaged, options):
    clips = open_clips(ClipSource.of(damaged), "train", **SHAPE, **options)
    assert len(clips) == 23
    assert len(clips.skip_reasons) == 1
    assert "left" in clips.skip_reasons[0]
    assert "clip_00001.mp4" in clips.skip_reasons[0]
    assert gathered(clips)[2].tolist() == clips.targets.tolist()
    report = check_clips(ClipSource.of(damaged))
    assert report.unreadable == clips.skip_reasons
    assert report.readable["train"] == (3, 3, 3, 3, 2, 3, 3, 3)
    assert report.readable["val"] == (2,) * 8


def test_a_class_of_corrupt_files_is_named(damaged):
    for path in (damaged / "train" / "left").iterdir():
        path.write_bytes(b"garbage")
    message = "a readable `train` video, got none for `left` .* 3 unreadable files: "
    with pytest.raises(ClipError, match=message):
        open_clips(ClipSource.of(damaged), "train", **SHAPE)
    with pytest.raises(ClipError, match=message):
        check_clips(ClipSource.of(damaged))


def test_an_unknown_split_is_named(motion):
    with pytest.raises(ClipError, match=r"one of train, val, got `vall`. Did you mean"):
        open_clips(ClipSource.of(motion), "vall", **SHAPE)


def test_clips_are_decoded_once_per_process_and_shape(motion):
    first = open_clips(ClipSource.of(motion), "val", **SHAPE)
    assert (
        open_clips(ClipSource.of(motion), "val", **SHAPE).clips_in_memory
        is first.clips_in_memory
    )
    other = open_clips(ClipSource.of(motion), "val", **{**SHAPE, "resolution": 16})
    assert other.clips_in_memory.shape == (16, 4, 16, 16, 3)


def test_a_changed_file_is_decoded_again(damaged):
    assert len(open_clips(ClipSource.of(damaged), "train", **SHAPE)) == 23
    good = damaged / "train" / "left" / "clip_00000.mp4"
    shutil.copy(good, damaged / "train" / "left" / "clip_00001.mp4")
    assert len(open_clips(ClipSource.of(damaged), "train", **SHAPE)) == 24


def test_memory_keeps_the_sets_used_last(monkeypatch):
    monkeypatch.setattr(recently_decoded, "LIMIT_BYTES", 250)
    decoded = []

    def ask(key):
        def decode():
            decoded.append(key)
            return recently_decoded.DecodedClips(
                np.zeros((100, 1, 1, 1, 1), np.uint8), (), ()
            )

        recently_decoded.look_up_or_decode(key, decode)

    for key in "ababcab":  # two sets of 100 bytes fit into 250
        ask(key)
    assert "".join(decoded) == "abcab"

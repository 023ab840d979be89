import json
import os

import numpy as np
import pytest

from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.motion.scenes import MOTIONS, draw_clip
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError
from vidnas.video.decode import read_clip

SMALL = {"train_per_class": 2, "val_per_class": 1, "size": 32, "frames": 4}


def contents(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*.mp4"))
    }


def draw(motion, seed, size=32, frames=8):
    return draw_clip(motion, np.random.default_rng(seed), size=size, frames=frames)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_motion(tmp_path_factory.mktemp("motion"), seed=3, **SMALL)


def test_clips_are_read_back_as_class_folders(written):
    index = read_index(ClipSource.of(written))
    assert index.classes == MOTIONS
    assert [len(index.splits[split]) for split in ("train", "val")] == [16, 8]
    first = index.splits["train"][0]
    assert first.path == str(written / "train" / "anticlockwise" / "clip_00000.mp4")


def test_a_file_shows_the_drawn_clip(written):
    # seed 3, split 0, class 4 (left), clip 1
    drawn = draw("left", [3, 0, 4, 1], frames=4)
    path = written / "train" / "left" / "clip_00001.mp4"
    read = read_clip(path, frames=4, frame_stride=1, side=32)
    assert read.damaged_packets == 0
    # H.264 stores colour at half resolution, so compare grey.
    error = read.frames.mean(axis=-1) - drawn.mean(axis=-1)
    assert np.abs(error).mean() < 6


def test_a_seed_decides_every_byte(written, tmp_path):
    same = write_motion(tmp_path / "same", seed=3, threads=1, **SMALL)
    other = write_motion(tmp_path / "other", seed=4, **SMALL)
    assert contents(same) == contents(written)
    assert set(contents(other)) == set(contents(written))
    assert not set(contents(other).values()) & set(contents(written).values())


def test_more_clips_leave_the_first_ones_as_they_are(written, tmp_path):
    more = write_motion(tmp_path / "m", seed=3, **{**SMALL, "train_per_class": 3})
    assert contents(written).items() <= contents(more).items()


def test_a_finished_folder_is_left_alone(written):
    before = {path: path.stat().st_mtime_ns for path in written.rglob("*")}
    write_motion(written, seed=3, **SMALL)
    assert {path: path.stat().st_mtime_ns for path in written.rglob("*")} == before


def test_an_interrupted_folder_is_completed(written, tmp_path):
    root = write_motion(tmp_path / "cut", seed=3, **SMALL)
    # As a kill leaves it: no manifest yet, a file missing, another half written.
    (root / "motion.json").rename(root / "motion.json.part")
    lost = root / "val" / "up" / "clip_00000.mp4"
    half = lost.with_name(".clip_00000.mp4.part")
    half.write_bytes(lost.read_bytes()[:100])
    os.utime(half, (0, 0))  # nobody writes it any more
    lost.unlink()
    write_motion(root, seed=3, **SMALL)
    assert contents(root) == contents(written)
    assert not half.exists()
    assert json.loads((root / "motion.json").read_text())["seed"] == 3


def test_other_settings_are_refused(written):
    with pytest.raises(ClipError, match="found seed 3 instead of 5"):
        write_motion(written, seed=5, **SMALL)
    with pytest.raises(ClipError, match="found size 32 instead of 48"):
        write_motion(written, seed=3, **{**SMALL, "size": 48})


def test_somebody_elses_folder_is_refused(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(ClipError, match="new or empty folder"):
        write_motion(tmp_path, seed=0, **SMALL)


@pytest.mark.parametrize(
    "wrong", [{"size": 33}, {"size": 8}, {"frames": 1}, {"val_per_class": 0}]
)
def test_impossible_settings_are_refused(tmp_path, wrong):
    with pytest.raises(ClipError, match="Motion clips must have an even size"):
        write_motion(tmp_path / "m", seed=0, **{**SMALL, **wrong})


@pytest.mark.parametrize("size", [32, 64])
@pytest.mark.parametrize(
    ("motion", "opposite"),
    [
        ("left", "right"),
        ("up", "down"),
        ("clockwise", "anticlockwise"),
        ("growing", "shrinking"),
    ],
)
def test_opposite_motions_are_each_others_time_reversal(
    monkeypatch, motion, opposite, size
):
    # The clutter drifts and the noise falls independently of the class: hold both.
    monkeypatch.setattr("vidnas.datasets.motion.scenes._NOISE", 0.0)
    monkeypatch.setattr("vidnas.datasets.motion.scenes._DRIFT", 0.0)
    monkeypatch.setattr("vidnas.datasets.motion.scenes._LIGHT", 0.0)
    forward = draw(motion, 7, size)
    backward = draw(opposite, 7, size)
    assert not np.array_equal(forward, forward[::-1])
    assert np.abs(forward[::-1].astype(int) - backward).max() <= 1


def test_frames_look_alike_in_every_class():
    # 48 clips a class, other seeds for each, so clips are independent.
    seen = {
        motion: np.stack([draw(motion, [label, n], frames=4) for n in range(48)])
        for label, motion in enumerate(MOTIONS)
    }
    for moment in (0, 1, 3):
        statistics = np.array(
            [frame_statistics(clips[:, moment]) for clips in seen.values()]
        )  # [class, clip, statistic]
        spread = statistics.std(axis=1).mean(axis=0) / np.sqrt(48)
        means = statistics.mean(axis=1)
        # Largest of 8 standard normal deviations: above 4 once in 2,000.
        assert (np.abs(means - means.mean(axis=0)) / spread).max() < 4


def frame_statistics(images):
    """Brightness, contrast, bright share, and slopes of `[N, H, W, 3]` images."""
    grey = images.mean(axis=-1)
    down, right = np.diff(grey, axis=1), np.diff(grey, axis=2)
    return np.stack(
        [
            grey.mean(axis=(1, 2)),
            grey.std(axis=(1, 2)),
            (grey > 110).mean(axis=(1, 2)),
            np.abs(down).mean(axis=(1, 2)) - np.abs(right).mean(axis=(1, 2)),
            (down**3).mean(axis=(1, 2)) / 1e3,
            (right**3).mean(axis=(1, 2)) / 1e3,
        ],
        axis=-1,
    )


def test_the_order_of_frames_tells_left_from_right():
    def drift(motion, n):
        """How much better a shift to the right explains the next frame."""
        grey = draw(motion, [1, n], frames=16)[..., 0].astype(float)
        still, after = grey[:-2, :, 4:-4], grey[2:]
        left = np.abs(after[:, :, 2:-6] - still).mean()
        right = np.abs(after[:, :, 6:-2] - still).mean()
        return left - right

    assert sum(drift("right", n) > 0 for n in range(12)) >= 11
    assert sum(drift("left", n) < 0 for n in range(12)) >= 11

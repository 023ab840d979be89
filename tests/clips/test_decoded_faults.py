"""Faults of clips, counted as they are decoded."""

import threading

import numpy as np
import pytest

from vidnas.clips import recently_decoded
from vidnas.clips.decoded_faults import (
    DecodedFaults,
    is_still,
    kind_of,
    measured_faults,
)
from vidnas.clips.opening import open_clips
from vidnas.datasets.source import ClipSource
from vidnas.video.decode import DecodedClip, read_clip

SHAPE = {"frames": 8, "frame_stride": 4, "resolution": 16, "threads": 2}
ON_THE_FLY = {"memory_limit_bytes": 0}
MOVING = np.arange(8, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3))
MOVING = (MOVING * 20).astype(np.uint8)
HELD = np.full((8, 2, 2, 3), 7, np.uint8)


@pytest.fixture(scope="module")
def folder(odd_files, tmp_path_factory):
    """Forty videos, ten of them broken, each in another way."""
    root = tmp_path_factory.mktemp("videos")
    odd_files.write_folder(root, per_class=20, every=4)
    return ClipSource.of(root)


@pytest.fixture(autouse=True)
def empty_memory():
    recently_decoded.forget()
    yield
    recently_decoded.forget()


@pytest.mark.parametrize(
    ("fault", "damaged", "frames", "kind"),
    [
        ("", 0, MOVING, ""),
        ("", 0, HELD, ""),  # a still scene is sound
        ("", 3, MOVING, "damaged"),
        ("", 3, HELD, "still_broken"),  # a decoder that hides the damage
        ("still: one picture", 0, HELD, "one_picture"),
        ("still: 2 of 8 frames can be decoded", 9, MOVING, "still_broken"),
        ("still: 1 of 40 frames are there", 0, HELD, "still_broken"),
        ("still: 7 of 8 frames lie behind the end", 0, HELD, "still_short"),
        ("still: one frame is shown for 8.0 s", 0, HELD, "frozen"),
        ("damaged: 5 of 8 frames can be decoded", 3, MOVING, "damaged"),
        ("cut: 12 of 40 frames are there", 0, MOVING, "damaged"),
        ("short: 3 of 8 frames lie behind the end", 0, MOVING, "short"),
    ],
)
def test_what_a_decoder_says_has_one_kind(fault, damaged, frames, kind):
    assert kind_of(DecodedClip(frames, damaged, fault)) == kind


def test_the_words_of_a_real_decoder_are_understood(odd_files, tmp_path):
    shown = odd_files.draw_moving(frames=12)
    short = odd_files.write_frames(tmp_path / "short.mp4", shown)
    window = {"frames": 16, "frame_stride": 1, "side": 16}
    assert kind_of(read_clip(short, **window)) == "short"
    part = read_clip(short, **window, begin=0.0, end=0.04)
    assert kind_of(part) == "still_short"
    # One frame is shown for four seconds.
    times = [0, 1, *range(100, 110)]
    slow = odd_files.write_frames(tmp_path / "slow.mkv", shown, times=times)
    assert kind_of(read_clip(slow, **window, start=0.0)) == "frozen"


def test_pictures_are_alike_within_what_is_asked():
    assert is_still(DecodedClip(HELD, 0))
    assert not is_still(DecodedClip(MOVING, 0))
    assert is_still(DecodedClip(MOVING, 0), alike=140)
    assert not is_still(DecodedClip(HELD[:1], 0))


def test_a_clip_counts_once_and_still_if_it_ever_was():
    faults = DecodedFaults({3: "short"})
    damaged = DecodedClip(MOVING, 2)
    still = DecodedClip(HELD, 2)
    for position, clip in ((1, damaged), (1, still), (1, damaged), (2, damaged)):
        faults.hear(position, clip)
    faults.hear(4, DecodedClip(MOVING, 0))
    assert faults.kinds == {1: "still_broken", 2: "damaged", 3: "short"}
    assert measured_faults(faults, DecodedFaults({1: "one_picture"})) == {
        "still_clips": 2.0,
        "short_clips": 1.0,
        "damaged_clips": 1.0,
    }


def test_faults_may_be_heard_from_many_threads_at_once():
    faults = DecodedFaults()
    clip = DecodedClip(HELD, 1)

    def hear(first):
        for position in range(first, first + 500):
            faults.hear(position, clip)

    threads = [threading.Thread(target=hear, args=(n * 250,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(faults.kinds) == set(range(1250))


def test_faults_are_known_when_clips_are_decoded_to_be_held(folder):
    train, val = (open_clips(folder, split, **SHAPE) for split in ("train", "val"))
    found = {one.id: one.kind for one in (*train.findings, *val.findings)}
    assert sorted(found.values()) == [
        "damaged",  # cut at 30 %, also short
        "damaged",  # cut in half
        "one_picture",
        "one_picture",
        "still_broken",  # a hole
    ]
    # Held clips, of this process or of another, say the same.
    again = open_clips(folder, "train", **SHAPE)
    assert again.faults.kinds == train.faults.kinds
    recently_decoded.forget()
    assert open_clips(folder, "train", **SHAPE).faults.kinds == train.faults.kinds


def test_faults_are_met_where_clips_are_decoded_in_every_pass(folder):
    held, streamed = (
        open_clips(folder, "train", **SHAPE, **how) for how in ({}, ON_THE_FLY)
    )
    assert streamed.faults.kinds == {}
    for _ in streamed.batches(8, seed=0, epoch=0, augment=False):
        pass
    assert streamed.faults.kinds == held.faults.kinds
    assert {one.id for one in streamed.findings} <= {one.id for one in held.files}

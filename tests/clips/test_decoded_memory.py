import numpy as np

from vidnas.clips import recently_decoded
from vidnas.clips.clip_shape import ClipShape
from vidnas.clips.decoded_memory import decoded_bytes
from vidnas.clips.opening import open_clips
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource

GIB = 2**30


def test_one_shape_holds_both_splits():
    # (16 + 8) clips of 4 frames of 32 x 32 pixels in 3 colours
    shapes = [ClipShape(4, 1, 32), ClipShape(4, 1, 32)]
    assert decoded_bytes((16, 8), shapes) == 24 * 4 * 32 * 32 * 3


def test_every_stride_and_every_rate_is_held_by_itself():
    shapes = [ClipShape(4, 1, 32), ClipShape(4, 2, 32), ClipShape(4, 1, 32, fps=12.5)]
    assert decoded_bytes((16, 8), shapes) == 3 * 24 * 4 * 32 * 32 * 3


def test_a_split_beyond_the_limit_of_one_holds_nothing():
    large = 2 * GIB // (16 * 256 * 256 * 3) + 1
    assert (
        decoded_bytes((large, 10), [ClipShape(16, 1, 256)]) == 10 * 16 * 256 * 256 * 3
    )


def test_many_shapes_hold_what_the_store_has_room_for_beside_those_in_use():
    shapes = [ClipShape(16, 1, 8 * n) for n in range(16, 33)]
    each = [1000 * 16 * (8 * n) ** 2 * 3 for n in range(16, 33)]
    largest = max(size for size in each if size <= 2 * GIB)
    assert decoded_bytes((1000, 0), shapes) == largest + 2 * GIB


def test_it_is_what_two_opened_splits_hold(tmp_path):
    root = write_motion(tmp_path, seed=0, train_per_class=2, val_per_class=1, size=32)
    recently_decoded.forget()
    splits = [
        open_clips(
            ClipSource.of(root),
            split,
            frames=4,
            frame_stride=1,
            resolution=16,
            margin=0.25,
        )
        for split in ("train", "val")
    ]
    held = sum(np.asarray(split.clips_in_memory).nbytes for split in splits)
    counts = [len(split) for split in splits]
    assert decoded_bytes(counts, [ClipShape(4, 1, 20)]) == held

"""What comes to a network is looked at before TensorFlow sees it."""

import numpy as np
import pytest

from vidnas.errors import InputError, ShapeError
from vidnas.nets.stream_states import (
    check_count,
    check_share,
    check_size,
    check_states,
    frame_sizes,
)

CLIPS = np.zeros((2, 4, 16, 8, 3), np.float32)


class OfUnknownRank:
    """What a TensorFlow tensor of unknown rank says."""

    dtype = "float32"

    @property
    def shape(self):
        return self

    def __iter__(self):
        raise ValueError("Cannot iterate over a shape with unknown rank.")


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_clips_are_floats_of_any_precision(kind):
    assert frame_sizes(CLIPS.astype(kind), "Clips", 3) == (4, 16, 8, 3)


@pytest.mark.parametrize(
    ("clips", "what"),
    [
        (CLIPS.astype(np.uint8), r"floats in \[0, 1\], got uint8. Divide .* by 255.0"),
        (CLIPS.astype(np.int64), "floats .*, got int64. Divide"),
        (CLIPS.astype(bool), r"floats in \[0, 1\], got bool\.$"),
        (CLIPS.tolist(), "a tensor or array .* got a list"),
        ("clip.mp4", "a tensor or array .* got a str"),
        (CLIPS[0], r"got \[4, 16, 8, 3\]. One clip is a batch too"),
        (CLIPS.transpose(0, 4, 1, 2, 3), r"got \[2, 3, 4, 16, 8\]. Channels come last"),
        (CLIPS.transpose(0, 1, 4, 2, 3), r"got \[2, 4, 3, 16, 8\]. Channels come last"),
        (CLIPS[..., :1], r"got \[2, 4, 16, 8, 1\]. This network takes RGB"),
        (CLIPS[:0], r"got \[0, 4, 16, 8, 3\]\.$"),
        (CLIPS[:, :0], r"got \[2, 0, 16, 8, 3\]\.$"),
        (OfUnknownRank(), "got an unknown number of axes"),
    ],
)
def test_other_clips_are_refused_in_one_line(clips, what):
    with pytest.raises(InputError, match=f"^Clips must be .*{what}") as error:
        frame_sizes(clips, "Clips", 3)
    assert "\n" not in str(error.value)


def test_states_are_those_of_the_network_and_batch():
    shapes = {"frames": (1,), "head_mean": (8,)}
    states = {"frames": np.zeros((2, 1), "f4"), "head_mean": np.zeros((2, 8), "f4")}
    for batch in (2, None):
        check_states(states, shapes, batch)
    for wrong, what in (
        ({}, "must be the 2 of this network, got 0: `frames` and 1 more missing"),
        ({**states, "x": 0}, "got 3: `x` left over"),
        (
            {**states, "head_mean": np.zeros((2, 9), "f4")},
            r"must be \[B, 8\] .* \[2, 9\]",
        ),
        (
            {**states, "head_mean": np.zeros((1, 8), "f4")},
            "of 2 streams, .* `head_mean` of 1",
        ),
        ({**states, "frames": np.zeros((2, 1), int)}, "be float32, got int64"),
        ({**states, "frames": np.zeros((2, 1))}, "`frames` must be .*, got float64"),
        ({**states, "frames": 0}, "`frames` must be a tensor, got a int"),
        (list(states.values()), "by name, got a list"),
    ):
        with pytest.raises(InputError, match=what):
            check_states(wrong, shapes, 2)


@pytest.mark.parametrize("count", [0, -1, 1.5, None, "3", True])
def test_a_count_is_a_whole_number_of_at_least_one(count):
    check_count("batch", np.int64(1))
    with pytest.raises(ShapeError, match="`batch` must be"):
        check_count("batch", count)


@pytest.mark.parametrize("size", [8, (8,), (1, 2, 3), (8, 0), (8.0, 8), "88", None])
def test_a_size_is_height_and_width(size):
    check_size((8, np.int64(9)))
    with pytest.raises(ShapeError, match="`size` must be"):
        check_size(size)


@pytest.mark.parametrize("share", [1, -0.1, float("nan"), "0.5", None])
def test_a_share_is_below_one(share):
    for good in (0, 0.5, np.float32(0.5)):
        check_share("dropout", good)
    with pytest.raises(ShapeError, match="`dropout` must be at least 0 and below 1"):
        check_share("dropout", share)

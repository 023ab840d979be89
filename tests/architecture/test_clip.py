"""A clip by time or by stride, in RGB or grayscale: what it is, and what it is not."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from vidnas.architecture import ARCHITECTURE_SCHEMA, Clip, read_architecture
from vidnas.architecture.published import published
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, ShapeError


def with_clip(network, *sizes, **facts):
    return replace(network, clip=Clip(*(sizes or (2, 8)), **facts))


def read(network, **clip):
    document = {"schema": ARCHITECTURE_SCHEMA, **network.to_document()}
    document["clip"] = {"frames": 2, "resolution": 8, **clip}
    return read_architecture(Node(document, Origin("a test")))


def test_every_second_rgb_frame_is_written_and_named_as_before_there_was_a_choice():
    network = published("movinet-a0")
    assert network.arch_id == "96e91997e09a7fea"  # of tests/golden/arch_ids.json
    clip = {"frames": 50, "resolution": 172, "frame_stride": 5}
    assert network.clip.to_document() == clip


def test_what_is_unusual_is_written_and_read_back(small):
    for clip, said in (
        (Clip(2, 8, fps=12.5), {"fps": 12.5}),
        (Clip(2, 8, fps=29.97, channels=1), {"fps": 29.97, "channels": 1}),
        (Clip(2, 8, channels=1), {"frame_stride": 1, "channels": 1}),
        (Clip(2, 8, 5, channels=1), {"frame_stride": 5, "channels": 1}),
    ):
        network = replace(small, clip=clip)
        assert network.clip.to_document() == {"frames": 2, "resolution": 8, **said}
        assert read(small, **said) == network
        assert read(small, **said).arch_id == network.arch_id != small.arch_id


@pytest.mark.parametrize(
    "eight",
    [8, 8.0, np.float32(8), np.int16(8), Fraction(8), Decimal("8.0"), 8.0000000001],
    ids=repr,
)
def test_eight_frames_a_second_are_one_rate_however_they_are_given(small, eight):
    network = with_clip(small, fps=eight)
    assert type(network.clip.fps) is int
    assert network.arch_id == with_clip(small, fps=8).arch_id
    assert network.clip.to_document()["fps"] == 8


def test_the_rate_is_of_the_clip_at_any_fidelity_and_of_the_stream(small):
    network = with_clip(small, fps=12.5, channels=1)
    for other in (network.at(frames=4, resolution=16), network.streaming()):
        assert (other.clip.fps, other.clip.channels) == (12.5, 1)


def test_a_rate_and_a_stride_exclude_each_other(small):
    told = (
        r"A clip must have `fps` or a `frame_stride` above 1, not both, got 12\.5 "
        r"frames a second and a stride of 2\.$"
    )
    with pytest.raises(ShapeError, match=f"^{told}"):
        with_clip(small, frame_stride=2, fps=12.5)
    with pytest.raises(InputError, match=told):
        read(small, frame_stride=2, fps=12.5)
    assert with_clip(small, frame_stride=1, fps=8) == with_clip(small, fps=8)
    assert read(small, frame_stride=1, fps=8) == with_clip(small, fps=8)
    assert read(small, frame_stride=2, fps=0) == with_clip(small, frame_stride=2)


@pytest.mark.parametrize("fps", [-1, float("nan"), float("inf"), "8", None, True])
def test_what_is_no_rate_is_refused_in_one_line(small, fps):
    told = f"`clip.fps` must be a number of at least 0, got `?{fps}"
    with pytest.raises(ShapeError, match=f"^{told}"):
        with_clip(small, fps=fps)
    with pytest.raises(InputError, match=r"`clip.fps` must be a number of at least 0"):
        read(small, fps=fps)


@pytest.mark.parametrize("channels", [0, 2, 4, -1])
def test_pixels_are_rgb_or_grayscale(small, channels):
    with pytest.raises(ShapeError, match=r"^`clip.channels` must be "):
        with_clip(small, channels=channels)
    with pytest.raises(InputError, match=r"`clip.channels` must be "):
        read(small, channels=channels)


def test_two_channels_are_told_what_there_is(small):
    with pytest.raises(ShapeError, match=r"`clip.channels` must be 1 or 3, got 2\.$"):
        with_clip(small, channels=2)
    with pytest.raises(InputError, match=r"`clip.channels` must be 1 or 3, got 2\.$"):
        read(small, channels=2)

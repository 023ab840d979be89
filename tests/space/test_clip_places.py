"""Rates and channels as places of a space: chosen, written, scaled, priced, refused."""

import numpy as np
import pytest
from jsonschema import Draft7Validator

from vidnas.costs import cost, cost_many
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, SpaceError
from vidnas.space import ClipSpace, HeadSpace, Space, StageSpace, StemSpace, read_space
from vidnas.space.language.expression import Constant
from vidnas.space.language.json_schema import space_schema

VALIDATOR = Draft7Validator(space_schema())
DOCUMENT = {
    "schema": "vidnas.space/v1",
    "name": "clips",
    "stem": {"width": 8},
    "stages": [{"width": 8, "depth": [1, 2], "kernel": "3x3x3", "expand": 2}],
    "head": {"width": 16, "hidden": 8},
}
SHAPE = {"frames": [4, 8], "resolution": 16}


def read(**clip):
    document = {**DOCUMENT, "clip": {**SHAPE, **clip}}
    return read_space(Node(document, Origin("a test")))


def every(space):
    """Every network of a small space."""
    sizes = [len(choice.options) for choice in space.choices]
    rows = {space.canonical(row) for row in np.ndindex(*sizes)}
    return [space.decode(row) for row in sorted(rows)]


def facts(space, *names):
    return {tuple(getattr(n.clip, name) for name in names) for n in every(space)}


def test_channels_and_rates_are_chosen():
    space = read(channels=[1, 3], fps=[4, 12.5])
    assert [c.name for c in space.choices] == [
        "clip.frames",
        "clip.fps",
        "clip.channels",
        "stage1.depth",
    ]
    assert facts(space, "fps", "channels") == {(4, 1), (4, 3), (12.5, 1), (12.5, 3)}
    assert {n.clip.frame_stride for n in every(space)} == {1}


def test_a_space_that_says_nothing_of_them_is_what_it_was():
    space = read(frame_stride=2)
    said = read(frame_stride=2, fps=0, channels=3)
    clip = {"frames": [4, 8], "resolution": 16, "frame_stride": 2}
    assert space.to_document()["clip"] == said.to_document()["clip"] == clip
    # as it was before there were rates and channels
    assert space.space_hash == said.space_hash == "f87227800814fe1c"
    assert {n.clip.channels for n in every(space)} == {3}


def test_a_space_is_written_with_what_is_unusual_in_it():
    for clip in (
        {"fps": 12.5},
        {"fps": [4, 8], "channels": 1},
        {"frame_stride": [1, 2], "channels": [1, 3]},
        {"fps": [0, 8], "frame_stride": {"options": [1, 2], "when": "clip.fps == 0"}},
    ):
        space = read(**clip)
        document = space.to_document()
        assert document["clip"] == {**SHAPE, "frame_stride": 1, **clip} or (
            "frame_stride" not in clip and document["clip"] == {**SHAPE, **clip}
        )
        again = read_space(Node(document, Origin("a test")))
        assert again == space
        assert again.space_hash == space.space_hash
        assert again.to_document() == document
        assert not [*VALIDATOR.iter_errors(document)]


def test_eight_is_one_rate_however_it_is_written():
    assert read(fps=8).space_hash == read(fps=8.0).space_hash
    assert read(fps=[4, 8]).space_hash == read(fps=[4.0, 8.0]).space_hash
    (one, *_), (other, *_) = every(read(fps=8)), every(read(fps=8.0))
    assert one.arch_id == other.arch_id


def test_python_declares_the_same_space():
    parts = {
        "stem": StemSpace(8),
        "stages": (StageSpace(8, (1, 2), "3x3x3", 2),),
        "head": HeadSpace(16, 8),
    }
    clip = ClipSpace((4, 8), 16, fps=np.array([4.0, 8.0]), channels=[1, 3])
    assert Space(name="clips", clip=clip, **parts) == read(fps=[4, 8], channels=[1, 3])


def test_what_is_decoded_is_found_again_and_priced_the_same_in_columns():
    space = read(
        channels=[1, 3],
        fps=[0, 4, 12.5],
        frame_stride={"options": [1, 2], "when": "clip.fps == 0"},
    )
    assert facts(space, "fps", "frame_stride") == {(0, 1), (0, 2), (4, 1), (12.5, 1)}
    sizes = [len(choice.options) for choice in space.choices]
    rows = sorted({space.canonical(row) for row in np.ndindex(*sizes)})
    columns = space.columns(np.array(rows))
    priced = cost_many(columns, 5)
    for n, row in enumerate(rows):
        network = space.decode(row)
        assert space.encode(network) == row
        assert priced.row(n) == cost(network, 5)
        assert columns.fps[n] == network.clip.fps
        assert columns.channels[n] == network.clip.channels
    ids = space.row_identities(np.array(rows))
    assert len({*ids.tolist()}) == len({space.decode(r).arch_id for r in rows})


def test_a_rate_may_be_computed():
    space = read(fps="clip.frames / 2")  # two seconds
    assert facts(space, "frames", "fps") == {(4, 2), (8, 4)}
    thirds = read(fps="clip.frames / 3")
    assert facts(thirds, "frames", "fps") == {(4, 1.333333), (8, 2.666667)}
    rows = np.array([[0, 0], [1, 0]])
    assert thirds.columns(rows).fps.tolist() == [1.333333, 2.666667]


def test_channels_may_be_computed_and_tied():
    space = read(channels="1 if clip.frames == 8 else 3")
    assert facts(space, "frames", "channels") == {(4, 3), (8, 1)}


def test_a_range_of_rates():
    space = read(fps={"from": 2.5, "to": 10, "step": 2.5})
    assert facts(space, "fps") == {(2.5,), (5,), (7.5,), (10,)}


@pytest.mark.parametrize(
    ("clip", "told"),
    [
        ({"fps": -1}, r"`clip.fps` must be a number of at least 0, got -1\."),
        ({"fps": "true"}, r"`clip.fps` must be .* got `?true"),
        ({"fps": True}, r"`clip.fps` must be a number of at least 0, got `?true"),
        ({"fps": 5000}, r"`clip.fps` must be a number of at most 1000, got 5000\."),
        ({"fps": "clip.frames - 20"}, "`clip.fps` must be a number of at least 0"),
        ({"channels": 2}, r"`clip.channels` must be 1 or 3, got 2\."),
        ({"channels": [1, 2, 3]}, r"`clip.channels.*` must be 1 or 3, got 2\."),
        ({"channels": {"from": 1, "to": 3}}, r"must be 1 or 3, got 2\."),
        ({"channels": "clip.frames"}, r"`clip.channels` must be 1 or 3, got 4"),
        ({"channels": "gray"}, "`clip.channels` .*`gray`"),
        ({"channels": True}, "`clip.channels` must be 1 or 3, got `?true"),
    ],
    ids=str,
)
def test_what_cannot_stand_there_is_refused_in_one_line(clip, told):
    with pytest.raises(InputError, match=told) as refused:
        read(**clip)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("clip", "where"),
    [
        ({"fps": 8, "frame_stride": 2}, ""),
        ({"fps": [4, 8], "frame_stride": 2}, " where `clip.fps` is 4"),
        ({"fps": 8, "frame_stride": [1, 2]}, " where `clip.frame_stride` is 2"),
        (
            {"fps": [0, 8], "frame_stride": [1, 2]},
            " where `clip.frame_stride` is 2 and `clip.fps` is 8",
        ),
        ({"fps": 8, "frame_stride": "16 // clip.frames"}, " where `clip.frames` is 4"),
    ],
    ids=str,
)
def test_a_space_has_no_clips_by_rate_and_by_stride_at_once(clip, where):
    told = (
        "A clip must have `fps` or a `frame_stride` above 1, not both, got "
        f"both{where}. Offer a `frame_stride` `when: clip.fps == 0`."
    )
    with pytest.raises(InputError) as refused:
        read(**clip)
    assert str(refused.value) == f"a test: {told}"


def test_more_frames_are_taken_faster_so_that_a_clip_lasts_as_long():
    scaled = read(fps=[4, 12.5]).scaled(frames=1.5)
    assert facts(scaled, "frames", "fps", "frame_stride") == {
        (6, 6, 1),
        (12, 6, 1),
        (6, 18.75, 1),
        (12, 18.75, 1),
    }
    assert read(fps=8).scaled(frames=0.5).declaration.clip.fps == Constant(4)
    assert facts(read(fps=8).scaled(frames=0.5), "frame_stride") == {(1,)}
    # two seconds of computed frames are two seconds still
    assert facts(read(fps="clip.frames / 2").scaled(frames=2), "frames", "fps") == {
        (8, 4),
        (16, 8),
    }
    assert facts(read(channels=1).scaled(resolution=2), "channels") == {(1,)}


def test_strides_beside_rates_are_divided_where_one_stays_one():
    stride = {"options": [1, 4], "when": "clip.fps == 0"}
    space = read(fps=[0, 8], frame_stride=stride)
    # 4 / 2 = 2, and half a stride is every frame still
    assert facts(space.scaled(frames=2), "fps", "frame_stride") == {
        (0, 1),
        (0, 2),
        (16, 1),
    }
    with pytest.raises(SpaceError, match=r"got both where `clip\.fps` is 4 and"):
        space.scaled(frames=0.5)

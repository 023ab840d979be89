"""What is accepted is written, read back equal and hashed equal."""

import json
import zlib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import yaml

from vidnas.architecture import Architecture, Kernel
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem
from vidnas.documents.node import Node, Origin
from vidnas.errors import ShapeError, SpaceError
from vidnas.files.loading import load_space
from vidnas.files.yaml_file import dump_document
from vidnas.space import (
    ChoiceSpace,
    ClipSpace,
    HeadSpace,
    Space,
    StageSpace,
    StemSpace,
    Width,
    choice,
    read_candidate,
    read_space,
)
from vidnas.space.candidate_text import candidate_text

SAME = {  # what says the same in one place
    "depth": (
        [(1, 2, 3), [1, 2, 3], range(1, 4), np.arange(1, 4), (1.0, 2.0, 3.0)],
        [np.linspace(1, 3, 3), iter((1, 2, 3)), (n for n in (1, 2, 3))],
        [(np.int64(1), np.uint8(2), np.float32(3)), (Fraction(1), Decimal(2), 3)],
        [choice("deep", (1, 2, 3)), choice("deep", np.arange(1, 4))],
    ),
    "width": (
        [16, 16.0, np.int64(16), np.array(16), (16,), Width(16), Width(16.0)],
        [Width(16, (0.5, 1)), Width(np.int64(16), np.array([0.5, 1]), np.int32(8))],
    ),
    "kernel": (
        ["3x3x3", Kernel(3, 3), (3, 3, 3), [3, 3, 3], np.array([3, 3, 3])],
        [("1x3x3", "3x3x3"), (Kernel(1, 3), Kernel(3, 3)), ((1, 3, 3), (3, 3, 3))],
        [choice("taps", ("1x3x3", "3x3x3")), choice("taps", [(1, 3, 3), (3, 3, 3)])],
    ),
    "expand": (
        [1.5, np.float32(1.5), np.float16(1.5), Fraction(3, 2), Decimal("1.5")],
        [(0.1, 1e-7), (np.float32(0.1), np.float32(1e-7))],
        [np.linspace(0.1, 0.5, 5)],
    ),
    "squeeze_excite": ([True, np.bool_(True)], [(False, True), np.array([0, 1]) > 0]),
    "activation": (["relu", np.str_("relu")], [("relu", "swish")]),
}
REFUSED = {
    "a set": ({"depth": {1, 2}}, "`depth`: Options must stand in an order"),
    "a mapping": ({"depth": {1: 2}}, "`depth`: Options must stand in an order"),
    "nothing": ({"depth": None}, "`depth`: A value must be a number"),
    "pairs": ({"depth": ((1, 2), (3, 4))}, r"`depth`: A value must .* got `\(1, 2\)`"),
    "a half": ({"depth": (1.5, 2)}, "must be a whole number of at least 1, got 1.5"),
    "one twice": ({"depth": (1, 1.0)}, "Options of a choice must differ"),
    "a flag": ({"depth": True}, "must be a whole number of at least 1, got true"),
    "NaN": ({"expand": (1, float("nan"))}, "`expand`: A number must be one, got NaN"),
    "infinite": ({"expand": float("inf")}, "`expand`: A number must be at most 9e15"),
    "large": ({"width": 10**22}, "`width`: A number must be at most 9e15"),
    "minus zero": ({"expand": -0.0}, "must be a number above 0, got 0.0"),
    "even": ({"kernel": "2x3x3"}, "`kernel`: A kernel must be odd FRAMESxSIDExSIDE"),
    "oblong": ({"kernel": (3, 3, 5)}, "`kernel`: A kernel must be odd"),
    "half a base": ({"width": 16.5}, "must be a whole number of at least 1, got 16.5"),
}


def space_of(**places):
    stage = {"width": 16, "depth": 1, "kernel": "1x3x3", "expand": 1.0, **places}
    return Space(
        name="small",
        clip=ClipSpace(4, 16),
        stem=StemSpace(8),
        stages=(StageSpace(**stage),),
        head=HeadSpace(16, 8),
    )


@pytest.mark.parametrize("place", SAME)
def test_what_is_accepted_is_written_read_back_equal_and_hashed_equal(place, write):
    for spellings in SAME[place]:
        spaces = [space_of(**{place: spelling}) for spelling in spellings]
        document = spaces[0].to_document()
        read = load_space(write(dump_document(document)))
        first = (0,) * len(read.choices)
        for space in spaces:
            assert space.choices == read.choices
            assert space.to_document() == document == json.loads(json.dumps(document))
            assert space == read
            assert space.space_hash == read.space_hash
            assert space.decode(first) == read.decode(first)


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_value_is_refused_where_it_stands(what):
    places, message = REFUSED[what]
    with pytest.raises(SpaceError, match=message):
        space_of(**places)


def test_a_base_that_is_no_whole_number_is_refused():
    with pytest.raises(SpaceError, match=r"`base` of a width must be .* got `16\.5`"):
        Width(16.5)


def test_one_written_as_a_fraction_has_the_same_hash():
    def hashed(expand, wide):
        width = {"base": 16, "multiplier": "wide"}
        document = space_of(expand=expand).to_document()
        document["choices"] = {"wide": wide}
        document["stages"][0]["width"] = width
        return read_space(Node(document, Origin("document"))).space_hash

    assert hashed([1, 1.5], [0.5, 1]) == hashed([1.0, 1.5], [0.5, 1.0])
    assert hashed(2, [1, 2]) == hashed(2.0, [1.0, 2.0])
    assert hashed(2, [1, 2]) != hashed(2, [1, 3])


def test_texts_of_candidates_of_before_are_read():
    space = space_of(expand=(1, 1.5))
    now, before = space.hashes
    assert now != before
    text = candidate_text(space, (1,))
    body = text.rpartition(":")[0].replace(now[:6], before[:6])
    old = f"{body}:{zlib.crc32(body.encode()) & 0xFFFF:04x}"
    assert read_candidate(space, text) == read_candidate(space, old) == (1,)


def test_a_choice_space_takes_the_numbers_of_numpy():
    taken = ChoiceSpace.of("x", {"lr": np.array([0.5, 1.0]), "n": np.arange(1, 3)})
    plain = ChoiceSpace.of("x", {"lr": [0.5, 1.0], "n": [1, 2]})
    assert taken.space_hash == plain.space_hash
    assert taken.decode((1, 1)).arch_id == plain.decode((1, 1)).arch_id


def test_an_architecture_of_numpy_is_that_of_whole_numbers():
    def network(whole, flag=bool):
        layer = Layer(whole(32), Kernel(whole(1), whole(3)), squeeze_excite=whole(8))
        return Architecture(
            Clip(whole(4), whole(16)),
            Stem(whole(8)),
            (Stage(whole(16), (layer,)),),
            Head(whole(16), whole(8), hidden_bias=flag(False)),
        )

    plain = network(int)
    for whole in (np.int64, np.uint8, np.float32, float):
        assert network(whole, np.bool_).arch_id == plain.arch_id
        assert yaml.safe_dump(network(whole).to_document())
    spelled = replace(plain.stages[0], layers=(Layer(32, "1x3x3", squeeze_excite=8),))
    assert replace(plain, stages=(spelled,)).arch_id == plain.arch_id
    for wrong in (8.5, float("nan"), "8", None):
        with pytest.raises(ShapeError, match=r"`clip\.frames` must be a whole number"):
            replace(plain, clip=Clip(wrong, 16))

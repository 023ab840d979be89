"""The JSON Schema of spaces agrees with the reader, as far as a schema can."""

import json
import re

import pytest
from jsonschema import Draft7Validator

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.files.yaml_file import load_document
from vidnas.space import read_space
from vidnas.space.language.json_schema import ABOUT, space_schema
from vidnas.space.language.places import PLACES

VALIDATOR = Draft7Validator(space_schema())


def faults(document):
    return [error.message for error in VALIDATOR.iter_errors(document)]


def test_the_shipped_schema_is_the_one_that_is_made(root):
    shipped = (root / "search_spaces" / "space.schema.json").read_text(encoding="utf-8")
    # vidnas space schema > search_spaces/space.schema.json
    assert json.loads(shipped) == space_schema()


def test_the_schema_is_one():
    Draft7Validator.check_schema(space_schema())


def test_every_shipped_space_is_valid(root):
    files = sorted((root / "search_spaces").glob("*.yaml"))
    assert files
    for path in files:
        assert faults(load_document(path).value) == [], path.name


def test_what_a_space_says_of_itself_is_valid(space):
    assert faults(space.to_document()) == []


def test_every_place_is_there_and_told():
    known = space_schema()["properties"]
    for part, places in PLACES.items():
        if part == "network":
            properties = known
        elif part == "stage":
            properties = known["stages"]["items"]["properties"]
        else:
            properties = known[part]["properties"]
        for key in places:
            assert properties[key]["description"] == ABOUT[key]


def edited(document, path, value):
    """A copy with one value replaced, or removed where it is `...`."""
    copy = json.loads(json.dumps(document))
    *above, last = path
    inner = copy
    for key in above:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return copy


DOCUMENT = {
    "schema": "vidnas.space/v1",
    "name": "small",
    "choices": {"wide": [1.0, 2.0], "deep": {"from": 1, "to": 3}},
    "derived": {"inside": "round8(16 * wide)"},
    "clip": {"frames": [4, 8], "resolution": 32},
    "stem": {"width": {"base": 16, "multiplier": "wide"}},
    "stages": [
        {"width": 16, "depth": "deep", "kernel": "3x3x3", "expand_width": "inside"},
        {
            "like": "stage1",
            "squeeze_excite": {"options": [True, False], "per": "layer"},
        },
    ],
    "head": {"width": 32, "hidden": [0, 64]},
    "rules": {"growing": "stage1.width <= stage2.width"},
}
STAGE = ("stages", 0)
RIGHT = {
    "a range with a step": ((*STAGE, "depth"), {"from": 1, "to": 5, "step": 2}),
    "an expression for a kernel": ((*STAGE, "kernel"), "'1x3x3' if wide > 1 else k"),
    "a condition": (("causal",), {"options": [False, True], "when": "wide > 1"}),
    "a word that is computed": (("activation",), "'relu' if wide > 1 else 'swish'"),
    "kernels under a name": (("choices", "shape"), ["1x3x3", "3x3x3"]),
}
WRONG = {
    "an unknown key": (("clip", "frame"), 3),
    "an unknown key at the top": (("budgets",), {}),
    "a missing key": (("clip", "frames"), ...),
    "a missing part": (("head",), ...),
    "a stage without expansion": ((*STAGE, "expand_width"), ...),
    "a stage with both": ((*STAGE, "expand"), 2),
    "another schema": (("schema",), "vidnas.space/v2"),
    "an unknown block": (("block",), "x3b"),
    "no options": (("clip", "frames"), []),
    "repeated options": (("clip", "frames"), [4, 4]),
    "a flag for a number": (("clip", "frames"), True),
    "nothing for a number": (("clip", "frames"), None),
    "a fraction for a whole number": (("clip", "frames"), 4.5),
    "zero": (("clip", "resolution"), 0),
    "an even kernel": ((*STAGE, "kernel"), "2x3x3"),
    "an even kernel in a list": ((*STAGE, "kernel"), ["1x3x3", "3x4x4"]),
    "a kernel with unequal sides": ((*STAGE, "kernel"), "3x3x5"),
    "a number for a kernel": ((*STAGE, "kernel"), 3),
    "a word for a flag in a list": ((*STAGE, "squeeze_excite"), ["yes", "no"]),
    "a depth out of reach": ((*STAGE, "depth"), 1000000),
    "a depth per layer": ((*STAGE, "depth"), {"options": [1, 2], "per": "layer"}),
    "per in the clip": (("clip", "frames"), {"options": [4], "per": "stage"}),
    "a range without an end": (("choices", "deep"), {"from": 1}),
    "a width without multiplier": (("stem", "width"), {"base": 16}),
    "a name that is none": (("choices", "deep-er"), [1, 2]),
    "stages that are a mapping": (("stages",), {}),
    "no stage": (("stages",), []),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_the_language_has_is_valid(name):
    assert faults(DOCUMENT) == []
    assert faults(edited(DOCUMENT, *RIGHT[name])) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_obviously_wrong_is_valid_to_neither(name):
    wrong = edited(DOCUMENT, *WRONG[name])
    assert faults(wrong)
    with pytest.raises(InputError):
        read_space(Node(wrong, Origin("made")))


def test_an_editor_is_told_where_the_schema_is(root):
    page = (root / "docs" / "spaces.md").read_text(encoding="utf-8")
    named = re.findall(r"yaml-language-server: \$schema=(\S+)", page)
    assert named
    assert all(
        (root / "search_spaces" / name.split("/")[-1]).exists() for name in named
    )

"""Spaces are equal where the same choices lead to the same networks."""

from itertools import product

import numpy as np
import pytest
import yaml

from vidnas.documents.node import Node, Origin
from vidnas.files.loading import load_space
from vidnas.space import read_space

TEXT = """\
schema: vidnas.space/v1
name: small
choices:
  wide: [0.5, 1.0]
  early: [false, true]
clip: {frames: [4, 8], resolution: 16}
stem: {width: {base: 16, multiplier: [0.5, 1.0]}}
stages:
  - name: low
    width: round8(16 * wide)
    depth: [1, 2]
    kernel: [1x3x3, 3x1x1]
    expand: [1.0, 2.0]
  - width: {base: 32, multiplier: wide}
    depth: 1
    kernel: {options: [1x3x3, 3x3x3], when: not early}
    expand: 1
    squeeze_excite: early
head: {width: 16, hidden: 8}
rules:
  brief: low.depth < 2 or clip.frames > 4
"""
SAME = {
    "a number with a point": ("wide: [0.5, 1.0]", "wide: [0.5, 1]"),
    "more numbers with a point": ("expand: [1.0, 2.0]", "expand: [1, 2]"),
    "another order of choices": (
        "  wide: [0.5, 1.0]\n  early: [false, true]",
        "  early: [false, true]\n  wide: [0.5, 1.0]",
    ),
    "another order of options": ("depth: [1, 2]", "depth: [2, 1]"),
    "a range": ("depth: [1, 2]", "depth: {from: 1, to: 2}"),
    "another name of a choice": ("wide", "broad"),
    "another name of a stage": ("low", "first"),
    "a choice moved under a name": (
        "  early: [false, true]\nclip: {frames: [4, 8],",
        "  early: [false, true]\n  long: [4, 8]\nclip: {frames: long,",
    ),
    "a depth moved under a name": (
        ("  early: [false, true]\nclip", "depth: [1, 2]"),
        ("  early: [false, true]\n  deep: [1, 2]\nclip", "depth: deep"),
    ),
    "a width moved under a name": (
        ("  early: [false, true]\nclip", "multiplier: [0.5, 1.0]}}"),
        ("  early: [false, true]\n  thin: [0.5, 1]\nclip", "multiplier: thin}}"),
    ),
    "a width that lists what it gives": (
        "width: {base: 16, multiplier: [0.5, 1.0]}}\nstages",
        "width: [8, 16]}\nstages",
    ),
    "something derived": (
        "width: round8(16 * wide)",
        "width: thin",
        "clip: {frames",
        "derived: {thin: round8(16 * wide)}\nclip: {frames",
    ),
    "another expression of the same": ("round8(16 * wide)", "8 + 8 * (wide > 0.7)"),
    "a rule that always holds": ("rules:", "rules:\n  always: wide > 0"),
    "a rule of layers that always holds": ("rules:", "rules:\n  always: layers >= 2"),
    "a reach that every network has": ("rules:", "rules:\n  a: temporal_reach > 0"),
    "a rule that follows from another": (
        "rules:",
        "rules:\n  more: low.depth < 2 or clip.frames > 3 or wide > 1",
    ),
    "a rule in other words": (
        "low.depth < 2 or clip.frames > 4",
        "not (clip.frames == 4 and low.depth != 1)",
    ),
    "another name of a rule": ("brief:", "short:"),
    "no comment": ("rules:", "# as before\nrules:"),
    "what is usual": ("head: {", "activation: swish\nhead: {"),
}
OTHER = {
    "an option": ("expand: [1.0, 2.0]", "expand: [1.0, 3.0]"),
    "one option more": ("expand: [1.0, 2.0]", "expand: [1.0, 1.5, 2.0]"),
    "a constant": ("resolution: 16", "resolution: 24"),
    "an expression": ("round8(16 * wide)", "round8(16 * wide) + 8"),
    "what is tied": ("multiplier: wide", "multiplier: [0.5, 1.0]"),
    "the option that stands": ("options: [1x3x3, 3x3x3]", "options: [3x3x3, 1x3x3]"),
    "a condition": ("when: not early", "when: early"),
    "no rule": ("  brief: low.depth < 2 or clip.frames > 4", "  brief: wide < 2"),
    "one rule more": ("rules:", "rules:\n  more: low.depth < 2 or wide < 1"),
    "a rule of the network": ("rules:", "rules:\n  more: temporal_reach > 3"),
    "an activation": ("head: {", "activation: relu\nhead: {"),
    "a choice per stage": (
        "kernel: [1x3x3, 3x1x1]",
        "kernel: {options: [1x3x3, 3x1x1], per: stage}",
    ),
}


def space_of(text):
    return read_space(Node(yaml.safe_load(text), Origin("document")))


def edited(edit):
    text = TEXT
    if isinstance(edit[0], tuple):
        edit = [word for pair in zip(*edit, strict=True) for word in pair]
    for before, after in zip(edit[::2], edit[1::2], strict=True):
        assert before in text
        text = text.replace(before, after)
    return space_of(text)


def networks(space):
    sizes = [range(len(choice.options)) for choice in space.choices]
    rows = space.many.canonical(np.array([*product(*sizes)]))
    return {*space.row_identities(rows[space.many.meets(rows)]).tolist()}


BASE = space_of(TEXT)
NETWORKS = networks(BASE)


@pytest.mark.parametrize("what", SAME)
def test_a_space_written_otherwise_is_the_same(what):
    other = edited(SAME[what])
    assert other.meaning == BASE.meaning
    assert other == BASE
    assert other.count() == BASE.count()
    assert networks(other) == NETWORKS


@pytest.mark.parametrize("what", OTHER)
def test_a_space_of_other_networks_is_another(what):
    other = edited(OTHER[what])
    assert other.meaning != BASE.meaning
    assert other != BASE
    assert networks(other) != NETWORKS


def test_no_two_shipped_spaces_are_the_same(root):
    files = sorted((root / "search_spaces").glob("*_a[012].yaml"))
    meanings = {load_space(file).meaning for file in files}
    assert len(meanings) == len(files) == 3

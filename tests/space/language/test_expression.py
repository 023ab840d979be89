"""Expressions in Python are those of YAML, and what none can be is refused."""

from math import ceil, floor

import numpy as np
import pytest

from vidnas.architecture import Kernel
from vidnas.errors import SpaceError
from vidnas.space import (
    ClipSpace,
    HeadSpace,
    Name,
    Options,
    Space,
    StageSpace,
    StemSpace,
    choice,
    same,
    where,
)
from vidnas.space.language.expression import Constant, alike
from vidnas.space.language.expression_text import expression_text, parse_expression

A = choice("a", (1, 2, 3))
B = choice("b", (1, 2, 3, 4, 5))
FORM = choice("form", ("swish", "relu"))
TAPS = choice("taps", ("1x3x3", "3x3x3"))
SPELLED = {
    "a == 2": A == 2,
    "2 == a": same(2, A),
    "a == 3": A == 3,
    "a != 2": A != 2,
    "not a == 2": ~(A == 2),
    "a == b and not b == 1": (A == B) & ~(B == 1),
    "b > 4 or a == 1": (B > 4) | (A == 1),
    "form == 'swish'": FORM == "swish",
    "taps == '3x3x3'": TAPS == "3x3x3",
    "taps != '3x3x3'": TAPS != (3, 3, 3),
    "'1x3x3' == taps": same(Kernel(1, 3), TAPS),
    "3 if a == 2 else 1": where(A == 2, 3, 1),
    "abs(a - 2) == 1": abs(A - 2) == 1,
    "floor(a / 2) + ceil(a / 2)": floor(A / 2) + ceil(A / 2),
    "7 % a": 7 % A,
    "true and a == 2": True & (A == 2),
    "a == low.depth": Name("low.depth") == A,
}


@pytest.mark.parametrize("text", SPELLED)
def test_an_expression_of_python_is_that_of_its_text(text):
    assert expression_text(SPELLED[text]) == text
    assert alike(
        parse_expression(text), parse_expression(expression_text(SPELLED[text]))
    )


def test_numbers_of_numpy_leave_comparing_to_expressions():
    for made in (np.int64(2) == A, np.int64(2) == A, np.float64(2) == A):
        assert expression_text(made) in ("a == 2", "a == 2.0")
    assert expression_text(np.int64(2) * A) == "2 * a"
    with pytest.raises(SpaceError, match=r"must be a number.*got `\[1 2\]`"):
        _ = np.array([1, 2]) == A


REFUSED = {
    "if": lambda: 1 if A == 2 else 0,
    "and": lambda: (A == 2) and B,
    "or": lambda: A or B,
    "not": lambda: not A,
    "a chain": lambda: 1 < A < 3,
    "in": lambda: A in [1, 2],
    "an index": lambda: [B, A].index(A),
    "tuples": lambda: (A, 1) == (B, 1),
    "min": lambda: min(A, 2),
    "max": lambda: max(2, A),
}


@pytest.mark.parametrize("way", REFUSED)
def test_what_cannot_be_built_is_refused(way):
    with pytest.raises(SpaceError, match="has no value before a candidate is decoded"):
        REFUSED[way]()


def test_what_is_no_value_cannot_be_compared():
    for other in (None, object(), (1, 2), {1}):
        with pytest.raises(SpaceError, match="must be a number, a flag, a word or a"):
            _ = other == A


def test_expressions_are_keys_by_themselves_and_compared_word_for_word():
    assert {A: 1, B: 2}[A] == 1
    assert len({A, B, A == 1, A == 1}) == 4
    assert alike(A == 1, A == 1)
    assert not alike(A == 1, A != 1)
    assert Options((1, 2), when=A == 1) == Options((1, 2), when=A == 1)
    assert Options((1, 2), when=A == 1) != Options((1, 2), when=A == 2)
    assert Constant(2) == Constant(2)  # of constants, the answer is known
    assert Constant(2) != Constant(3)


def space_of(rules=None, **places):
    stage = {"width": 16, "depth": 1, "kernel": "1x3x3", "expand": 1.0, **places}
    return Space(
        name="small",
        clip=ClipSpace(4, 16),
        stem=StemSpace(8),
        stages=(StageSpace(**stage),),
        head=HeadSpace(16, 8),
        rules=rules or {},
    )


def test_equality_stands_in_every_place_of_a_space():
    depths = {1: 1, 2: 3, 3: 1}
    space = space_of(depth=where(A == 2, 3, 1))
    networks = [space.decode((at,)) for at in range(3)]
    assert [network.depth for network in networks] == list(depths.values())

    space = space_of(depth=A, squeeze_excite=A == 2)
    excited = [space.decode((at,)).layers[0].squeeze_excite > 0 for at in range(3)]
    assert excited == [False, True, False]

    # Depth 2 alone offers both expansions: 1 + 2 x 2 + 1.
    assert space_of(depth=A, expand=Options((1, 2), when=A == 2)).count() == 6

    space = space_of(activation=FORM, squeeze_excite=FORM == "swish", kernel=TAPS)
    assert space.count() == 4
    # Of 15, a == 1 holds in 5, and b > 3 in 2 of each of the other two.
    rule = (B > 3) | (A == 1)
    assert space_of(depth=A, width=8 * B, rules={"either": rule}).count() == 5 + 4
    assert space_of(depth=A, width=8 * B, rules={"differ": A != B}).count() == 15 - 3

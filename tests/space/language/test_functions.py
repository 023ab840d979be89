"""What words and signs mean is the same of one candidate and of many."""

from operator import eq, ge, gt, le, lt, ne

import numpy as np
import pytest

from vidnas.documents.node import Node, Origin
from vidnas.space import read_space
from vidnas.space.language.functions import FUNCTIONS

SIGNS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
# As computed, and as on paper.
PAIRS = [
    ((3 * 0.1, 0.3), (3, 3)),
    ((0.1 + 0.2 - 0.3, 0), (0, 0)),
    ((0.7 * 1e6, 700_000), (7, 7)),
    ((0.3 + 1e-6, 0.3), (4, 3)),
    ((2**53 - 1, 2**53), (2, 3)),
    ((1e-7, 2e-7), (1, 2)),
    ((True, 1), (1, 1)),
    ((2, 1.0), (2, 1)),
]


@pytest.mark.parametrize("sign", SIGNS)
def test_numbers_are_compared_as_on_paper_one_or_many_at_a_time(sign):
    apply = FUNCTIONS[sign].apply
    for computed, paper in PAIRS:
        for (a, b), (c, d) in ((computed, paper), (computed[::-1], paper[::-1])):
            wanted = SIGNS[sign](c, d)
            assert apply(a, b) is wanted
            for x, y in ((np.array([a, a]), np.array([b, b])), (np.array([a]), b)):
                found = apply(x, y)
                assert found.dtype == np.bool_
                assert (found == wanted).all()


def test_words_are_equal_letter_by_letter():
    equal = FUNCTIONS["=="].apply
    assert equal("relu", "relu") is True
    assert equal("relu", 3) is False
    assert equal(np.array(["relu", "swish"]), "relu").tolist() == [True, False]


def space_of(choices, rules, width="8 * (1 + a)"):
    stage = {"width": width, "depth": 1, "kernel": "1x3x3", "expand": 1.0}
    document = {
        "schema": "vidnas.space/v1",
        "name": "small",
        "choices": choices,
        "clip": {"frames": 4, "resolution": 16},
        "stem": {"width": 8},
        "stages": [stage],
        "head": {"width": 16, "hidden": 8},
        "rules": rules,
    }
    return read_space(Node(document, Origin("document")))


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("a * 0.1 <= 0.3", 4),
        ("a * 0.1 < 0.3", 3),
        ("a * 0.1 - 0.3 <= 0", 4),
        ("0.3 >= a / 10", 4),
        ("a * 0.1 == 0.3", 1),
        ("a * 0.1 != 0.3", 5),
        ("not a * 0.1 > 0.3", 4),
    ],
)
def test_a_rule_counts_draws_and_meets_alike(rule, count):
    space = space_of({"a": {"from": 0, "to": 5}}, {"short": rule})
    held = [space.meets((a,)) for a in range(6)]
    assert space.count() == sum(held) == count
    assert space.many.meets(np.arange(6)[:, None]).tolist() == held


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ({"from": 0, "to": 4}, (0, 1, 2, 3, 4)),
        ({"from": -2, "to": 2, "step": 2}, (-2, 0, 2)),
        ({"from": 0.5, "to": 2, "step": 0.5}, (0.5, 1.0, 1.5, 2.0)),
        ({"from": 0.1, "to": 0.3, "step": 0.1}, (0.1, 0.2, 0.3)),
    ],
)
def test_a_range_of_a_named_choice_holds_both_ends(written, options):
    space = space_of({"a": written}, {}, width="8 * round_to(9 + a, 1)")
    assert space.declaration.named["a"].options == options

"""A record of a trial is read, or one value of it is named."""

from pathlib import Path

import pytest

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.files.journal import read_journal
from vidnas.study.experiment.recorded_trial import (
    read_measured,
    read_trial,
    space_shapes,
)

BEFORE = Path(__file__).parents[2] / "golden" / "before"
RECORDS = read_journal(BEFORE / "evolution" / "journal.jsonl")
START = next(record for record in RECORDS if record["event"] == "started")
# Of before/evolution: width, clip and the choices of three layers.
SHAPES = space_shapes(RECORDS)


def node(record):
    return Node(record, Origin("journal.jsonl, line 2"))


def test_a_trial_is_read_with_its_network_and_costs():
    trial = read_trial(node(START), SHAPES)
    assert (trial.number, trial.arch_id) == (0, START["arch_id"])
    assert trial.candidate == tuple(START["candidate"])
    assert trial.value("flops") == START["costs"]["flops"]


def test_a_space_gives_a_number_of_options_for_each_choice():
    (shape,) = SHAPES
    assert len(shape) == len(START["candidate"])
    assert all(i < n for i, n in zip(START["candidate"], shape, strict=True))


def test_a_candidate_fits_one_of_the_spellings_of_its_space():
    (shape,) = SHAPES
    short = START | {"candidate": [0, 1]}
    with pytest.raises(InputError, match="indices of options of the space"):
        read_trial(node(short), [shape])
    assert read_trial(node(short), [shape, (1, 2)]).candidate == (0, 1)
    assert read_trial(node(short), []).candidate == (0, 1)


@pytest.mark.parametrize("index", [-1, 99, True, 0.0, "0", None])
def test_an_index_is_a_whole_number_within_its_options(index):
    wrong = START | {"candidate": [index, *START["candidate"][1:]]}
    with pytest.raises(InputError, match="line 2: `candidate` must be indices"):
        read_trial(node(wrong), SHAPES)


def test_a_network_that_was_changed_is_not_the_one_it_was():
    changed = START["architecture"] | {"activation": "relu"}
    with pytest.raises(InputError, match=r"line 2: `arch_id` must be [0-9a-f]{16}"):
        read_trial(node(START | {"architecture": changed}), SHAPES)


def test_a_baseline_has_a_name_and_needs_no_place_in_the_space():
    baseline = START | {"trial": -1, "candidate": []}
    with pytest.raises(InputError, match="must have the key `baseline`"):
        read_trial(node(baseline), SHAPES)
    assert read_trial(node(baseline | {"baseline": "a0"}), SHAPES).label == "a0"


@pytest.mark.parametrize(
    "value", [None, "1", True, float("nan"), float("inf"), 10**400, [1], {}]
)
def test_what_was_measured_is_finite(value):
    measured = {"top1": 50.0, "seconds": value}
    with pytest.raises(InputError, match=r"`measured.seconds` must be a number"):
        read_measured(node({"measured": measured}))

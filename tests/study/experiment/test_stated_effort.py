"""How `effort` of an experiment file is read, and of a journal."""

import pytest

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.study.experiment.stated_effort import read_effort, recorded_effort
from vidnas.trials.effort import Effort


def read(**stated):
    return read_effort(Node(stated, Origin("experiment.yaml"), ("effort",)))


def test_without_a_limit_the_default_holds():
    assert read() == Effort(trials=48)


def test_with_another_limit_trials_are_unlimited():
    assert read(hours=2) == Effort(hours=2.0)
    assert read(epochs=500, grace_minutes=0) == Effort(epochs=500, grace_minutes=0.0)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"hours": 0}, "`effort.hours` must be a positive number"),
        ({"gpu_hours": -1}, "`effort.gpu_hours` must be a number"),
        ({"epochs": 1.5}, "`effort.epochs` must be a whole number"),
        ({"trials": 4, "grace_minutes": 5}, "`effort.grace_minutes` needs one of"),
        ({"hour": 2}, "unknown key `hour` in `effort`"),
    ],
)
def test_what_no_effort_says_is_refused_in_words(stated, words):
    with pytest.raises(InputError, match=words):
        read(**stated)


def test_what_a_document_says_is_read_back():
    for effort in (Effort(trials=3), Effort(hours=2.0, epochs=9, grace_minutes=5.0)):
        node = Node(effort.to_document(), Origin("journal.jsonl"), ("effort",))
        assert recorded_effort(node) == effort

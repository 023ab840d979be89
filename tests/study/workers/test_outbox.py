"""What a worker leaves is found again, and nothing else is taken for it."""

import json

import pytest

from vidnas.files.place import Place
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.outbox import (
    LeftOutcome,
    clear,
    collect,
    foreign_files,
    leave,
    left_for,
    set_aside,
)

SOUND = {"number": 4, "measured": {"top1": 12.0}, "reason": "", "cause": ""}


@pytest.fixture(params=["disk", "store"])
def outbox(request, tmp_path):
    """The outbox of a study on a disk, and of one in an object store."""
    return tmp_path / "x" if request.param == "disk" else f"memory://{tmp_path.name}/x"


def test_outcomes_come_back_in_order_of_their_trials(outbox):
    for number in (10, 2, -1):
        outcome = Outcome(number, {"top1": 1.0 * abs(number)})
        leave(outcome, outbox, arch_id="ab", seed=3)
    found = collect(outbox)
    assert [left.outcome.number for left in found] == [-1, 2, 10]
    assert all((left.arch_id, left.seed) == ("ab", 3) for left in found)


def test_an_outcome_is_of_its_own_network_and_seed(tmp_path):
    left = LeftOutcome(Outcome(4, {}), "ab", 3)
    assert left.is_of("ab", 3)
    assert not left.is_of("cd", 3)
    assert not left.is_of("ab", 4)


def test_an_outcome_of_an_older_version_counts_by_its_number(tmp_path):
    (tmp_path / "4.json").write_text(json.dumps(SOUND))
    (left,) = collect(tmp_path)
    assert left == LeftOutcome(Outcome(4, {"top1": 12.0}))
    assert left.is_of("any", 7)


def test_what_a_later_version_adds_is_left_out(tmp_path):
    (tmp_path / "4.json").write_text(json.dumps({**SOUND, "colour": "red"}))
    assert left_for(tmp_path, 4) == LeftOutcome(Outcome(4, {"top1": 12.0}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"half {",
        b"\xff\xfe\x00",
        b"[1]",
        b"[" * 100_000,
        {**SOUND, "number": 5},
        {**SOUND, "measured": {}},
        {**SOUND, "measured": {"top1": "12"}},
        {**SOUND, "measured": {"top1": True}},
        {**SOUND, "measured": {"top1": float("nan")}},
        {**SOUND, "measured": [1]},
        {**SOUND, "reason": 3},
        {**SOUND, "cause": None},
        {**SOUND, "seed": "x"},
        {**SOUND, "arch_id": 3},
    ],
    ids=str,
)
def test_what_is_no_outcome_is_passed_over_and_named(tmp_path, content):
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (tmp_path / "4.json").write_bytes(raw)
    assert left_for(tmp_path, 4) is None
    assert collect(tmp_path) == []
    assert foreign_files(tmp_path) == ["4.json"]


@pytest.mark.parametrize("name", ["x.json", "4.txt", "04.json", "--1.json", "-0.json"])
def test_a_file_of_another_name_is_foreign(tmp_path, name):
    (tmp_path / name).write_text(json.dumps(SOUND))
    (tmp_path / ".vidnas-0123456789abcdef.partial").write_text("a worker writes this")
    assert collect(tmp_path) == []
    assert foreign_files(tmp_path) == [name]


def test_a_folder_under_a_trials_number_is_passed_over(tmp_path):
    (tmp_path / "4.json").mkdir()
    assert collect(tmp_path) == []
    set_aside(tmp_path, 4)
    assert (tmp_path / "4.json").is_dir()


def test_a_file_under_the_number_of_a_new_trial_is_set_aside(outbox):
    leave(Outcome(4, {"top1": 1.0}), outbox)
    set_aside(outbox, 4)
    assert collect(outbox) == []
    assert Place.of(outbox).names() == foreign_files(outbox) == ["4.json.foreign"]
    set_aside(outbox, 5)
    assert Place.of(outbox).names() == ["4.json.foreign"]


def test_an_outcome_that_was_taken_is_cleared_once_and_again(outbox):
    leave(Outcome(4, {"top1": 1.0}), outbox)
    for _ in range(2):
        clear(outbox, 4)
        assert collect(outbox) == foreign_files(outbox) == []

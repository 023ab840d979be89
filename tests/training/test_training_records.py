"""A training's records read as they were written, or one line names the damaged one."""

import copy
from pathlib import Path

import pytest

from vidnas.errors import JournalError
from vidnas.files.journal import read_journal
from vidnas.training.training_records import require_sound_records

FINISHED = Path(__file__).parents[1] / "golden" / "before" / "training" / "finished"
PATH = Path("runs/a/training.jsonl")
RECORDS = read_journal(FINISHED / "training.jsonl")
GONE = object()
WRONG = (GONE, None, -1, "x", 10**400, float("nan"), [], [1], {"x": 1})


def test_records_of_before_are_sound():
    assert {record["event"] for record in RECORDS} >= {"training", "epoch", "done"}
    require_sound_records(RECORDS, PATH)
    require_sound_records([], PATH)


def changed(keys, wrong, line):
    records = copy.deepcopy(RECORDS)
    *above, last = keys
    place = records[line - 1]
    for key in above:
        place = place[key]
    if wrong is GONE:
        del place[last]
    else:
        place[last] = wrong
    return records


def damage_said():
    """What is said of each journal with one value changed, and of which line."""
    for line, record in enumerate(RECORDS, start=1):
        keys = [(key,) for key in record if key != "event"]
        for key in ("identity", "measured"):
            keys += [(key, below) for below in record.get(key, ())]
        for path in keys:
            for wrong in WRONG:
                try:
                    require_sound_records(changed(path, wrong, line), PATH)
                except JournalError as damage:
                    yield line, str(damage)


def test_a_changed_value_is_read_or_its_line_is_named():
    said = list(damage_said())
    assert len(said) > 50
    for line, text in said:
        assert text.count(f"{PATH}, line {line}: ") == 1
        assert text.endswith("Give the training a new folder with --out.")


@pytest.mark.parametrize(
    ("line", "key", "value", "says"),
    [
        (1, "schema", "vidnas.training/v2", "A later vidnas wrote it"),
        (1, "event", "study", "it must be the record of a training"),
        (2, "epoch", 2, "`epoch` must be 1, the next"),
    ],
)
def test_what_is_no_training_of_this_version_is_named(line, key, value, says):
    with pytest.raises(JournalError, match=says):
        require_sound_records(changed((key,), value, line), PATH)


def test_an_event_that_is_not_known_yet_is_passed_over():
    require_sound_records([*RECORDS, {"event": "colour", "of": [1]}], PATH)

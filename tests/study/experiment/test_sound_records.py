"""What is read at a glance is what is read with care, and so are its complaints."""

import copy
import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from vidnas.errors import JournalError
from vidnas.files.journal import read_journal, record_text
from vidnas.study.experiment.record_lines import RecordLines
from vidnas.study.experiment.recorded_trials import RecordedTrials, require_head

ROOT = Path(__file__).parents[3]
BEFORE = ROOT / "tests" / "golden" / "before"
JOURNAL = Path("runs/a/journal.jsonl")
# In place of a value; the last stands for its absence.
WRONG = (
    None, 0, -1, 1, 2, 99, "x", "", 0.5, 1e300, 2**63, 10**400, float("nan"), True,
    False, [], [1], [True], {}, {"x": 1}, {"epochs": True}, {"top1": 101}, ...,
)  # fmt: skip


def read(records, *, carefully):
    """Trials and all that belongs to them, or the complaint."""
    found = RecordedTrials(JOURNAL, records)
    if carefully:
        found._sound = {}
    try:
        require_head(JOURNAL, records[0])
        ignored = [found.take(r, line) for line, r in enumerate(records, start=1)]
    except JournalError as wrong:
        return str(wrong)
    return found.trials, found.places, found.attempts, found.curves, ignored


def parsed(lines):
    quick = RecordLines()
    return [quick(line.encode()) for line in lines]


def changed(record, rng):
    """The record with one value of it, or of a mapping in it, changed."""
    record = copy.deepcopy(record)
    place, wrong = record, WRONG[int(rng.integers(len(WRONG)))]
    key = list(place)[int(rng.integers(len(place)))]
    if isinstance(place[key], dict) and place[key] and rng.random() < 0.7:
        place = place[key]
        key = list(place)[int(rng.integers(len(place)))]
    elif isinstance(place[key], list) and place[key] and rng.random() < 0.7:
        place = place[key]
        place[int(rng.integers(len(place)))] = None if wrong is ... else wrong
        return record
    if wrong is ...:
        del place[key]
    else:
        place[key] = wrong
    if rng.random() < 0.1:
        record["opened"] = 3.0
    return record


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    """A small study as the benchmark makes large ones."""
    write = runpy.run_path(str(ROOT / "benchmarks" / "synthetic_study.py"))
    folder = tmp_path_factory.mktemp("synthetic") / "study"
    write["write_study"](folder, 12, space="quickstart", epochs=True)
    return read_journal(folder / "journal.jsonl")


@pytest.mark.parametrize("name", ["earlier", "evolution", "ladder"])
def test_journals_of_before_are_read_alike(name):
    lines = (BEFORE / name / "journal.jsonl").read_text().splitlines()
    care = read([json.loads(line) for line in lines], carefully=True)
    assert read(parsed(lines), carefully=False) == care
    assert len(care[0]) > 3


def test_sound_records_need_no_care(synthetic):
    records = parsed(map(record_text, synthetic))
    for record in records:
        del record["crc"]  # as the journal takes it off
    found = RecordedTrials(JOURNAL, records)
    kinds = {"started", "placed", "done", "epoch"}
    for record in records[1:]:
        assert record["event"] in kinds
    found.take(records[0], 1)
    assert all(found._sound[r["event"]](r) for r in records[1:])
    assert read(records, carefully=False) == read(synthetic, carefully=True)


@pytest.mark.parametrize("seed", range(160))
def test_a_changed_record_is_read_alike_or_complained_of_alike(synthetic, seed):
    rng = np.random.default_rng(seed)
    records = list(synthetic)
    for _ in range(int(rng.integers(1, 3))):
        at = int(rng.integers(1, len(records)))
        records[at] = changed(records[at], rng)
        if "event" not in records[at] or not isinstance(records[at]["event"], str):
            return  # the journal itself refuses it
    lines = [json.dumps(record, separators=(",", ":")) for record in records]
    care = read([json.loads(line) for line in lines], carefully=True)
    assert read(parsed(lines), carefully=False) == care


@pytest.mark.parametrize("seed", range(120))
def test_a_line_with_changed_bytes_is_read_alike(synthetic, seed):
    rng, quick = np.random.default_rng(seed), RecordLines()
    lines = [record_text(record).encode() for record in synthetic]
    quick(lines[0])
    starts = [line for line in lines if b'"architecture"' in line][1:]
    line = bytearray(starts[int(rng.integers(len(starts)))])
    at, to = rng.integers(len(line), size=2).tolist()
    if rng.random() < 0.5:
        line[at] = rng.choice(list(b'09-."{}[],:\\ax \xc3'))
    else:
        line[at:at] = line[to : to + int(rng.integers(1, 300))]
    try:
        care = json.loads(bytes(line))
    except ValueError as wrong:
        with pytest.raises(type(wrong)):
            quick(bytes(line))
        return
    found = quick(bytes(line))
    for record in (found, care):
        record.pop("crc", None)
    told = json.loads(record_text(found))
    del told["crc"]
    assert told == care

import json
import os
from pathlib import Path

import pytest

from vidnas.errors import JournalError, StudyError
from vidnas.files.journal import Journal, read_journal

RECORDS = [{"event": "study", "time": 1.0}, {"event": "started", "trial": 0}]


def written(path: Path) -> bytes:
    with Journal(path) as journal:
        for record in RECORDS:
            journal.append(record)
    return path.read_bytes()


def test_records_come_back_in_order(tmp_path):
    written(tmp_path / "journal.jsonl")
    assert read_journal(tmp_path / "journal.jsonl") == RECORDS


def test_a_journal_cut_at_any_byte_gives_whole_records_only(tmp_path):
    path = tmp_path / "journal.jsonl"
    raw = written(path)
    for length in range(len(raw) + 1):
        path.write_bytes(raw[:length])
        assert read_journal(path) == RECORDS[: raw[:length].count(b"\n")]


def test_the_next_writer_cuts_an_unfinished_line_off(tmp_path):
    path = tmp_path / "journal.jsonl"
    raw = written(path)
    path.write_bytes(raw + b'{"event": "done", "tri')
    with Journal(path) as journal:
        assert journal.records == RECORDS
        journal.append({"event": "done", "trial": 0})
    lines = path.read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["study", "started", "done"]


def test_a_second_writer_is_refused(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path), pytest.raises(StudyError, match="must have one writer"):
        Journal(path)


def test_a_damaged_line_in_the_middle_is_named(tmp_path):
    path = tmp_path / "journal.jsonl"
    raw = written(path)
    path.write_bytes(b"rubbish\n" + raw)
    with pytest.raises(JournalError, match=r"journal\.jsonl, line 1 is not JSON"):
        read_journal(path)
    with pytest.raises(JournalError, match="line 1 is not JSON"):
        Journal(path)
    assert path.read_bytes() == b"rubbish\n" + raw


@pytest.mark.parametrize("line", [b"[1, 2]", b'{"trial": 3}'])
def test_a_line_that_is_not_a_record_is_named(tmp_path, line):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(JournalError) as refused:
        read_journal(path)
    assert str(refused.value) == (
        f"{path}, line 1 is not a journal record: it must be an object with the key "
        "`event`."
    )


def test_a_folder_without_a_journal_is_no_study(tmp_path):
    with pytest.raises(StudyError, match=r"must hold journal\.jsonl"):
        read_journal(tmp_path / "journal.jsonl")


def test_numbers_that_json_cannot_hold_are_refused_before_writing(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        with pytest.raises(ValueError, match="not JSON compliant"):
            journal.append({"event": "done", "top1": float("nan")})
        assert journal.records == []
    assert path.read_bytes() == b""


def test_half_a_record_on_a_full_disk_is_taken_back(tmp_path, monkeypatch):
    path = tmp_path / "journal.jsonl"
    raw = written(path)
    with Journal(path) as journal:
        real = os.write
        monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:9]))
        with pytest.raises(OSError, match="No room for a whole record"):
            journal.append({"event": "done", "trial": 0})
    assert path.read_bytes() == raw

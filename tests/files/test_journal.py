import errno
import fcntl
import json
import os
from pathlib import Path

import pytest

from vidnas.errors import JournalError, StudyError
from vidnas.files.journal import Journal, read_journal
from vidnas.files.lease import Lease

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
        f"`event`. `vidnas repair {tmp_path}` brings back what it still holds."
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


def test_an_interrupt_between_writing_and_flushing_takes_the_record_back(
    tmp_path, monkeypatch
):
    path = tmp_path / "journal.jsonl"
    raw = written(path)

    def interrupt(file):
        raise KeyboardInterrupt

    with Journal(path) as journal:
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", interrupt)
            with pytest.raises(KeyboardInterrupt):
                journal.append({"event": "done", "trial": 0})
        assert path.read_bytes() == raw
        journal.append({"event": "left"})
    assert len(read_journal(path)) == 3


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP])
def test_without_locks_a_lease_keeps_the_second_writer_away(
    tmp_path, monkeypatch, number
):
    def refuses(file, how):
        raise OSError(number, "No locks")

    monkeypatch.setattr(fcntl, "flock", refuses)
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        assert "has no locks; a lease beside the journal" in journal.notices[0]
        with pytest.raises(StudyError, match="must have one writer, process"):
            Journal(path)
        journal.append(RECORDS[0])
    assert [file.name for file in tmp_path.iterdir()] == ["journal.jsonl"]


def test_where_locks_and_leases_do_nothing_a_second_writer_is_noticed(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(fcntl, "flock", lambda file, how: None)
    monkeypatch.setattr(Lease, "_require_free", lambda *a: None)
    monkeypatch.setattr(Lease, "is_held", lambda self: True)
    monkeypatch.setattr(Lease, "_write", lambda self: os.open(os.devnull, os.O_RDONLY))
    path = tmp_path / "journal.jsonl"
    with Journal(path) as first, Journal(path) as second:
        first.append(RECORDS[0])
        with pytest.raises(JournalError, match="written to by another process"):
            second.append(RECORDS[0])
        first.append(RECORDS[1])
    assert read_journal(path) == RECORDS


def test_a_writer_whose_lease_was_taken_over_stops(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append(RECORDS[0])
        journal._lease.path.unlink()
        journal._lease.path.write_text("another's")
        with pytest.raises(JournalError, match="was taken over by another process"):
            journal.append(RECORDS[1])


def test_a_journal_that_is_a_link_or_no_file_is_refused(tmp_path):
    other = tmp_path / "passwd"
    other.write_text("not ours\n")
    path = tmp_path / "journal.jsonl"
    path.symlink_to(other)
    with pytest.raises(StudyError, match="it is a symbolic link"):
        Journal(path)
    assert other.read_text() == "not ours\n"
    path.unlink()
    os.mkfifo(path)
    for opens in (Journal, read_journal):
        with pytest.raises(StudyError, match="must be a file, it is something else"):
            opens(path)
    path.unlink()
    path.mkdir()
    for opens in (Journal, read_journal):
        with pytest.raises(StudyError, match="must be a file, it is"):
            opens(path)


def test_a_study_behind_a_linked_folder_is_written(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "runs").symlink_to(tmp_path / "disk")
    written(tmp_path / "runs" / "journal.jsonl")
    assert read_journal(tmp_path / "disk" / "journal.jsonl") == RECORDS


def test_what_is_refused_is_left_as_it_was(tmp_path):
    path = tmp_path / "journal.jsonl"
    raw = b"rubbish\n" + written(path) + b'{"half'
    path.write_bytes(raw)
    with pytest.raises(JournalError):
        Journal(path)
    assert path.read_bytes() == raw


@pytest.mark.parametrize("raw", [b"", b'{"event":"stu', b"\x00" * 50])
def test_an_empty_journal_or_half_a_first_record_is_begun_anew(tmp_path, raw):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(raw)
    assert read_journal(path) == []
    assert written(path).count(b"\n") == 2
    assert read_journal(path) == RECORDS

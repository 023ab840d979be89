"""One writer, also where a file system's locks hold nothing."""

import dataclasses
import errno
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict

import pytest

from vidnas.errors import StudyError
from vidnas.files.attendance import has_writer, silent_seconds, writer_of
from vidnas.files.journal import Journal
from vidnas.files.lease import LEASE_SECONDS, Holder, Lease, lease_of

ELSEWHERE = Holder("node-7", "another boot", 4321, 99)


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "journal.jsonl"


def leave(journal, holder, age=0.0):
    """The lease of a process that was killed, or runs elsewhere."""
    path = journal.with_name("journal.jsonl.lease")
    path.write_text(holder if isinstance(holder, str) else json.dumps(asdict(holder)))
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def dead_process():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_second_holder_is_refused_while_the_first_lives(journal):
    lease = Lease(journal)
    with pytest.raises(StudyError, match=rf"one writer, process {os.getpid()} on this"):
        Lease(journal)
    assert lease.is_held()
    lease.release()
    assert list(journal.parent.iterdir()) == []
    Lease(journal).release()


def test_a_killed_holder_on_this_machine_delays_nobody(journal):
    here = Holder.of_this_process()
    leave(journal, dataclasses.replace(here, process=dead_process()))
    lease = Lease(journal)
    assert lease.is_held()
    assert lease.notice == ""
    lease.release()


def test_a_killed_holder_that_nobody_reaped_is_dead(journal):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # now a zombie
    here = Holder.of_this_process()
    assert not dataclasses.replace(here, process=ended.pid, started=None).lives()
    ended.wait()


def test_another_process_under_a_number_of_before_is_not_the_holder(journal):
    here = Holder.of_this_process()
    leave(journal, dataclasses.replace(here, started=here.started - 1))
    Lease(journal).release()


def test_a_holder_elsewhere_is_waited_for_and_the_way_on_is_said(journal):
    path = leave(journal, ELSEWHERE, age=30)
    with pytest.raises(StudyError) as refused:
        Lease(journal)
    said = str(refused.value)
    assert "must have one writer, process 4321 on node-7 was writing to it" in said
    # 90 - 30, and what the test itself takes
    assert any(f"try again in {wait} s or remove {path}." in said for wait in (59, 60))
    assert list(journal.parent.iterdir()) == [path]


def test_a_holder_elsewhere_that_was_silent_for_long_is_taken_over(journal):
    leave(journal, ELSEWHERE, age=LEASE_SECONDS + 1)
    lease = Lease(journal)
    assert "process 4321 on node-7 wrote to" in lease.notice
    assert "until 1 min 31 s ago and is taken to be gone" in lease.notice
    lease.release()


@pytest.mark.parametrize("text", ["", "rubbish", "[1]", '{"host": 1}', "\x00" * 40])
def test_a_damaged_lease_counts_by_its_time_alone(journal, text):
    leave(journal, text)
    with pytest.raises(StudyError, match="somebody was writing to it"):
        Lease(journal)
    leave(journal, text, age=LEASE_SECONDS + 1)
    Lease(journal).release()


def test_a_lease_that_another_took_over_is_not_held(journal):
    lease = Lease(journal)
    lease.path.unlink()
    leave(journal, ELSEWHERE)
    assert not lease.is_held()
    lease.release()
    assert lease.path.exists()  # the other's


def test_a_lease_that_was_cleaned_away_is_written_again(journal):
    lease = Lease(journal)
    lease.path.unlink()
    assert lease.is_held()
    assert Holder.from_text(lease.path.read_text()) == Holder.of_this_process()
    lease.release()
    assert not lease.path.exists()


def test_a_lease_is_renewed_while_its_process_lives(journal, monkeypatch):
    monkeypatch.setattr("vidnas.files.lease.RENEWAL_SECONDS", 0.01)
    lease = Lease(journal)
    os.utime(lease.path, (0, 0))
    until = time.monotonic() + 20
    while lease.path.stat().st_mtime == 0 and time.monotonic() < until:
        pass
    assert lease.path.stat().st_mtime > 0
    lease.release()


def test_a_full_disk_is_told_with_the_file_and_leaves_none(journal, monkeypatch):
    def full(file, raw):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("vidnas.files.lease.os.write", full)
    with pytest.raises(OSError, match=r"journal\.jsonl\.lease"):
        Lease(journal)
    assert not list(journal.parent.iterdir())


def test_a_journal_has_a_writer_while_it_is_open(journal):
    with Journal(journal):
        assert has_writer(journal)
    assert not has_writer(journal)


def test_asking_disturbs_no_writer(journal):
    with Journal(journal) as writing:
        has_writer(journal)
        writing.append({"event": "study"})
        assert has_writer(journal)
    assert not has_writer(journal)
    with Journal(journal) as writing:
        assert writing.records == [{"event": "study"}]


def test_a_killed_writer_is_no_writer_and_one_elsewhere_is_for_a_while(journal):
    here = Holder.of_this_process()
    leave(journal, dataclasses.replace(here, process=dead_process()))
    assert not has_writer(journal)
    leave(journal, ELSEWHERE, age=LEASE_SECONDS / 2)
    assert has_writer(journal)
    leave(journal, ELSEWHERE, age=2 * LEASE_SECONDS)
    assert not has_writer(journal)


@pytest.mark.parametrize("skew", [-3600, -100, 100, 3600])
def test_a_clock_that_is_wrong_by_more_than_a_lease_does_no_harm(
    journal, monkeypatch, skew
):
    now = time.time()
    leave(journal, ELSEWHERE, age=LEASE_SECONDS - 30)  # by the clock of the disk
    monkeypatch.setattr(time, "time", lambda: now + skew)  # of this machine
    assert has_writer(journal)
    assert 59 < writer_of(journal)[1] < 62
    with pytest.raises(StudyError, match=r"was writing to it (60|61) s ago"):
        Lease(journal)
    os.utime(lease_of(journal), (0, now - LEASE_SECONDS - 1))
    assert not has_writer(journal)
    journal.touch()
    os.utime(journal, (0, now - 500))
    assert 499 < silent_seconds(journal) < 502
    Lease(journal).release()
    assert list(journal.parent.iterdir()) == [journal]


def test_a_folder_that_nobody_may_write_to_is_read_by_the_clock_at_hand(
    journal, monkeypatch
):
    leave(journal, ELSEWHERE, age=LEASE_SECONDS / 2)
    monkeypatch.setattr("vidnas.files.lease.os.open", refuse)
    assert has_writer(journal)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LEASE_SECONDS)
    assert not has_writer(journal)


def refuse(*given):
    raise PermissionError(errno.EACCES, "Permission denied")

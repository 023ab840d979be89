"""A journal in an object store: whole records, one driver, nothing lost."""

import fsspec
import pytest

from vidnas.errors import JournalError, StudyError
from vidnas.files import place as places
from vidnas.files import segments as module
from vidnas.files.journal import Journal, read_journal
from vidnas.files.mirror import publish, study_path
from vidnas.files.place import Place
from vidnas.files.segments import Segments

HEAD, START = {"event": "study", "time": 1.0}, {"event": "started", "trial": 0}


@pytest.fixture
def address(tmp_path):
    return f"memory://{tmp_path.name}/run"


def opened(address):
    return Journal(study_path(address) / "journal.jsonl")


def records(address):
    return read_journal(study_path(address) / "journal.jsonl")


def test_records_in_a_store_come_back_from_anywhere(address):
    with opened(address) as journal:
        journal.append(dict(HEAD))
        journal.append(dict(START))
    assert records(address) == [HEAD, START]
    with opened(address) as journal:
        assert journal.records == [HEAD, START]
        assert journal.notices == []


def test_a_second_driver_on_this_machine_is_told_who_writes(address):
    with opened(address), pytest.raises(StudyError, match="must have one writer, proc"):
        opened(address)


def test_a_driver_that_was_taken_over_stops_with_its_next_record(address, monkeypatch):
    first = opened(address)
    first.append(dict(HEAD))
    with monkeypatch.context() as other_host:
        other_host.setattr(module.Holder, "is_here", lambda self: False)
        second = opened(address)
    assert "is taken over" in second.notices[0]
    with pytest.raises(JournalError, match="was taken over by process"):
        first.append(dict(START))
    second.append({"event": "left", "time": 2.0})
    first.close()
    second.close()
    assert records(address) == [HEAD, {"event": "left", "time": 2.0}]


def test_a_record_of_a_number_is_written_once(address):
    place = Place.of(address)
    place.create("record", b"a")
    place.create("record", b"a")  # the answer to the first upload was lost
    with pytest.raises(FileExistsError):
        place.create("record", b"b")
    assert place.read("record") == b"a"


def test_a_record_that_the_store_refuses_does_not_count(address, monkeypatch):
    monkeypatch.setattr(places, "PAUSE_SECONDS", 0.0)
    memory = type(fsspec.filesystem("memory"))
    with opened(address) as journal:
        journal.append(dict(HEAD))
        with monkeypatch.context() as away:
            away.setattr(memory, "pipe_file", refuse)
            with pytest.raises(OSError, match="SlowDown"):
                journal.append(dict(START))
        assert records(address) == journal.records == [HEAD]
        journal.append(dict(START))
    assert records(address) == [HEAD, START]


def refuse(self, *given, **named):
    raise ConnectionError("SlowDown")


def test_packs_hold_what_single_records_hold(address, monkeypatch):
    monkeypatch.setattr(module, "PACK", 3)
    wanted = []
    for session in range(4):
        with opened(address) as journal:
            for number in range(4):
                wanted.append({"event": "x", "at": [session, number]})
                journal.append(dict(wanted[-1]))
    assert records(address) == wanted
    place = Place.of(address).child("journal")
    assert [name for name in place.names() if name.startswith("pack")] == [
        f"pack-{n:010d}-{n + 3:010d}.jsonl" for n in (1, 5, 9)
    ]


def test_what_follows_a_gap_is_no_record(address):
    place = Place.of(address).child("journal")
    place.write("record-0000000001.jsonl", b"1\n")
    place.write("record-0000000003.jsonl", b"3\n")
    assert Segments(place).content() == b"1\n"


def test_files_beside_the_journal_are_published(address):
    folder = study_path(address)
    (folder / "family").mkdir()
    (folder / "family" / "a0.yaml").write_bytes(b"a0")
    (folder / "outbox").mkdir()
    (folder / "outbox" / "0.json").write_bytes(b"0")
    publish(folder)
    assert Place.of(address).child("family").read("a0.yaml") == b"a0"
    assert Place.of(address).child("outbox").names() == []


def test_a_folder_on_a_disk_is_published_nowhere(tmp_path):
    assert publish(tmp_path) is None
    assert study_path(tmp_path) == tmp_path

"""A journal in an object store: whole records, one driver, nothing lost."""

import time
from contextlib import contextmanager
from datetime import timedelta

import fsspec
import pytest

from vidnas.errors import JournalError, StudyError
from vidnas.files import place as places
from vidnas.files import segments as module
from vidnas.files.attendance import has_writer, silent_seconds, writer_of
from vidnas.files.journal import Journal, read_journal
from vidnas.files.lease import LEASE_SECONDS, Holder
from vidnas.files.mirror import (
    by_address,
    errors_by_address,
    names_beside,
    publish,
    refresh,
    study_path,
)
from vidnas.files.place import Place
from vidnas.whole_file import write_whole

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


def make_older(address, seconds, *names):
    """Has the store say that objects were written so long before."""
    store = fsspec.filesystem("memory").store
    key = "/" + "/".join((address.removeprefix("memory://"), "journal", *names))
    for path, file in store.items():
        if path.startswith(key):
            file.modified -= timedelta(seconds=seconds)


@pytest.fixture
def elsewhere(monkeypatch):
    """A context in which every process is one of another machine."""

    @contextmanager
    def there():
        with monkeypatch.context() as other_host:
            other_host.setattr(Holder, "is_here", lambda self: False)
            yield

    return there


def test_a_driver_that_was_silent_is_taken_over_and_stops_with_its_next_record(
    address, elsewhere
):
    first = opened(address)
    first.append(dict(HEAD))
    make_older(address, LEASE_SECONDS + 1, "drivers")
    with elsewhere():
        second = opened(address)
    assert "is taken over" in second.notices[0]
    with pytest.raises(JournalError, match="was taken over by process"):
        first.append(dict(START))
    second.append({"event": "left", "time": 2.0})
    first.close()
    second.close()
    assert records(address) == [HEAD, {"event": "left", "time": 2.0}]


@pytest.mark.parametrize("skew", [-3600, 0, 3600])
def test_a_driver_elsewhere_is_known_by_the_clock_of_the_store_alone(
    address, elsewhere, monkeypatch, skew
):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + skew)
    journal = study_path(address) / "journal.jsonl"
    with Journal(journal) as first, elsewhere():
        first.append(dict(HEAD))
        make_older(address, LEASE_SECONDS - 30, "drivers")
        with pytest.raises(StudyError, match=r"was there 1 min 0 s ago.*again in 30 s"):
            opened(address)
        seen = study_path(address) / "journal.jsonl"
        assert 60 <= writer_of(seen)[1] < 62
        make_older(address, 31, "drivers")
        assert not has_writer(seen)
        make_older(address, 500, "record")
        assert 500 <= silent_seconds(seen) < 502
    assert not has_writer(journal)


def test_a_driver_says_that_it_is_there_while_it_lives(address, monkeypatch):
    monkeypatch.setattr(module, "RENEWAL_SECONDS", 0.01)
    drivers = Place.of(address).child("journal").child("drivers")
    with opened(address):
        make_older(address, 1e6, "drivers")
        until = time.monotonic() + 20
        name = "driver-000001.json"
        while time.time() - drivers.modified(name) > 1e5 and time.monotonic() < until:
            time.sleep(0.001)
        assert time.time() - drivers.modified(name) < 1e5
    assert drivers.read(name) == b"{}"


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
        f"pack-{n:010d}-{n + 2:010d}.jsonl" for n in (1, 4, 7, 10, 13)
    ]
    for number in range(2, 16):  # a pack is enough
        place.remove(f"record-{number:010d}.jsonl")
    assert records(address) == wanted


def test_a_record_that_is_missing_is_said_and_nothing_is_read_past_it(address):
    with opened(address) as journal:
        for number in range(4):
            journal.append({"event": "x", "at": number})
    Place.of(address).child("journal").remove("record-0000000002.jsonl")
    for act in (records, opened):
        with pytest.raises(JournalError) as wrong:
            act(address)
        assert "must hold record-0000000002.jsonl, for record-0000000003" in str(
            wrong.value
        )
        assert f"`vidnas repair {address}`" in str(wrong.value)


def test_a_mirror_takes_in_what_the_store_took_since(address, monkeypatch):
    monkeypatch.setattr(module, "PACK", 3)
    with opened(address) as journal:
        seen = study_path(address) / "journal.jsonl"
        assert not seen.exists()
        wanted = []
        for number in range(8):
            wanted.append({"event": "x", "at": number})
            journal.append(dict(wanted[-1]))
            refresh(seen)
            assert read_journal(seen) == wanted
        refresh(seen)
        refresh(journal.path)  # its own writer has it all
        assert read_journal(seen) == read_journal(journal.path) == wanted


def test_files_beside_the_journal_are_published_and_come_back(address):
    folder = study_path(address, whole=True)
    for name in ("a0.yaml", "a1.yaml"):
        write_whole(folder / "family" / name, name)
    write_whole(folder / "outbox" / "0.json", "0")
    write_whole(folder / "experiment.yaml", "name: x")
    publish(folder)
    place = Place.of(address)
    assert place.child("family").read("a0.yaml") == b"a0.yaml"
    assert place.child("outbox").names() == []
    again = study_path(address, whole=True)
    assert (again / "experiment.yaml").read_text() == "name: x"
    (again / "family" / "a1.yaml").unlink()  # of an earlier family
    place.child("family").write("hers.txt", b"somebody else's, and new")
    publish(again)
    assert place.child("family").names() == ["a0.yaml", "hers.txt"]
    assert names_beside(again) == ["experiment.yaml", "family"]


def test_what_did_not_change_is_not_uploaded_again(address, monkeypatch):
    folder = study_path(address, whole=True)
    write_whole(folder / "experiment.yaml", "name: x")
    publish(folder)
    monkeypatch.setattr(type(fsspec.filesystem("memory")), "pipe_file", refuse)
    publish(folder)
    publish(study_path(address, whole=True))
    assert Place.of(address).read("experiment.yaml") == b"name: x"


def test_words_name_the_address_and_not_the_mirror(address):
    folder = study_path(address)
    text = by_address(f"{folder}/journal.jsonl, line 3; wrote {folder}/family/a0.yaml")
    assert text == f"{address}/journal, line 3; wrote {address}/family/a0.yaml"
    told = pytest.raises(StudyError, match=f"^{address} holds nothing$")
    with told, errors_by_address():
        raise StudyError(f"{folder} holds nothing")


def test_a_folder_on_a_disk_is_published_nowhere(tmp_path):
    assert publish(tmp_path) is None
    assert study_path(tmp_path) == tmp_path

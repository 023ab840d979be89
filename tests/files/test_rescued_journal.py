"""What was taken from under its writer is kept, and taken back by the next."""

import os

import pytest

from vidnas.errors import JournalError
from vidnas.files.journal import Journal, read_journal, record_text

FIRST = [{"event": "study", "time": 1.0}, {"event": "started", "trial": 0}]
NEXT = {"event": "done", "trial": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "journal.jsonl"


def save_as_an_editor_does(path):
    other = path.with_name("4913~")
    other.write_text(path.read_text())
    os.replace(other, path)  # noqa: PTH105


def bring_back_an_old_version(path):
    other = path.with_name("sync.tmp")
    other.write_text(path.read_text().splitlines(keepends=True)[0])
    other.replace(path)


def cut(path):
    path.write_text("")


def remove(path):
    path.unlink()


def remove_its_folder(path):
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()


def write_to_it(path):
    with path.open("a") as file:
        file.write('{"event": "left"}\n')


CHANGES = {
    save_as_an_editor_does: "was replaced by another file",
    bring_back_an_old_version: "was replaced by another file",
    cut: "was cut from",
    remove: "was removed",
    remove_its_folder: "was removed",
    write_to_it: "was written to by another process",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_writer_stops_and_the_next_goes_on_with_every_record(path, change):
    with Journal(path) as journal:
        for record in FIRST:
            journal.append(record)
        change(path)
        for _ in range(2):  # it stays stopped
            with pytest.raises(JournalError) as stopped:
                journal.append(NEXT)
        assert journal.is_lost
    said = str(stopped.value)
    assert said.startswith(f"{path} {CHANGES[change]}")
    assert said.endswith(
        f"so nothing more goes there; its 2 records are in "
        f"{path.with_name('journal.rescued.jsonl')}."
    )
    with Journal(path) as journal:
        assert journal.records[:2] == FIRST
        assert len(journal.records) == 2 + (change is write_to_it)
        journal.append(NEXT)
    assert read_journal(path)[-1] == NEXT
    assert [file.name for file in path.parent.iterdir()] == ["journal.jsonl"]


def test_what_was_edited_is_left_as_it_is_and_both_are_named(path):
    with Journal(path) as journal:
        for record in FIRST:
            journal.append(record)
        other = path.with_name("sed1234")
        edited = [{**record, "time": 2.0} for record in FIRST]
        other.write_text("".join(map(record_text, edited)))
        other.replace(path)
        with pytest.raises(JournalError):
            journal.append(NEXT)
    for _ in range(2):
        with Journal(path) as journal:
            assert journal.records[0]["time"] == 2.0
            (notice,) = journal.notices
        assert "journal.rescued.jsonl holds another course of this study" in notice


def test_a_rescued_file_is_never_overwritten_by_another_course(path):
    other = path.with_name("journal.rescued.jsonl")
    path.parent.mkdir()
    other.write_text('{"event": "study", "time": 7.0}\n')
    path.write_text('{"event": "study", "time": 8.0}\n')
    with Journal(path) as journal:
        path.unlink()
        with pytest.raises(JournalError, match=r"is in .*journal\.rescued-2\.jsonl"):
            journal.append(NEXT)
    assert "7.0" in other.read_text()


def test_a_journal_that_was_cut_before_anything_was_in_it_says_so(path):
    with Journal(path) as journal:
        path.unlink()
        with pytest.raises(JournalError, match="it held no record yet"):
            journal.append(NEXT)
    assert list(path.parent.iterdir()) == []


def test_a_stale_handle_of_a_network_file_system_stops_the_writer(path, monkeypatch):
    import errno

    with Journal(path) as journal:
        journal.append(FIRST[0])
        real = os.fstat

        def stale(file):
            if file == journal._file:
                raise OSError(errno.ESTALE, "Stale file handle")
            return real(file)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fstat", stale)
            with pytest.raises(JournalError, match="stale file handle"):
                journal.append(NEXT)
    with Journal(path) as journal:
        assert journal.records == FIRST[:1]

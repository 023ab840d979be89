import logging
import os
import threading

from vidnas.files import slow_storage
from vidnas.files.journal import Journal, read_journal


def test_a_storage_that_is_silent_is_named_and_waited_for(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(slow_storage, "SLOW_SECONDS", 0.02)
    heard = threading.Event()

    class Hearing(logging.Handler):
        def emit(self, record):
            heard.set()

    handler = Hearing()
    logging.getLogger("vidnas").addHandler(handler)
    flush = os.fsync

    def silent(file):
        assert heard.wait(10.0)  # it is said while the storage is silent
        flush(file)

    try:
        with Journal(tmp_path / "journal.jsonl") as journal:
            monkeypatch.setattr(os, "fsync", silent)
            journal.append({"event": "study", "time": 1.0})
            monkeypatch.setattr(os, "fsync", flush)
    finally:
        logging.getLogger("vidnas").removeHandler(handler)
    path = tmp_path / "journal.jsonl"
    assert [record.getMessage() for record in caplog.records] == [
        f"waiting for {path} to take a record since 0 s",
        f"waited 0 s for {path} to take a record",
    ]
    assert read_journal(path) == [{"event": "study", "time": 1.0}]


def test_nothing_is_said_of_a_storage_that_answers(tmp_path, caplog):
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.append({"event": "study", "time": 1.0})
    assert not caplog.records

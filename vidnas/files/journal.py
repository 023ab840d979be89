"""What happened in a study? An append-only file that only its driver writes.

`journal.jsonl` holds one JSON object a line. The first is the study's head; after it
come `started`, `done` and `failed` records of trials. A record is written by one
system call and flushed to the disk before anything relies on it, so a killed driver
leaves at most one unfinished last line. That line never counts; the next driver cuts
it off (D130).
"""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from vidnas.errors import JournalError, StudyError

try:
    import fcntl
except ModuleNotFoundError:  # Windows: `vidnas.cli.main` says so in one line
    fcntl = None  # type: ignore[assignment]

JOURNAL_SCHEMA = "vidnas.journal/v1"
Record = dict[str, Any]


def read_journal(path: Path) -> list[Record]:
    """All whole records, in order; an unfinished last line is left out.

    Raises:
        JournalError: a line before the last is not a record.
        StudyError: the file is missing.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as wrong:
        raise StudyError(
            f"A study folder must hold {path.name}, {path.parent} has none."
        ) from wrong
    return list(_records(raw[: _whole_length(raw)], path))


def _whole_length(raw: bytes) -> int:
    """Bytes up to the end of the last whole line."""
    return raw.rfind(b"\n") + 1


def _records(raw: bytes, path: Path) -> Iterator[Record]:
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            record = json.loads(line)
        except ValueError as wrong:
            raise JournalError(f"{path}, line {number} is not JSON: {wrong}.") from (
                wrong
            )
        if not isinstance(record, dict) or "event" not in record:
            raise JournalError(
                f"{path}, line {number} is not a journal record: it must be an object "
                "with the key `event`."
            )
        yield record


class Journal:
    """The writing end of a journal; holds a lock that dies with its process.

    Args:
        path: Journal file; made with its folder where absent.

    Raises:
        StudyError: another driver is writing this journal.
        JournalError: a line before the last is not a record.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            raw = path.read_bytes()
            self.records = list(_records(raw[: _whole_length(raw)], path))
            os.ftruncate(self._file, _whole_length(raw))
        except BlockingIOError as wrong:
            os.close(self._file)
            raise StudyError(
                f"{path} must have one writer, another process is writing to it."
            ) from wrong
        except JournalError:
            os.close(self._file)
            raise

    def append(self, record: Record) -> None:
        """Adds a record; on return it is on the disk.

        Raises:
            OSError: the disk took only a part of the record; that part is taken back.
        """
        line = json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n"
        before = os.fstat(self._file).st_size
        if os.write(self._file, line.encode()) < len(line.encode()):
            os.ftruncate(self._file, before)
            raise OSError(errno.ENOSPC, "No room for a whole record", str(self.path))
        os.fsync(self._file)
        self.records.append(record)

    def close(self) -> None:
        """Releases the lock."""
        os.close(self._file)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

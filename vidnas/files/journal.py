"""What happened in a study? An append-only file that only its driver writes.

`journal.jsonl` holds one JSON object a line, with a checksum of it. The first is the
study's head; after it come `started`, `done` and `failed` records of trials. A record
is written by one system call and flushed to the disk before anything relies on it, so a
killed driver leaves at most one unfinished last line. That line never counts; the next
driver cuts it off (D130).

Before each record the file must be what this process left: the same file, of the same
size, under a lease of its own. Where it is not, nothing more is written to it.
"""

import errno
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from vidnas.errors import JournalError, StudyError
from vidnas.files.journal_line import (
    LongLineError,
    has_wrong_seal,
    seal,
    whole_lines,
)
from vidnas.files.lease import Lease
from vidnas.files.mirror import segments_of
from vidnas.files.rescued_journal import adopt_rescued, rescue
from vidnas.files.segments import Segments, TakenOverError
from vidnas.files.slow_storage import said_where_slow

try:
    import fcntl
except ModuleNotFoundError:  # Windows: `vidnas.cli.main` says so in one line
    fcntl = None  # type: ignore[assignment]

JOURNAL_SCHEMA = "vidnas.journal/v1"
Record = dict[str, Any]
Parse = Callable[[bytes], Any]  # raises a ValueError where a line is not JSON
# Of file systems that have no locks: there the lease alone holds.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


def read_journal(path: Path, parse: Parse = json.loads) -> list[Record]:
    """All whole records, in order; an unfinished last line is left out.

    Args:
        path: Journal file.
        parse: Function that reads a line.

    Raises:
        JournalError: a line before the last is not a record.
        StudyError: the file is missing, or is no file.
    """
    try:
        _require_file(path, path.stat().st_mode)
        with path.open("rb") as file:
            return list(_records(file, path, parse))
    except (FileNotFoundError, NotADirectoryError) as wrong:
        raise StudyError(
            f"A study folder must hold {path.name}, {path.parent} has none."
        ) from wrong


def record_text(record: Record) -> str:
    """The line of a record; what is no plain data in it says itself as such.

    Raises:
        ValueError: it holds a number that JSON cannot, such as NaN.
    """
    plain = json.dumps(
        record, separators=(",", ":"), allow_nan=False, default=_document
    )
    return f"{seal(plain)}\n"


def _document(value: Any) -> Any:
    return value.to_document()


def _records(file: BinaryIO, path: Path, parse: Parse) -> Iterator[Record]:
    try:
        for number, line in whole_lines(file):
            yield _record(line, f"{path}, line {number}", repair_hint(path), parse)
    except LongLineError as wrong:
        raise JournalError(f"{path}, {wrong}.{repair_hint(path)}") from wrong


def _record(line: bytes, where: str, hint: str, parse: Parse) -> Record:
    """The record of a line, without its checksum."""
    try:
        record = parse(line)
    except (ValueError, RecursionError) as wrong:
        raise JournalError(f"{where} is not JSON: {wrong}.{hint}") from wrong
    if not isinstance(record, dict) or not isinstance(record.get("event"), str):
        raise JournalError(
            f"{where} is not a journal record: it must be an object with the key "
            f"`event`.{hint}"
        )
    if has_wrong_seal(line):
        raise JournalError(
            f"{where} must be as it was written, its checksum is that of another "
            f"line.{hint}"
        )
    record.pop("crc", None)
    return record


def repair_hint(path: Path) -> str:
    """What to do about a damaged journal of a study; nothing for other journals."""
    if path.name != "journal.jsonl":
        return ""
    return f" `vidnas repair {path.parent}` brings back what it still holds."


class Journal:
    """The writing end of a journal; holds a lock and a lease that die with its process.

    Args:
        path: Journal file; made with its folder where absent.
        parse: Function that reads a line.

    Raises:
        StudyError: another driver is writing this journal, or it is no file of its own.
        JournalError: a line before the last is not a record.
    """

    def __init__(self, path: Path, parse: Parse = json.loads) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._parse = parse
        self.notices: list[str] = []  # what the user should hear of the opening
        self._lost: JournalError | None = None
        self._file = _open(path)
        self._lease: Lease | None = None
        self._segments: Segments | None = None
        try:
            self.notices += _lock(self._file, path)
            self._lease = Lease(path)
            if self._lease.notice:
                self.notices.append(self._lease.notice)
            self._segments = segments_of(path)
            if self._segments is not None:
                self.notices += self._segments.claim()
                path.write_bytes(self._segments.content())
            self._read()
        except BaseException:
            self.close()
            raise

    def _read(self) -> None:
        self.notices += adopt_rescued(self.path, self._file)
        with self.path.open("rb") as file:
            self.records = list(_records(file, self.path, self._parse))
            self._size = file.tell()
            self._whole = _whole_length(file)  # the first append cuts the rest off

    def append(self, record: Record) -> None:
        """Adds a record; on return it is on the disk.

        Raises:
            JournalError: the file is no longer the one that this process wrote.
            OSError: the disk did not take the record; a part of it is taken back.
        """
        raw = record_text(record).encode()
        with said_where_slow(f"{self.path} to take a record"):
            self._append(raw)
        self.records.append(record)

    def _append(self, raw: bytes) -> None:
        self.require_own()
        try:
            if self._size > self._whole:
                os.ftruncate(self._file, self._whole)
                self._size = self._whole
            if os.write(self._file, raw) < len(raw):
                raise OSError(
                    errno.ENOSPC, "No room for a whole record", str(self.path)
                )
            os.fsync(self._file)
            if self._segments is not None:
                self._segments.append(raw)
            self._size = self._whole = self._size + len(raw)
        except BaseException as wrong:
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            if isinstance(wrong, TakenOverError):
                self._lost = JournalError(f"{wrong} Nothing that it took is lost.")
                raise self._lost from wrong
            if isinstance(wrong, OSError) and not wrong.filename:  # a full disk's
                raise OSError(wrong.errno, wrong.strerror, str(self.path)) from wrong
            raise

    def require_own(self) -> None:
        """Raises where somebody else touched the file; what it held is kept beside it.

        Raises:
            JournalError: it was replaced, removed, cut or written to.
        """
        if self._lost is None:
            change = self._change()
            if not change:
                return
            self._lost = JournalError(
                f"{self.path} {change} while this command wrote to it, so nothing more "
                f"goes there; {self._rescue()}."
            )
        raise self._lost

    def _change(self) -> str:
        """What happened to the file since the last record; nothing where it is ours."""
        try:
            ours = os.fstat(self._file)
            there = self.path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return "was removed"
        except OSError as wrong:
            if wrong.errno != errno.ESTALE:
                raise
            return "is lost to this process (stale file handle)"
        if (ours.st_dev, ours.st_ino) != (there.st_dev, there.st_ino):
            return "was replaced by another file"
        if ours.st_size < self._size:
            return f"was cut from {self._size} to {ours.st_size} bytes"
        if ours.st_size > self._size:
            return "was written to by another process"
        if self._lease is not None and not self._lease.is_held():
            return "was taken over by another process"
        return ""

    def _rescue(self) -> str:
        """Where the records are now."""
        count = len(self.records)
        if not count:
            return "it held no record yet"
        try:
            raw = os.pread(self._file, self._whole, 0)
        except OSError:
            raw = b""
        if len(raw) < self._whole:
            raw = "".join(map(record_text, self.records)).encode()
        try:
            kept = rescue(self.path, raw)
        except OSError as wrong:
            return f"its records could not be kept: {wrong.strerror}"
        return f"its {count} record{'s are' if count != 1 else ' is'} in {kept}"

    @property
    def is_lost(self) -> bool:
        """Whether somebody else touched the file, so that it takes no more records."""
        return self._lost is not None

    def discard(self) -> None:
        """Removes the file, which nothing was written to."""
        with suppress(OSError):
            there, ours = self.path.lstat(), os.fstat(self._file)
            if (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
                self.path.unlink()

    def close(self) -> None:
        """Releases lock and lease."""
        if self._segments is not None:
            self._segments.release()
        if self._lease is not None:
            self._lease.release()
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


@contextmanager
def locked_journal(path: Path) -> Iterator[list[str]]:
    """Keeps every writer of a journal away; its records need not be sound.

    What was rescued of it is taken back. Gives what the user should hear.

    Raises:
        StudyError: a process is writing to it, or it is no file of its own.
    """
    file = _open(path)
    try:
        notices = _lock(file, path)
        lease = Lease(path)
        try:
            yield notices + adopt_rescued(path, file)
        finally:
            lease.release()
    finally:
        os.close(file)


def _lock(file: int, path: Path) -> list[str]:
    """Locks a journal; what to tell the user."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as wrong:
        raise StudyError(
            f"{path} must have one writer, another process is writing to it."
        ) from wrong
    except OSError as wrong:
        if wrong.errno not in _NO_LOCKS:
            raise
        return [
            f"the file system of {path.parent} has no locks; a lease beside the "
            "journal keeps a second writer away"
        ]
    return []


def _whole_length(file: BinaryIO) -> int:
    """Bytes up to the end of the last whole line of a file that was read."""
    at = file.tell()
    while at:
        begin = max(0, at - 2**16)
        file.seek(begin)
        found = file.read(at - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        at = begin
    return 0


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        file = os.open(path, flags, 0o644)
    except IsADirectoryError as wrong:
        raise StudyError(f"{path} must be a file, it is a folder.") from wrong
    except OSError as wrong:
        if wrong.errno != errno.ELOOP:
            raise
        raise StudyError(
            f"{path} must be a file of its own, it is a symbolic link. Link its folder "
            "instead."
        ) from wrong
    try:
        _require_file(path, os.fstat(file).st_mode)
    except StudyError:
        os.close(file)
        raise
    return file


def _require_file(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise StudyError(f"{path} must be a file, it is something else.")

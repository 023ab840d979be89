"""What was appended to a journal since it was last looked at?

Nothing is locked, and nothing written but the mirror of a journal in a store. A
journal that was replaced, or cut by a repair, is read from its beginning.
"""

import os
from pathlib import Path

from vidnas.errors import JournalError
from vidnas.files.journal import Record, record_of, repair_hint
from vidnas.files.mirror import refresh
from vidnas.study.experiment.record_lines import RecordLines

MOST_BYTES = 64 << 20  # of a journal that are read at once


class JournalTail:
    """Reads a journal piece by piece.

    Args:
        path: Journal file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0  # that were read
        self._file: tuple[int, int] | None = None
        self._offset = 0
        self._parse = RecordLines()

    def is_another(self) -> bool:
        """Whether the file is no longer the one that was read, or is shorter.

        Raises:
            OSError: it is not there, or nobody may read it.
        """
        refresh(self.path)
        found = self.path.stat()
        same = self._file in (None, (found.st_dev, found.st_ino))
        return not same or found.st_size < self._offset

    def read(self) -> list[Record]:
        """The whole records since the last reading, at most `MOST_BYTES` of them.

        Raises:
            OSError: the file is not there, or cannot be read.
            JournalError: a line is no record.
        """
        with self.path.open("rb") as file:
            found = os.fstat(file.fileno())
            self._file = (found.st_dev, found.st_ino)
            file.seek(self._offset)
            raw = file.read(MOST_BYTES)
        whole = raw.rfind(b"\n") + 1
        if not whole and len(raw) == MOST_BYTES:
            raise JournalError(
                f"{self.path}, line {self.lines + 1} must have less than "
                f"{MOST_BYTES >> 20} MiB.{repair_hint(self.path)}"
            )
        self._offset += whole
        return [self._record(line) for line in raw[:whole].splitlines()]

    def _record(self, line: bytes) -> Record:
        self.lines += 1
        where = f"{self.path}, line {self.lines}"
        return record_of(line, where, repair_hint(self.path), self._parse)

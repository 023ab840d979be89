"""How is a journal kept where nothing can be appended to? A numbered object a record.

Each record is an object of its own that is made only where none of its number is. So
of two drivers that both believe to write, one is refused with its next record. Each
driver has a number too, `driver-000002.json` says who it is; one that finds a higher
number was taken over. Records are never removed: `pack-*` holds many of them once more,
so that a journal is opened with few requests.
"""

import json
import re
from dataclasses import asdict

from vidnas.errors import StudyError
from vidnas.files.lease import Holder
from vidnas.files.place import Place

PACK = 256  # records that are opened one by one
_RECORD = re.compile(r"record-([0-9]{10})\.jsonl")
_PACK = re.compile(r"pack-([0-9]{10})-([0-9]{10})\.jsonl")
_DRIVER = re.compile(r"driver-([0-9]{6})\.json")


class TakenOverError(Exception):
    """Another driver writes to this journal now."""


class Segments:
    """A journal in an object store.

    Args:
        place: Folder of its objects.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._drivers = place.child("drivers")
        self._driver = 0  # number of this driver; 0 while it only reads
        self._count = 0

    def __str__(self) -> str:
        return str(self._place)

    def content(self) -> bytes:
        """All records, line by line; what follows a gap never counted.

        Raises:
            OSError: the store cannot be read.
        """
        names = self._place.names()
        packs = {int(m[1]): int(m[2]) for m in map(_PACK.fullmatch, names) if m}
        records = {int(m[1]) for m in map(_RECORD.fullmatch, names) if m}
        parts, count, singles = list[bytes](), 0, list[bytes]()
        while count + 1 in packs or count + 1 in records:
            last = packs.get(count + 1, 0)
            if last > count:
                name = f"pack-{count + 1:010d}-{last:010d}.jsonl"
                parts.append(self._place.read(name))
                count = last
                continue
            singles.append(self._place.read(f"record-{count + 1:010d}.jsonl"))
            parts.append(singles[-1])
            count += 1
        self._count = count
        if self._driver and len(singles) >= PACK:
            first = count - len(singles) + 1
            self._place.write(
                f"pack-{first:010d}-{count:010d}.jsonl", b"".join(singles)
            )
        return b"".join(parts)

    def claim(self) -> list[str]:
        """Makes this process the driver; what the user should hear.

        Raises:
            StudyError: a living process of this machine writes, or another one has
                made itself the driver at this moment.
            OSError: the store does not answer.
        """
        last, holder = self._last_driver()
        notices = []
        if holder is not None:
            who = f"process {holder.process} on {holder.host}"
            if holder.is_here() and holder.lives():
                raise StudyError(
                    f"{self} must have one writer, {who} is writing to it."
                )
            notices.append(
                f"{who} wrote to {self} and did not say that it ended; it is taken "
                "over, and stops before its next record if it is still there"
            )
        text = json.dumps(asdict(Holder.of_this_process()))
        try:
            self._drivers.create(f"driver-{last + 1:06d}.json", text.encode())
        except FileExistsError as wrong:
            raise StudyError(
                f"{self} must have one writer, another one began at this moment."
            ) from wrong
        self._driver = last + 1
        return notices

    def append(self, raw: bytes) -> None:
        """Adds a record; on return the store holds it.

        Raises:
            TakenOverError: another driver writes.
            OSError: the store does not take it.
        """
        last, holder = self._last_driver()
        name = f"record-{self._count + 1:010d}.jsonl"
        if last == self._driver:
            try:
                self._place.create(name, raw)
                self._count += 1
                return
            except FileExistsError:
                last, holder = self._last_driver()
        who = f"process {holder.process} on {holder.host}" if holder else "another one"
        raise TakenOverError(f"{self} was taken over by {who}, so this driver stops.")

    def release(self) -> None:
        """Says that this driver has ended, where the store takes it."""
        if not self._driver:
            return
        try:
            if self._last_driver()[0] == self._driver:
                self._drivers.write(f"driver-{self._driver:06d}.json", b"{}")
        except OSError:
            pass  # the next driver takes over
        self._driver = 0

    def _last_driver(self) -> tuple[int, Holder | None]:
        """Number of the last driver, and who it is unless it has ended."""
        found = map(_DRIVER.fullmatch, self._drivers.names())
        last = max((int(m[1]) for m in found if m), default=0)
        if not last:
            return 0, None
        text = self._drivers.read(f"driver-{last:06d}.json")
        return last, Holder.from_text(text.decode(errors="replace"))

"""How is a journal kept where nothing can be appended to? A numbered object a record.

Each record is an object of its own that is made only where none of its number is. So
of two drivers that both believe to write, one is refused with its next record. Each
driver has a number too, `driver-000002.json` says who it is; one that finds a higher
number was taken over. While it lives it writes that object anew, so that its age by
the store's own clock tells whether it is still there. Records are never removed:
`pack-*` holds many of them once more, so that a journal is opened with few requests.
`mended-*` stands for all records up to a number, where those were damaged.
"""

import json
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict

from vidnas.documents.quantity import format_duration
from vidnas.errors import JournalError, StudyError
from vidnas.files.lease import LEASE_SECONDS, RENEWAL_SECONDS, Holder
from vidnas.files.place import Place

PACK = 256  # records that are opened one by one
RECORD = re.compile(r"record-([0-9]{10})\.jsonl")
PACKED = re.compile(r"pack-([0-9]{10})-([0-9]{10})\.jsonl")
_DRIVER = re.compile(r"driver-([0-9]{6})\.json")
MENDED = re.compile(r"mended-([0-9]{10})-([0-9]{4})\.jsonl")
_CLOCK = "clock"  # object whose time, once it is written, is the store's time


class TakenOverError(Exception):
    """Another driver writes to this journal now."""


class Segments:
    """A journal in an object store.

    Args:
        place: Folder of its objects.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._drivers = place.child("drivers")
        self._driver = 0  # number of this driver; 0 while it only reads
        self._count = 0  # records up to here are known
        self._singles: list[bytes] = []  # the last of those, which no pack holds
        self._mended = ""  # object that stands for the first of them
        self._released = threading.Event()
        self._renewing = threading.Lock()

    def __str__(self) -> str:
        return str(self.place)

    def content(self) -> bytes:
        """All records, line by line.

        Raises:
            JournalError: an object is missing between others.
            OSError: the store cannot be read.
        """
        self._count, self._singles, self._mended = 0, [], ""
        return self.later() or b""

    def later(self) -> bytes | None:
        """The records since those that are known; None where they must be read anew.

        That is when the journal was repaired.

        Raises:
            JournalError: an object is missing between others.
            OSError: the store cannot be read.
        """
        names = self.place.names()
        chain, gap = self._chain(names)
        if gap:  # a store may list its objects in an order of its own
            names = self.place.names()
            chain, gap = self._chain(names)
        mended = max(filter(MENDED.fullmatch, names), default="")
        if self._count and mended != self._mended:
            return None
        if gap:
            raise JournalError(gap)
        parts = list(map(_ended, self.place.read_all(chain)))
        self._mended = mended
        for name, part in zip(chain, parts, strict=True):
            self._count = _last_of(name)
            self._singles = self._singles if RECORD.fullmatch(name) else []
            if RECORD.fullmatch(name):
                self._singles.append(part)
        return b"".join(parts)

    def _chain(self, names: Sequence[str]) -> tuple[list[str], str]:
        """Objects that go on from what is known, and what is wrong where one lacks."""
        matches = [m for m in map(PACKED.fullmatch, names) if m]
        packs = {int(m[1]): (int(m[2]), m[0]) for m in matches}  # the longest is last
        for name in filter(MENDED.fullmatch, names):
            packs[1] = (_last_of(name), name)
        records = {int(m[1]) for m in map(RECORD.fullmatch, names) if m}
        chain, count = list[str](), self._count
        while True:
            last, name = packs.get(count + 1, (0, ""))
            if last <= count and count + 1 not in records:
                break
            chain.append(name if last > count else record_name(count + 1))
            count = max(last, count + 1)
        beyond = min((number for number in records if number > count), default=0)
        if not beyond:
            return chain, ""
        study = str(self).rpartition("/")[0]
        return chain, (
            f"{self} must hold {record_name(count + 1)}, for {record_name(beyond)} is "
            f"there. `vidnas repair {study}` brings back what the journal still holds."
        )

    def claim(self) -> list[str]:
        """Makes this process the driver; what the user should hear.

        Raises:
            StudyError: a living process writes, or another one has made itself the
                driver at this moment.
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
            if not holder.is_here():
                self._require_expired(who, self._age_of(last))
            notices.append(
                f"{who} wrote to {self} and did not say that it ended; it is taken "
                "over, and stops before its next record if it is still there"
            )
        text = json.dumps(asdict(Holder.of_this_process())).encode()
        try:
            self._drivers.create(_driver_name(last + 1), text)
        except FileExistsError as wrong:
            raise StudyError(
                f"{self} must have one writer, another one began at this moment."
            ) from wrong
        self._driver = last + 1
        threading.Thread(
            target=self._renew, args=(text,), daemon=True, name="vidnas-store-lease"
        ).start()
        return notices

    def append(self, raw: bytes) -> None:
        """Adds a record; on return the store holds it.

        Raises:
            TakenOverError: another driver writes.
            OSError: the store does not take it.
        """
        if self._last_number() == self._driver:
            try:
                self.place.create(record_name(self._count + 1), raw)
            except FileExistsError:
                pass
            else:
                self._count += 1
                self._singles.append(raw)
                self._pack()
                return
        holder = self._last_driver()[1]
        who = f"process {holder.process} on {holder.host}" if holder else "another one"
        raise TakenOverError(f"{self} was taken over by {who}, so this driver stops.")

    def mend(self, content: bytes, last: int) -> None:
        """Has a text tell what all objects so far told, at once; they are kept.

        Args:
            content: The text, whole lines.
            last: Number of the last object.

        Raises:
            OSError: the store does not take it.
        """
        before = (MENDED.fullmatch(name) for name in self.place.names())
        times = max((int(m[2]) for m in before if m and int(m[1]) == last), default=0)
        self.place.create(f"mended-{last:010d}-{times + 1:04d}.jsonl", content)

    def release(self) -> None:
        """Says that this driver has ended, where the store takes it."""
        if not self._driver:
            return
        self._released.set()
        with suppress(OSError), self._renewing:  # else the next driver takes over
            if self._last_number() == self._driver:
                self._drivers.write(_driver_name(self._driver), b"{}")
        self._driver = 0

    def holder(self) -> tuple[Holder | None, float] | None:
        """Who writes, and the time since it last said so [s]; None for nobody.

        Raises:
            OSError: the store cannot be read.
        """
        last, holder = self._last_driver()
        if holder is None:
            return None
        if holder.is_here() and not holder.lives():
            return None
        return holder, self._age_of(last)

    def silent_seconds(self) -> float:
        """Time since the last record that is known, by the store's clock [s].

        Raises:
            OSError: the store cannot be read, or has no clock.
        """
        return self._age(self.place, record_name(self._count))

    def _renew(self, text: bytes) -> None:
        while not self._released.wait(RENEWAL_SECONDS):
            with suppress(OSError), self._renewing:
                if not self._released.is_set():
                    self._drivers.write(_driver_name(self._driver), text)

    def _require_expired(self, who: str, age: float) -> None:
        if age < LEASE_SECONDS:
            raise StudyError(
                f"{self} must have one writer, {who} was there "
                f"{format_duration(age)} ago. If that one is gone, try again in "
                f"{LEASE_SECONDS - age:.0f} s."
            )

    def _age_of(self, driver: int) -> float:
        """Time since a driver said that it is there [s]; endless where none tells."""
        try:
            return self._age(self._drivers, _driver_name(driver))
        except OSError:
            return float("inf")

    def _age(self, place: Place, name: str) -> float:
        """Time since an object was written [s], by the store's own clock alone."""
        then = place.modified(name)
        self._drivers.write(_CLOCK, b"")
        return max(0.0, self._drivers.modified(_CLOCK) - then)

    def _pack(self) -> None:
        """Has one object hold what many hold, once they are many."""
        if len(self._singles) < PACK:
            return
        name = _pack_name(self._count - len(self._singles) + 1, self._count)
        with suppress(OSError):  # with the next record then
            self.place.write(name, b"".join(self._singles))
            self._singles = []

    def _last_number(self) -> int:
        found = map(_DRIVER.fullmatch, self._drivers.names())
        return max((int(m[1]) for m in found if m), default=0)

    def _last_driver(self) -> tuple[int, Holder | None]:
        """Number of the last driver, and who it is unless it has ended."""
        last = self._last_number()
        if not last:
            return 0, None
        text = self._drivers.read(_driver_name(last))
        return last, Holder.from_text(text.decode(errors="replace"))


def record_name(number: int) -> str:
    """Name of the object of a record, counted from 1."""
    return f"record-{number:010d}.jsonl"


def _pack_name(first: int, last: int) -> str:
    return f"pack-{first:010d}-{last:010d}.jsonl"


def _driver_name(number: int) -> str:
    return f"driver-{number:06d}.json"


def _last_of(name: str) -> int:
    """Number of the last record that an object tells, by its name."""
    packed = PACKED.fullmatch(name)
    return int(packed[2]) if packed else int(name.partition("-")[2][:10])


def _ended(raw: bytes) -> bytes:
    """The object with an end of its line, so that damage does not spread."""
    return raw if not raw or raw.endswith(b"\n") else raw + b"\n"

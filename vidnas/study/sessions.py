"""When was a study worked on? Its records tell sessions from the breaks between them.

The first record that a driver appends to a journal which it found says when it
`opened` it. Journals of before lack that; in them a `resumed` record, whatever follows
`left`, and a repeated `ended` begin a session too.
"""

import hashlib
import json
from collections.abc import Sequence

from vidnas.files.journal import Record

ENDED = ("done", "stopped", "failed")
OPENED = "opened"  # in the first record of a later session: seconds since the epoch


class Sessions:
    """The time that was worked on a study, as its records tell one after another.

    A clock that was set back costs the time of the record before it, and no more.
    """

    def __init__(self) -> None:
        self.last = 0.0  # time of the last record [s since the epoch]
        self._worked = 0.0
        self._began: float | None = None
        self._event = ""
        self._running: set[int] = set()

    def take(self, record: Record) -> bool:
        """Takes a record in; whether a later session begins with it."""
        event, time = record["event"], float(record["time"])
        later = self._began is not None and self._begins(record)
        if self._began is None:
            self._began = self.last = time
        elif later:
            self._worked += max(0.0, self.last - self._began)
            self._began = float(record.get(OPENED) or time)
        elif time < self.last:
            self._worked += max(0.0, self.last - self._began)
            self._began = time
        self._event, self.last = event, time
        if event == "started":
            self._running.add(record["trial"])
        elif event in ENDED:
            self._running.discard(record["trial"])
        return later

    def seconds(self, now: float | None = None) -> float:
        """Time worked [s], up to the last record or to a later moment.

        Args:
            now: Seconds since the epoch, of a driver that works still; None for the
                time of the last record.
        """
        if self._began is None:
            return 0.0
        until = self.last if now is None else max(now, self.last)
        return self._worked + max(0.0, until - self._began)

    def _begins(self, record: Record) -> bool:
        return (
            OPENED in record
            or record["event"] == "resumed"
            or self._event == "left"
            or (record["event"] == self._event == "ended" and not self._running)
        )


def is_exhausted(records: Sequence[Record]) -> bool:
    """Whether the strategy found no new candidate when it was last asked for one."""
    seen: set[str] = set()
    exhausted = False
    for record in records:
        if record["event"] == "ended":
            exhausted = True
        elif record["event"] == "started" and record["arch_id"] not in seen:
            seen.add(record["arch_id"])  # else it was promoted to the next rung
            exhausted = False
    return exhausted


def study_id(head: Record) -> str:
    """16 digits that tell a study from others, copies of its folder excepted."""
    text = json.dumps(head, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

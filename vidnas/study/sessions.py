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


def worked_seconds(records: Sequence[Record]) -> float:
    """Time from the start of each session to its last record, in all [s]."""
    worked = 0.0
    began = last = float(records[0]["time"])
    running: set[int] = set()
    event = ""
    for record in records:
        begins = (
            OPENED in record
            or record["event"] == "resumed"
            or event == "left"
            or (record["event"] == event == "ended" and not running)
        )
        if begins:
            worked += max(0.0, last - began)
            began = float(record.get(OPENED) or record["time"])
        event, last = record["event"], float(record["time"])
        if event == "started":
            running.add(record["trial"])
        elif event in ENDED:
            running.discard(record["trial"])
    return worked + max(0.0, last - began)


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

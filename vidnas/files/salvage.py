"""What does a damaged journal still hold? Its records, wherever they lie in it."""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from vidnas.files.journal import Record
from vidnas.files.journal_line import has_wrong_seal

_RECORD = re.compile(r'\{\s*"event"\s*:')
_BLANK = "\x00\ufeff \t\r\n"


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record in a damaged journal.

    Args:
        line: Line that it is on, from 1.
        record: The record.
    """

    line: int
    record: Record


@dataclass(frozen=True, slots=True)
class DamagedLine:
    """What of a line is no record.

    Args:
        line: Number of the line, from 1.
        reason: What is wrong with it.
    """

    line: int
    reason: str


def salvage(raw: bytes) -> tuple[list[FoundRecord], list[DamagedLine]]:
    """The records in the bytes of a journal, and the lines that hold more than those.

    Two records on a line, records behind zero bytes, text as Windows writes it and a
    whole last line without its end are found.
    """
    found: list[FoundRecord] = []
    damaged: list[DamagedLine] = []
    for number, line in enumerate(_text(raw).split("\n"), start=1):
        before, rest, behind = len(found), "", 0
        for record, begin, end in _records(line):
            found.append(FoundRecord(number, record))
            rest, behind = rest + line[behind:begin], end
        rest = (rest + line[behind:]).strip(_BLANK)
        if rest or "\x00" in line:
            kept = len(found) - before
            what = "holds what is no record" if rest else "holds zero bytes"
            if has_wrong_seal(rest.encode()):
                what = "has the checksum of another line"
            besides = f" besides {kept} that {_are(kept)} kept" if kept else ""
            damaged.append(DamagedLine(number, f"{what}{besides}"))
    return found, damaged


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _text(raw: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if raw.startswith(mark):
            return raw.decode(name, errors="replace")
    text = raw.decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _records(line: str) -> Iterator[tuple[Record, int, int]]:
    """Records in a line, with where each begins and ends."""
    decoder, position = json.JSONDecoder(), 0
    while (match := _RECORD.search(line, position)) is not None:
        try:
            record, end = decoder.raw_decode(line, match.start())
        except (ValueError, RecursionError):
            position = match.start() + 1
            continue
        # A lone half of a surrogate pair is no text that was ever summed up.
        text = line[match.start() : end].encode(errors="replace")
        if isinstance(record.get("event"), str) and not has_wrong_seal(text):
            record.pop("crc", None)
            yield record, match.start(), end
        position = end

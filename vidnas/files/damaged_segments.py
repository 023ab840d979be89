"""What does a journal in a store hold, of which objects are damaged or missing?

A record is in an object of its own, and most are in a pack too: one of the two is
enough.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.files.journal_line import has_wrong_seal
from vidnas.files.place import Place
from vidnas.files.segments import MENDED, PACKED, RECORD, record_name


@dataclass(frozen=True, slots=True)
class SalvagedSegments:
    """What the objects of a journal hold, sound or not.

    Args:
        raw: Their content, a line for each record; an empty one where it is missing.
        last: Number of the last object; 0 where there is none.
        missing: Numbers of the records that no object holds.
    """

    raw: bytes
    last: int
    missing: tuple[int, ...]


def salvage_segments(place: Place) -> SalvagedSegments:
    """The content of a journal in a store, as far as it is there.

    Args:
        place: Folder of its objects.

    Raises:
        OSError: the store cannot be read.
    """
    names = place.names()
    mended = max(filter(MENDED.fullmatch, names), default="")
    begin = int(mended.split("-")[1]) if mended else 0
    lines = _packed_lines(place, names)
    singles = {int(m[1]) for m in map(RECORD.fullmatch, names) if m}
    last = max((begin, *lines, *singles), default=0)
    numbers = range(begin + 1, last + 1)
    doubtful = [n for n in numbers if n in singles and not _is_sound(lines.get(n, b""))]
    found = place.read_all(list(map(record_name, doubtful)))
    for number, raw in zip(doubtful, found, strict=True):
        if _is_sound(raw) or number not in lines:
            lines[number] = b" ".join(raw.splitlines())
    head = place.read(mended).rstrip(b"\n") + b"\n" if mended else b""
    text = b"".join(lines.get(number, b"") + b"\n" for number in numbers)
    return SalvagedSegments(
        head + text, last, tuple(n for n in numbers if n not in lines)
    )


def _packed_lines(place: Place, names: Sequence[str]) -> dict[int, bytes]:
    """Lines of the packs by the number of their record, as far as they are there."""
    packs = [m for m in map(PACKED.fullmatch, names) if m]
    found: dict[int, bytes] = {}
    contents = place.read_all([pack[0] for pack in packs])
    for pack, content in zip(packs, contents, strict=True):
        first, last = int(pack[1]), int(pack[2])
        numbered = zip(range(first, last + 1), content.split(b"\n"), strict=False)
        for number, line in numbered:
            if line and (number not in found or _is_sound(line)):
                found[number] = line
    return found


def _is_sound(raw: bytes) -> bool:
    """Whether it is one line that is a record as it was written."""
    line = raw.removesuffix(b"\n")
    try:
        return isinstance(json.loads(line), dict) and not has_wrong_seal(line)
    except (ValueError, RecursionError):
        return False

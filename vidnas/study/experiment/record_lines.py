"""What does a line of a study's journal say? A record, its network put together.

Nine tenths of a journal are architectures, nearly all as `to_document` writes them.
Their text is cut out and read by its pieces; the rest of the line is JSON. A line of
any other form is read as the JSON that it is.
"""

import json
from typing import Any

import orjson

from vidnas.architecture.pieces import Pieces

_BEFORE, _BEHIND = b',"architecture":', b',"fidelity":'


class RecordLines:
    """Reads the lines of one journal, the first of which is its head."""

    def __init__(self) -> None:
        self._pieces: Pieces | None = None

    def __call__(self, line: bytes) -> Any:
        """What a line holds; an architecture in it as an `Architecture`.

        Raises:
            ValueError: the line is not JSON.
            RecursionError: it is too deep.
        """
        if self._pieces is None:
            head = loads(line)
            self._pieces = Pieces(class_count(head))
            return head
        begin = line.find(_BEFORE)
        if begin < 0 or line.count(b"{", 0, begin) != 1:
            return loads(line)
        end = line.find(_BEHIND, begin)
        if end < 0 or line.find(b'"architecture"', end) >= 0:
            return loads(line)
        architecture = self._pieces.read(line[begin + len(_BEFORE) : end])
        record = loads(line[:begin] + line[end:]) if architecture else None
        if not isinstance(record, dict):
            return loads(line)
        record["architecture"] = architecture
        return record


def loads(text: bytes) -> Any:
    """What JSON says, quickly where it is plain.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is too deep.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # which takes NaN, for one, and knows what is wrong


def class_count(head: Any) -> int | None:
    """Classes of the clips, as the head names them; its own reader checks them."""
    named = head.get("classes") if isinstance(head, dict) else None
    return len(named) if isinstance(named, list) and named else None

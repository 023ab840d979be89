"""What is a line of a journal? JSON of one record, with a checksum of itself.

The checksum is the last key, `"crc":"1a2b3c4d"`: the CRC-32 of all bytes before it.
Lines of older versions have none.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

MOST_LINE = 64 * 2**20  # bytes; a record of a very large network takes 0.1 MB
_KEY = b',"crc":"'
_SEAL = len(_KEY) + 8 + len(b'"}')
_SEAL_FORM = re.compile(rb',"crc":"[0-9a-f]{8}"}')
_CHUNK = 2**20


class LongLineError(Exception):
    """A line is longer than any record.

    Args:
        line: Number of the line, from 1.
    """

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is longer than {MOST_LINE >> 20} MiB")


def seal(text: str) -> str:
    """The JSON of a record with its checksum."""
    body = text.removesuffix("}")
    return f'{body},"crc":"{zlib.crc32(body.encode()):08x}"}}'


def has_wrong_seal(line: bytes) -> bool:
    """Whether a line ends with a checksum that is another's; cheap where it has none.

    Args:
        line: Line of a journal, without its end.
    """
    at = len(line) - _SEAL
    if not line.startswith(_KEY, max(at, 0)):
        # Another spelling of the key: somebody wrote the line anew.
        return (
            b'"crc"' in line[-40:] and re.search(rb'"crc"\s*:', line[-40:]) is not None
        )
    if _SEAL_FORM.fullmatch(line, at) is None:
        return True
    return zlib.crc32(line[:at]) != int(line[-10:-2], 16)


def whole_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that have an end, each with its number from 1; never all of a file at once.

    Raises:
        LongLineError: a line is longer than any record.
    """
    number, rest = 1, b""
    while chunk := file.read(_CHUNK):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield number, line.removesuffix(b"\r")
            number += 1
        if len(rest) > MOST_LINE:
            raise LongLineError(number)


def without_long_lines(file: BinaryIO) -> tuple[bytes, list[int]]:
    """The content of a file, and the numbers of the lines that were too long for it.

    These are left empty.
    """
    kept, long = bytearray(), list[int]()
    number, begin, skips = 1, 0, False
    while chunk := file.read(_CHUNK):
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            kept += b"" if skips else part
            kept += b"\n"
            number, begin, skips = number + 1, len(kept), False
        if not skips:
            kept += rest
        if len(kept) - begin > MOST_LINE:
            del kept[begin:]
            long.append(number)
            skips = True
    return bytes(kept), long

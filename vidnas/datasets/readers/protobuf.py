"""What is in a serialised message? The few wire types that TFRecords of clips use.

Source:
    Protocol Buffers, Encoding. `tf.train.SequenceExample` of TensorFlow's example.proto
    and feature.proto, whose maps are repeated messages of a key (1) and a value (2).
"""

from collections.abc import Iterator

from vidnas.errors import ClipError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_Field = tuple[int, int, memoryview | int]  # number, wire type, value


def fields(message: memoryview) -> Iterator[_Field]:
    """Fields of a message in their order.

    Raises:
        ClipError: the bytes are no message.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, kind, value
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise ClipError(f"A record must be a message, it has wire type {kind}.")
        if at + size > len(message):
            raise ClipError("A record must be a message, it ends within a field.")
        yield number, kind, message[at : at + size]
        at += size


def submessages(message: memoryview, number: int) -> Iterator[memoryview]:
    """Messages, texts or bytes of one field of a message."""
    for found, _, value in fields(message):
        if found == number and isinstance(value, memoryview):
            yield value


def features(message: memoryview) -> dict[str, memoryview]:
    """What a map of names holds, as `Features` and `FeatureLists` are."""
    found: dict[str, memoryview] = {}
    for pair in submessages(message, 1):
        key, value = b"", memoryview(b"")
        for number, _, part in fields(pair):
            if number == 1 and isinstance(part, memoryview):
                key = bytes(part)
            elif number == 2 and isinstance(part, memoryview):
                value = part
        found[key.decode(errors="replace")] = value
    return found


def byte_values(feature: memoryview) -> list[bytes]:
    """The texts of a `Feature`."""
    return [
        bytes(value)
        for held in submessages(feature, 1)
        for value in submessages(held, 1)
    ]


def integers(feature: memoryview) -> list[int]:
    """The whole numbers of a `Feature`, packed or not."""
    found: list[int] = []
    for held in submessages(feature, 3):
        for number, _, value in fields(held):
            if number != 1:
                continue
            if isinstance(value, int):
                found.append(_signed(value))
                continue
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                found.append(_signed(one))
    return found


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where what follows it begins."""
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ClipError("A record must be a message, a number in it has no end.")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at

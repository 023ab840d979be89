"""How are clips written as TFRecords? As JPEG frames in a SequenceExample.

The format is three nested messages and a checksum, so no TensorFlow is needed:
`feature_lists["image/encoded"]` holds the frames, the context `clip/label/index` and
`clip/label/text` the classes, as the MoViNet training of the Model Garden reads them.
"""

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import IO

import av
import numpy as np
from numpy.typing import NDArray

SUFFIX = ".tfrecord"
JPEG_SCALE = 3  # of FFmpeg's mjpeg, 2 best to 31: near quality 90


def sequence_example(
    clip: NDArray[np.uint8], labels: Sequence[int], names: Sequence[str]
) -> bytes:
    """A clip as a serialised `tf.train.SequenceExample`.

    Args:
        clip: Pixels `[T, H, W, 3]`, RGB.
        labels: Positions of its classes.
        names: Names of its classes.
    """
    packed = b"".join(map(_varint, labels))
    context = _entry(b"clip/label/index", _field(3, _field(1, packed)))
    texts = b"".join(_field(1, name.encode(errors="surrogateescape")) for name in names)
    context += _entry(b"clip/label/text", _field(1, texts))
    frames = b"".join(
        _field(1, _field(1, _field(1, image))) for image in encode_jpeg(clip)
    )
    return _field(1, context) + _field(2, _entry(b"image/encoded", frames))


def encode_jpeg(clip: NDArray[np.uint8]) -> list[bytes]:
    """Every frame of a clip `[T, H, W, 3]` as a JPEG file."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.height, encoder.width = clip.shape[1:3]
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": str(JPEG_SCALE), "qmax": str(JPEG_SCALE)}
    images: list[bytes] = []
    for n, pixels in enumerate(clip):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
        frame = frame.reformat(format="yuvj420p", dst_color_range="JPEG")
        frame.pts = n
        images.extend(bytes(packet) for packet in encoder.encode(frame))
    images.extend(bytes(packet) for packet in encoder.encode(None))
    return images


def write_records(file: IO[bytes], records: Iterable[bytes]) -> None:
    """Writes a TFRecord file: length, its checksum, content, its checksum."""
    for record in records:
        length = struct.pack("<Q", len(record))
        file.write(length + _masked(length) + record + _masked(record))


def crc32c(content: bytes) -> int:
    """Castagnoli's checksum, RFC 3720."""
    value, table = 0xFFFFFFFF, _TABLE
    for byte in content:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def _masked(content: bytes) -> bytes:
    """The checksum as a TFRecord holds it: rotated, and a constant added."""
    value = crc32c(content)
    return struct.pack(
        "<I", (((value >> 15) | (value << 17)) + 0xA282EAD8) & 0xFFFFFFFF
    )


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        found.append(value)
    return tuple(found)


_TABLE = _table()


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _field(number: int, content: bytes) -> bytes:
    """A field of a protocol buffer that holds bytes, a text or a message."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _entry(key: bytes, value: bytes) -> bytes:
    """An entry of a protocol buffer's map, of field 1."""
    return _field(1, _field(1, key) + _field(2, value))

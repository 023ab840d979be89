"""How are TFRecords of clips read? As the training of MoViNets in Model Garden does.

Each record is a `tf.train.SequenceExample`: JPEG frames in the feature list
`image/encoded`, numbers of its classes in `clip/label/index` of the context, and their
names in `clip/label/text`. TensorFlow is not needed. An entry's path is
`file.tfrecord#OFFSET`, the byte where its record begins.

Source:
    TensorFlow Model Garden, official/vision/dataloaders/video_input.py. TFRecord:
    length (8 bytes), its masked CRC-32C (4), content, CRC-32C of the content (4).
"""

import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import read_classes
from vidnas.datasets.readers.options import split_files
from vidnas.datasets.readers.protobuf import (
    byte_values,
    features,
    integers,
    submessages,
)
from vidnas.datasets.readers.reader import Findings, Listing, composed
from vidnas.errors import ClipError

FRAMES, INDEX, TEXT = "image/encoded", "clip/label/index", "clip/label/text"
_GZIP = b"\x1f\x8b"  # how a compressed file begins
_HEAD, _TAIL = 12, 4  # bytes around the content of a record
_FIRST = 2**14  # bytes of a record that should hold its context
_CONTEXT, _LISTS = 1, 2  # fields of a SequenceExample
_POLYNOMIAL = 0x82F63B78  # of CRC-32C, reflected


def record_frames(path: str) -> list[bytes]:
    """The JPEG frames of a record, in order.

    Args:
        path: `file.tfrecord#OFFSET`.

    Raises:
        ClipError: there is no record of frames.
    """
    file, _, offset = path.rpartition("#")
    if not file or not offset.isdecimal():
        raise ClipError(f"A record must be named `FILE#OFFSET`, got {path}.")
    with _opened(Path(file)) as content:
        record = memoryview(_record(content, int(offset), file)[0])
    lists = features(next(submessages(record, _LISTS), memoryview(b"")))
    frames = lists.get(FRAMES, memoryview(b""))
    images = [image for frame in submessages(frames, 1) for image in byte_values(frame)]
    if not images:
        raise ClipError(f"{path} has no frames in `{FRAMES}`.")
    return images


def is_record(path: str) -> bool:
    """Whether a path names a record of a file."""
    file, _, offset = path.rpartition("#")
    return bool(file) and offset.isdecimal() and not Path(path).exists()


def read_tfrecord(
    path: Path, options: Mapping[str, Any], findings: Findings
) -> Listing:
    """The clips in TFRecord files.

    Args:
        path: File, folder or pattern (`train-*.tfrecord`) of the training clips.
        options: `val` and `test`: files of these; `classes`: file of the names, by
            default those in the records, or their numbers.
        findings: Findings that get what is left out.

    Raises:
        ClipError: there is no such file.
    """
    found: list[tuple[str, str, tuple[int, ...]]] = []
    names: dict[int, str] = {}
    for split, pattern in split_files(path, options):
        for file in _files(pattern):
            findings.watch(file)
            for offset, numbers, texts in _labels(file, findings):
                name = f"{file}#{offset}"
                if not numbers:
                    findings.leave_out("without a label", name)
                    continue
                names.update(zip(numbers, texts, strict=False))
                found.append((split, name, numbers))
    if options.get("classes"):
        names = read_classes(Path(options["classes"]), findings)
    every = sorted({n for _, _, numbers in found for n in numbers} | names.keys())
    position = {number: at for at, number in enumerate(every)}
    classes = tuple(names.get(number, str(number)) for number in every)
    entries = [
        ClipEntry(
            path=name,
            labels=tuple(sorted({position[number] for number in numbers})),
            split=split,
            id=Path(name).name,
        )
        for split, name, numbers in found
    ]
    several = any(len(entry.labels) > 1 for entry in entries)
    return Listing(classes, entries, multi_label=several)


def _files(pattern: Path) -> list[Path]:
    """The files that a path or a pattern means."""
    if pattern.is_dir():
        files = sorted(one for one in pattern.iterdir() if "tfrecord" in one.name)
    elif pattern.parent.is_dir():  # whose name may hold brackets
        here = [pattern] if pattern.is_file() else pattern.parent.glob(pattern.name)
        files = sorted(one for one in here if one.is_file())
    elif has_magic(str(pattern)):
        files = sorted(map(Path, glob(str(pattern))))  # noqa: PTH207 (absolute)
    else:
        files = []
    if not files:
        raise ClipError(f"TFRecord files must be there, found none: {pattern}.")
    return [file.absolute() for file in files]


def _labels(
    file: Path, findings: Findings
) -> Iterator[tuple[int, tuple[int, ...], tuple[str, ...]]]:
    """Offset, numbers and names of the classes of each record."""
    size = file.stat().st_size
    if not size:
        findings.leave_out("empty file", file)
        return
    with _opened(file) as content:
        at = 0
        while at < size:
            try:
                context, following = _context(content, at, str(file))
            except ClipError as wrong:
                findings.leave_out(
                    "rest of a damaged TFRecord file", str(wrong).rstrip(".")
                )
                return
            nothing = memoryview(b"")
            texts = byte_values(context.get(TEXT, nothing))
            words = tuple(composed(text.decode(errors="replace")) for text in texts)
            yield at, tuple(integers(context.get(INDEX, nothing))), words
            at = following


def _context(
    content: BinaryIO, at: int, file: str
) -> tuple[dict[str, memoryview], int]:
    """The context of a record, and the offset of the next.

    It comes before the frames, which are not read where it is found without them.

    Raises:
        ClipError: no record begins there, or it is damaged.
    """
    for most in (_FIRST, None):
        record, following = _record(content, at, file, most)
        try:
            held = next(submessages(memoryview(record), _CONTEXT), memoryview(b""))
            return features(held), following
        except ClipError as wrong:
            if most is None:
                raise ClipError(f"{file}, record at byte {at}: {wrong}") from wrong
    raise AssertionError("the whole record is the last try")


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as content:
            yield content
    except OSError as wrong:
        raise ClipError(f"{file} cannot be read: {wrong.strerror}.") from wrong


def _record(
    content: BinaryIO, at: int, file: str, most: int | None = None
) -> tuple[bytes, int]:
    """The content of the record at an offset, or its beginning; the next's offset.

    Raises:
        ClipError: no record begins there, or it is cut.
    """
    content.seek(at)
    head = content.read(_HEAD)
    if len(head) < _HEAD:
        raise ClipError(f"{file} is cut at byte {at}.")
    size, check = struct.unpack("<QI", head)
    if at == 0 and head[:2] == _GZIP:
        raise ClipError(f"{file} is compressed; unpack it with gunzip.")
    if _masked_crc(head[:8]) != check:
        raise ClipError(f"{file} has no record at byte {at}: its length is damaged.")
    following = at + _HEAD + size + _TAIL
    if following > os.fstat(content.fileno()).st_size:
        raise ClipError(f"{file} is cut in its record at byte {at}.")
    return content.read(size if most is None else min(size, most)), following


def _masked_crc(data: bytes) -> int:
    """CRC-32C of a few bytes, rotated and raised as TFRecords have it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF

"""What is a cache to hold? Windows of files, in shards of a bounded size."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vidnas.clips.clip_shape import ClipShape, decoder_digest
from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.store import file_version, is_address
from vidnas.errors import ClipError

SHARD_BYTES = 10**9
FORMATS = ("npy", "tfrecord")
# JPEG of quality 90 took 30.6 of 269 MB in `docs/cache.md`.
JPEG_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of a cache.

    Args:
        number: Position among all shards.
        split: Name of the split whose windows it holds.
        first: Position of its first file in the split.
        last: Position after its last.
    """

    number: int
    split: str
    first: int
    last: int

    @property
    def name(self) -> str:
        """Name of the file, without its suffix."""
        return f"shard-{self.number:05d}"


@dataclass(frozen=True, slots=True)
class CachePlan:
    """What a cache is to hold.

    Args:
        index: Clips of the dataset.
        shape: Frames, rate and size of a window.
        windows: Windows of each file, evenly spaced; an odd number, so that one is in
            the middle.
        format: `npy`, or `tfrecord` for JPEG.
        shard_bytes: Size of a shard, about [bytes].

    Raises:
        ClipError: `windows` is even or below 1, or there is no such format.
    """

    index: ClipIndex
    shape: ClipShape
    windows: int = 1
    format: str = "npy"
    shard_bytes: int = SHARD_BYTES

    def __post_init__(self) -> None:
        if self.windows < 1 or self.windows % 2 == 0:
            raise ClipError(
                f"`windows` of a cache must be odd, for one in the middle, got "
                f"{self.windows}."
            )
        if self.format not in FORMATS:
            raise ClipError(
                f"`format` of a cache must be one of {', '.join(FORMATS)}, got "
                f"{self.format}."
            )

    @property
    def starts(self) -> tuple[float, ...]:
        """Place of each window in its video, from 0 to 1."""
        return tuple((n + 0.5) / self.windows for n in range(self.windows))

    @property
    def clips(self) -> int:
        """Number of windows of all files."""
        return self.windows * sum(map(len, self.index.splits.values()))

    @property
    def size_bytes(self) -> int:
        """What the cache takes on a disk [bytes], about that where it is JPEG."""
        share = 1.0 if self.format == "npy" else JPEG_SHARE
        return round(self.clips * self.shape.size_bytes * share)

    def shards(self) -> Iterator[Shard]:
        """The shards, each of files that follow each other."""
        share = 1.0 if self.format == "npy" else JPEG_SHARE
        one = self.windows * self.shape.size_bytes * share
        each = max(1, int(self.shard_bytes / one))
        number = 0
        for split, files in self.index.splits.items():
            for first in range(0, len(files), each):
                yield Shard(number, split, first, min(first + each, len(files)))
                number += 1

    def to_document(self) -> dict[str, Any]:
        """The plan as plain data; two of the same give the same cache."""
        return {
            "shape": dataclasses.asdict(self.shape),
            "windows": self.windows,
            "format": self.format,
            "shard_bytes": self.shard_bytes,
            "classes": list(self.index.classes),
            "multi_label": self.index.multi_label,
            "files": files_digest(self.index),
            "decoder": decoder_digest(),
        }


def files_digest(index: ClipIndex) -> str:
    """What tells the files of a dataset from others, or from what they were.

    Names count relative to the dataset, so that it may move with its cache.

    Raises:
        ClipError: a file is not there.
    """
    found = hashlib.sha256(json.dumps(list(index.classes)).encode())
    for split, files in index.splits.items():
        for file in files:
            listed = [
                split,
                file_name(index, file),
                list(file.labels),
                file.start,
                file.end,
                *file_version(file.path),
            ]
            found.update(json.dumps(listed).encode())
    return found.hexdigest()[:32]


def file_name(index: ClipIndex, file: ClipEntry) -> str:
    """A file's path relative to its dataset."""
    if is_address(file.path):
        return file.path
    root = index.root if index.root.is_dir() else index.root.parent
    return os.path.relpath(file.path, root)

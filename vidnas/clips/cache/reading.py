"""What does a cache hold? Windows out of its shards, each checked when first read."""

import json
import posixpath
import threading
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.cache.cut import Cut, cut_of
from vidnas.clips.cache.index_table import read_columns
from vidnas.clips.cache.meta import INDEX, META, SCHEMA
from vidnas.clips.clip_shape import ClipShape, shape_in_words
from vidnas.datasets.store import is_address, local_copy
from vidnas.errors import ClipError

_REMEDY = "Remove it and write it again: vidnas data cache."


@dataclass(frozen=True, slots=True, eq=False)
class Cache:
    """A whole cache of windows.

    Args:
        folder: Its folder, or the address of it in an object store.
        digest: Hash of what its clips are.
        files: Digest of the files that it was made of.
        shape: Frames, rate and size of a window.
        windows: Windows of each file.
        unreadable: Reasons by split, one per file that could not be read.
        columns: Columns of its index.
        shards: Shards, as `meta.json` lists them.
    """

    folder: str
    digest: str
    files: str
    shape: ClipShape
    windows: int
    unreadable: dict[str, list[str]]
    columns: dict[str, NDArray[Any]] = field(repr=False)
    shards: tuple[dict[str, Any], ...] = field(repr=False)
    _mapped: dict[int, NDArray[np.uint8]] = field(default_factory=dict, repr=False)
    _checked: set[tuple[int, int]] = field(default_factory=set, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def clip(self, number: int) -> NDArray[np.uint8]:
        """A window `[T, side, side, 3]` by its row in the index; not to be changed.

        Raises:
            ClipError: it is not what was written.
        """
        shard, row = (int(self.columns[name][number]) for name in ("shard", "row"))
        clip: NDArray[np.uint8] = self._shard(shard)[row]
        if (shard, row) not in self._checked:
            if zlib.crc32(clip.data) != int(self.columns["check"][number]):
                raise ClipError(
                    "A cached clip must be as it was written, row "
                    f"{row} of {self._path(shard)} is not. {_REMEDY}"
                )
            self._checked.add((shard, row))
        return clip

    def verify(self) -> None:
        """Reads all clips.

        Raises:
            ClipError: one of them is not what was written.
        """
        for number in range(len(self.columns["row"])):
            self.clip(number)

    def positions(self, split: str) -> tuple[int, ...]:
        """Positions of the files of a split that it holds, rising."""
        columns = self.columns
        held = (columns["split"] == split) & (columns["window"] == 0)
        return tuple(columns["position"][held].tolist())

    def of_split(self, split: str, shape: ClipShape) -> "CachedSplit":
        """Clips of one shape, cut from the windows of a split.

        Raises:
            ClipError: such clips cannot be cut from them.
        """
        cut = cut_of(self.shape, shape)
        if cut is None:
            raise ClipError(f"{_why_not(self, shape)}: {self.folder}.")
        rows = np.flatnonzero(self.columns["split"] == split)
        order = np.lexsort(
            (self.columns["window"][rows], self.columns["position"][rows])
        )
        return CachedSplit(self, rows[order].reshape(-1, self.windows), cut)

    def _shard(self, number: int) -> NDArray[np.uint8]:
        with self._lock:
            if number not in self._mapped:
                self._mapped[number] = self._map(number)
            return self._mapped[number]

    def _map(self, number: int) -> NDArray[np.uint8]:
        path, told = local_copy(self._path(number)), self.shards[number]
        side = self.shape.side
        expected = (told["clips"], self.shape.frames, side, side, 3)
        try:
            size = path.stat().st_size
            if size != told["bytes"]:
                raise ValueError(f"{size} of {told['bytes']} bytes")
            if not told["clips"]:
                return np.empty(expected, np.uint8)
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
            if mapped.shape != expected or mapped.dtype != np.uint8:
                raise ValueError(f"{mapped.dtype} {mapped.shape}")
        except (OSError, ValueError) as wrong:
            raise ClipError(
                f"A cache must be whole, got {wrong} of {path}. {_REMEDY}"
            ) from wrong
        # A plain view: indexing a memmap makes a new one each time, which is slow.
        return np.asarray(mapped)

    def _path(self, number: int) -> str:
        return posixpath.join(self.folder, self.shards[number]["name"])


@dataclass(frozen=True, slots=True, eq=False)
class CachedSplit:
    """Clips of one shape that are cut from the windows of a split.

    Args:
        cache: Cache that holds the windows.
        numbers: Rows of its index `[N, windows]`, one line a file.
        cut: How a clip is cut from a window.
    """

    cache: Cache
    numbers: NDArray[np.integer]
    cut: Cut

    def window(
        self, row: int, start: float, *, pace: float = 1.0, whole: bool = False
    ) -> NDArray[np.uint8]:
        """A clip `[T, side, side, 3]` of a file.

        The video counts as so many equal parts as there are windows: `start` lies in
        one of them, whose window it is taken from, as far into its slack as `start` is
        into the part.

        Args:
            row: Position among the files that the cache holds of the split.
            start: Place in the video where the clip begins, from 0 to 1.
            pace: How far frames lie apart, in the clip's own distances; the nearest
                that the window has frames for is taken.
            whole: Whether frames are as large as they were cached.
        """
        place = start * self.numbers.shape[1]
        which = min(int(place), self.numbers.shape[1] - 1)
        clip = self.cache.clip(int(self.numbers[row, which]))
        return self.cut.at(pace, len(clip)).apply(clip, place - which, whole=whole)


def open_cache(folder: str | Path, *, whole: bool = False) -> Cache:
    """The cache in a folder.

    Sizes and shapes of all shards on a disk are compared with what it says of itself;
    those in an object store when they are read. Each clip is held against its checksum
    when it is read first.

    Args:
        folder: Folder, or address in an object store.
        whole: Whether all clips are read and checked now.

    Raises:
        ClipError: there is no whole cache.
    """
    place = str(folder)
    try:
        meta = json.loads(local_copy(posixpath.join(place, META)).read_text("utf-8"))
        if meta["schema"] != SCHEMA:
            raise ValueError(f"schema {meta['schema']}")
        cache = Cache(
            folder=place,
            digest=meta["digest"],
            files=meta["files"],
            shape=ClipShape(**meta["shape"]),
            windows=meta["windows"],
            unreadable=meta["unreadable"],
            columns=read_columns(local_copy(posixpath.join(place, INDEX))),
            shards=tuple(meta["shards"]),
        )
        if meta["clips"] != len(cache.columns["row"]):
            raise ValueError(f"{len(cache.columns['row'])} of {meta['clips']} clips")
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise ClipError(
            f"A cache must be whole, got {type(wrong).__name__} ({wrong}) in {place}. "
            f"{_REMEDY}"
        ) from wrong
    if not is_address(place):
        for number in range(len(cache.shards)):
            cache._shard(number)
    if whole:
        cache.verify()
    return cache


def _why_not(cache: Cache, shape: ClipShape) -> str:
    """What a cache lacks for clips of a shape."""
    held = cache.shape
    return (
        f"Clips of {shape_in_words(shape)} must be no more than the cache has, it has "
        f"{shape_in_words(held)}"
    )

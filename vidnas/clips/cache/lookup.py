"""Which cache serves a dataset? The one that is named, or one that lies beside it."""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from vidnas.clips.cache.cut import cut_of
from vidnas.clips.cache.meta import META
from vidnas.clips.cache.plan import files_digest
from vidnas.clips.cache.reading import Cache, open_cache
from vidnas.clips.clip_shape import ClipShape
from vidnas.datasets.index import ClipIndex
from vidnas.datasets.source import ClipSource, read_index
from vidnas.datasets.store import is_address
from vidnas.errors import ClipError

BESIDE = ".vidnas-cache"
OPTION = "cache"  # of a `ClipSource`: folder or address of its cache


def cache_folder(source: ClipSource) -> str | None:
    """The cache that a source names; None for none."""
    named = dict(source.options).get(OPTION)
    return str(named) if named else None  # `false` forbids one


def with_cache(source: ClipSource, folder: str | None) -> ClipSource:
    """The source with its clips out of a cache, or out of none.

    Args:
        source: Dataset.
        folder: Folder or address of the cache; None for none.
    """
    others = [(name, value) for name, value in source.options if name != OPTION]
    named = [] if folder is None else [(OPTION, folder)]
    return ClipSource(source.kind, source.path, tuple(sorted([*others, *named])))


def default_folder(source: ClipSource) -> Path:
    """Where a cache is written, and looked for, beside the dataset.

    Raises:
        ClipError: the dataset lies in an object store, so a folder must be named.
    """
    if is_address(source.path):
        raise ClipError(
            f"A cache of {source.path} needs a folder: name it with --out, and as "
            "`cache` under `clips` of an experiment."
        )
    path = Path(source.path)
    return (path if path.is_dir() else path.parent) / BESIDE


def find_cache(
    source: ClipSource, shapes: Iterable[ClipShape]
) -> tuple[Cache | None, str]:
    """The cache that clips of these shapes can be read from.

    One that the source names must serve. One beside the dataset serves where it can,
    the smallest first.

    Args:
        source: Dataset.
        shapes: Shapes that clips will be read in.

    Returns:
        The cache, and why one that is there does not serve; empty where none is.

    Raises:
        ClipError: the cache that the source names is damaged, of other files, or too
            small.
    """
    wanted = list(shapes)
    named = cache_folder(source)
    if named is not None:
        cache = cache_for(source)
        for shape in wanted:
            cache.of_split("train", shape)
        return cache, ""
    reason = ""
    found: list[Cache] = []
    for folder in _beside(source):
        try:
            cache = cache_for(with_cache(source, str(folder)))
            for shape in wanted:
                cache.of_split("train", shape)
            found.append(cache)
        except ClipError as wrong:
            reason = str(wrong)
    found.sort(key=lambda cache: (cache.shape.size_bytes, cache.folder))
    return (found[0], "") if found else (None, reason)


def cache_for(source: ClipSource) -> Cache:
    """The cache that a source names, of the files as they are now.

    Raises:
        ClipError: it is damaged, or of other files.
    """
    folder = cache_folder(source)
    assert folder is not None, "the source names a cache"
    return checked_cache(read_index(source), folder)


def checked_cache(index: ClipIndex, folder: str) -> Cache:
    """The cache in a folder, where it was made of the files of an index.

    Raises:
        ClipError: it is damaged, or of other files.
    """
    cache = _opened(folder)
    if cache.files != files_digest(index):
        raise ClipError(
            f"The cache in {folder} must be of the files in {index.root}, they changed "
            "since it was written. Remove it and write it again: vidnas data cache."
        )
    return cache


def covers(cache: Cache, shapes: Iterable[ClipShape]) -> bool:
    """Whether clips of all these shapes can be cut from a cache."""
    return all(cut_of(cache.shape, shape) is not None for shape in shapes)


def _opened(folder: str) -> Cache:
    """An open cache, opened anew where its `meta.json` is another."""
    changed = 0
    if not is_address(folder):
        try:
            changed = (Path(folder) / META).stat().st_mtime_ns
        except OSError:
            changed = -1
    return _open(folder, changed)


@lru_cache(maxsize=8)
def _open(folder: str, changed: int) -> Cache:
    return open_cache(folder)


def _beside(source: ClipSource) -> list[Path]:
    """Folders of whole caches beside a dataset."""
    if is_address(source.path):
        return []
    place = default_folder(source)
    try:
        folders = [place, *sorted(p for p in place.iterdir() if p.is_dir())]
    except OSError:
        return []
    return [folder for folder in folders if _is_of_arrays(folder)]


def _is_of_arrays(folder: Path) -> bool:
    try:
        meta = json.loads((folder / META).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(meta, dict) and meta.get("format") == "npy"

"""Which files have the same content? Those of one size, then by their bytes."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path

from vidnas.clips.findings import Finding
from vidnas.datasets.index import ClipEntry

_BEGINNING = 2**16  # bytes that tell most files of one size apart
_MEASURING = ("val", "test")


def same_content(paths: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of files with equal bytes, each in the order of the paths.

    Files are read only where another has their size, and whole only where it begins
    like them. What cannot be read, folders and empty files are in no group.

    Args:
        paths: Paths of files; one that is repeated counts once.
    """
    groups: list[tuple[str, ...]] = []
    for alike in _by(dict.fromkeys(paths), _size):
        for beginning in _by(alike, _beginning):
            groups += map(tuple, _by(beginning, _digest))
    return groups


def find_duplicates(entries: Sequence[ClipEntry]) -> dict[int, Finding]:
    """A finding for every entry whose content another has, by position.

    One for training whose content measures, in `val` or `test`, is a `leak`; a file
    that is of another class elsewhere is a `contradiction`; another is a `duplicate`.
    Parts of one video are the same on two sides where they overlap, on one side where
    they begin and end alike.

    Args:
        entries: Entries of all splits.
    """
    by_path: dict[str, list[int]] = defaultdict(list)
    for n, entry in enumerate(entries):
        by_path[entry.path].append(n)
    groups = same_content(by_path)
    together = {path for group in groups for path in group}
    groups += [(path,) for path, same in by_path.items() if path not in together]
    found: dict[int, Finding] = {}
    for group in groups:
        same = [n for path in group for n in by_path[path]]
        # Those that measure come first, so that it is the others that are copies.
        same.sort(key=lambda n: not _measures(entries[n]))
        if len(same) > 1:
            found.update(_copies(same, entries))
    return found


def _copies(
    same: Sequence[int], entries: Sequence[ClipEntry]
) -> Iterator[tuple[int, Finding]]:
    """Findings of all entries but those that are the first of their content."""
    for place, n in enumerate(same):
        entry, before = entries[n], (entries[one] for one in same[:place])
        first = next((one for one in before if _is_same(one, entry)), None)
        if first is None:
            continue
        leaks = _measures(first) and not _measures(entry)
        words = f"same content as {first.id} in `{first.split}`"
        kind = "leak" if leaks else "duplicate"
        if first.labels != entry.labels:
            words += ", which is of another class"
            if not leaks and first.path != entry.path:  # not two actions at one time
                kind = "contradiction"
        yield n, Finding(kind, entry.id, words)


def _measures(entry: ClipEntry) -> bool:
    return entry.split in _MEASURING


def _is_same(one: ClipEntry, other: ClipEntry) -> bool:
    """Whether two parts of one content are the same to a training."""
    if _measures(one) == _measures(other):
        return (one.start, one.end) == (other.start, other.end)
    ends = (one.end or float("inf"), other.end or float("inf"))
    return (one.start or 0.0) < ends[1] and (other.start or 0.0) < ends[0]


def _by(
    paths: Iterable[str], key: Callable[[Path], Hashable | None]
) -> list[list[str]]:
    """Groups of at least two paths for which a function gives the same."""
    groups: dict[Hashable | None, list[str]] = defaultdict(list)
    for path in paths:
        try:
            groups[key(Path(path))].append(path)
        except OSError:  # it is told as missing or unreadable
            continue
    groups.pop(None, None)
    return [group for group in groups.values() if len(group) > 1]


def _size(path: Path) -> int | None:
    return path.stat().st_size or None if path.is_file() else None


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_BEGINNING)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()

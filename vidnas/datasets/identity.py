"""Which clips are these, and which changed? By class, name and size, or by content.

Names are those within the dataset, so that a dataset that moved as a whole is the same.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from vidnas.datasets.decode_ahead import in_order
from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.readers.reader import composed
from vidnas.datasets.readers.saved_index import read_columns, write_index
from vidnas.datasets.store import file_version, is_address, local_copy, record_file
from vidnas.documents.visible_text import visible
from vidnas.errors import ClipError

TRAINED = ("train", "val")  # splits that decide what a training measures
_THREADS = 16  # that ask a disk for sizes; the disk may be far away
_SHOWN = 3  # names of each change

_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class KnownClip:
    """What tells a clip from others.

    Args:
        name: Name within its dataset, marks composed, with the part of the video.
        side: Split and classes, as a person reads them.
        size: Size of the file [bytes]; of a folder of frames their number, and the
            sizes of the first, the middle and the last.
        content: Hash of the content; empty where it was not asked for.
    """

    name: str
    side: str
    size: int
    content: str = ""


def known_clips(index: ClipIndex, *, content: bool = False) -> tuple[KnownClip, ...]:
    """The training and validation clips, in the order of the index.

    Args:
        index: Clips of a dataset.
        content: Whether every file is read, for a hash of its content.
    """
    entries = [entry for split in TRAINED for entry in index.splits[split]]
    files = list(dict.fromkeys(record_file(entry.path) for entry in entries))
    sizes = _of_each(files, _size)
    hashes = _of_each(files, content_hash) if content else {}
    return tuple(
        KnownClip(
            name=_name(entry),
            side=_side(entry, index.classes),
            size=sizes[record_file(entry.path)],
            content=hashes.get(record_file(entry.path), ""),
        )
        for entry in entries
    )


def clip_digest(clips: Sequence[KnownClip]) -> str:
    """16 digits that change with a class, name, size or content."""
    rows = sorted((clip.name, clip.side, clip.size, clip.content) for clip in clips)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _of_each(files: Sequence[str], ask: Callable[[str], _Told]) -> dict[str, _Told]:
    answers = in_order(ask, files, threads=_THREADS)
    return dict(zip(files, answers, strict=True))


def _name(entry: ClipEntry) -> str:
    name = composed(entry.id)
    if entry.start is None and entry.end is None:
        return name
    return f"{name} ({entry.start}-{entry.end} s)"


def _side(entry: ClipEntry, classes: Sequence[str]) -> str:
    labels = ", ".join(f"`{classes[label]}`" for label in entry.labels)
    return f"{entry.split} {labels or 'of no class'}"


def _size(path: str) -> int:
    """What `KnownClip.size` is; -1 where there is no file."""
    try:
        if is_address(path) or not Path(path).is_dir():
            return file_version(path)[1]
        files = sorted(os.listdir(path))  # noqa: PTH208 (of hundreds of thousands)
        some = {files[n] for n in (0, len(files) // 2, -1)} if files else set()
        return len(files) + sum((Path(path) / name).stat().st_size for name in some)
    except (ClipError, OSError):
        return -1


def content_hash(path: str) -> str:
    """Hash of a file's content, or of the names and contents of a folder's files."""
    found = hashlib.sha256()
    try:
        place = local_copy(path)
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        for file in files:
            with file.open("rb") as content:
                found.update(hashlib.file_digest(content, "sha256").digest())
    except (ClipError, OSError):
        return "unreadable"
    return found.hexdigest()[:16]


def keep_known_clips(path: Path, index: ClipIndex, clips: Sequence[KnownClip]) -> None:
    """Writes an index with what tells its clips from others, to be compared later."""
    columns = {
        name: [getattr(clip, name) for clip in clips]
        for name in ("name", "side", "size", "content")
    }
    trained = ClipIndex(
        root=index.root,
        classes=index.classes,
        splits={split: index.splits[split] for split in TRAINED},
        multi_label=index.multi_label,
    )
    write_index(path, trained, columns)


def changes_since(path: Path, clips: Sequence[KnownClip]) -> str:
    """Which clips changed since they were kept: `1 moved: a/3.mp4 to b/3.mp4`.

    Args:
        path: File that `keep_known_clips` wrote.
        clips: Clips as they are now.

    Returns:
        Words; empty where the file does not say.
    """
    try:
        _, columns = read_columns(path)
        names = ("name", "side", "size", "content")
        rows = zip(*(columns[name] for name in names), strict=True)
    except (ClipError, KeyError):
        return ""
    before = {row[0]: KnownClip(*row) for row in rows}
    now = {clip.name: clip for clip in clips}
    found = _differences(before, now)
    return "; ".join(f"{len(what)} {verb}: {_few(what)}" for verb, what in found)


def _differences(
    before: dict[str, KnownClip], now: dict[str, KnownClip]
) -> Iterator[tuple[str, list[str]]]:
    """Each kind of change with its clips; kinds without any are left out."""
    gone = [clip for name, clip in before.items() if name not in now]
    new = [clip for name, clip in now.items() if name not in before]
    places = {_alike(clip): clip for clip in new}
    pairs = [(clip, places.pop(_alike(clip), None)) for clip in gone]
    moved = [f"{clip.name} to {to.name}" for clip, to in pairs if to]
    gone = [clip for clip, to in pairs if not to]
    arrived = {to.name for _, to in pairs if to}
    new = [clip for clip in new if clip.name not in arrived]
    both = [(before[name], clip) for name, clip in now.items() if name in before]
    moved += [
        f"{was.name} from {was.side} to {clip.side}"
        for was, clip in both
        if was.side != clip.side
    ]
    replaced = [clip.name for was, clip in both if _is_replaced(was, clip)]
    kinds = {
        "moved": moved,
        "replaced": replaced,
        "removed": [clip.name for clip in gone],
        "added": [clip.name for clip in new],
    }
    yield from ((verb, what) for verb, what in kinds.items() if what)


def _alike(clip: KnownClip) -> tuple[str, int, str]:
    """What a clip keeps that is moved to another folder."""
    return Path(clip.name).name, clip.size, clip.content


def _is_replaced(was: KnownClip, clip: KnownClip) -> bool:
    other = bool(was.content and clip.content) and was.content != clip.content
    return other or was.size != clip.size


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return visible(", ".join(names[:_SHOWN]) + more, keep="")

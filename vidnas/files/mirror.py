"""How is a study in an object store worked on? In a folder here that mirrors it.

Whoever reads a study gets what the store holds at that moment. Whoever writes to its
journal writes through to the store. Outbox and checkpoints have no mirror: workers
write to the store. Only this process knows which folders are mirrors: nothing that lies
in a folder makes it one.
"""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from vidnas.errors import VidnasError
from vidnas.files.place import Place, is_address
from vidnas.files.segments import Segments
from vidnas.whole_file import write_whole

JOURNAL_FILE = "journal.jsonl"
_JOURNAL = "journal"  # folder of a study in a store
_NOT_MIRRORED = ("journal", "outbox", "checkpoints")
# What a study keeps beside them: its experiment, its clips, its report, its families.
_FILES = re.compile(r"experiment\.yaml|clips\.parquet|report\.html")
_FOLDERS = re.compile(r"family.*")


@dataclass(slots=True)
class _Mirror:
    """A folder here and the store that it mirrors.

    Args:
        place: Place of the study in the store.
        segments: Its journal, as far as it was read.
        is_written: Whether this process writes to the journal.
        known: Files beside the journal as the store has them, by their path below.
    """

    place: Place
    segments: Segments
    is_written: bool = False
    known: dict[str, bytes] = field(default_factory=dict)


_MIRRORS: dict[Path, _Mirror] = {}


def study_path(text: str | os.PathLike[str], *, whole: bool = False) -> Path:
    """The folder of a study here: itself, or a mirror of one in an object store.

    Args:
        text: Path, or address in a store, of a study.
        whole: Whether the mirror is to hold what lies beside the journal too, as it
            must before `publish`.

    Raises:
        JournalError: an object of the journal is missing.
        OSError: the store cannot be read.
    """
    place = Place.of(text)
    if place.path is not None:
        return place.path if is_address(text) else Path(text)
    segments = stored_segments(str(place))
    return _mirror_with(place, segments, segments.content(), whole=whole)


def damaged_mirror(segments: Segments, content: bytes) -> Path:
    """A whole mirror of a study whose journal does not read, with what it holds."""
    place = Place.of(str(segments).rpartition("/")[0])
    return _mirror_with(place, segments, content, whole=True)


def _mirror_with(
    place: Place, segments: Segments, content: bytes, *, whole: bool
) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="vidnas-study-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if content:
        (folder / JOURNAL_FILE).write_bytes(content)
    mirror = _MIRRORS[folder] = _Mirror(place, segments)
    if whole:
        mirror.known = _files_beside(place)
        for name, raw in mirror.known.items():
            write_whole(folder / name, raw)
    return folder


def stored_segments(address: str) -> Segments:
    """The journal of a study in a store; nothing is asked there yet."""
    return Segments(Place.of(address).child(_JOURNAL))


def study_named(text: str) -> Path | str:
    """What a user names a study by: a path, or an address as it is."""
    return text if is_address(text) else Path(text)


def study_place(folder: Path) -> Place:
    """Where the files of a study lie: in its store, or in its folder on the disk."""
    mirror = _mirror(folder)
    return Place.of(folder.resolve()) if mirror is None else mirror.place


def segments_of(journal: Path) -> Segments | None:
    """Where the records of a journal go besides; None of a folder that is no mirror."""
    mirror = _mirror(journal.parent)
    if mirror is None or journal.name != JOURNAL_FILE:
        return None
    mirror.is_written = True
    return stored_segments(str(mirror.place))


def reading_segments(journal: Path) -> Segments | None:
    """The journal in the store, as far as it was read; None of one on a disk."""
    mirror = _mirror(journal.parent)
    return None if mirror is None else mirror.segments


def refresh(journal: Path) -> None:
    """Brings what the store took since into the mirror; does nothing on a disk.

    Raises:
        JournalError: an object of the journal is missing.
        OSError: the store cannot be read.
    """
    mirror = _mirror(journal.parent)
    if mirror is None or mirror.is_written or journal.name != JOURNAL_FILE:
        return
    later = mirror.segments.later()
    if later is None:
        write_whole(journal, mirror.segments.content())
    elif later:
        with journal.open("ab") as file:
            file.write(later)


def names_beside(folder: Path) -> list[str]:
    """What lies in a study's place beside journal, outbox and checkpoints.

    Raises:
        OSError: the place cannot be asked.
    """
    place = study_place(folder)
    folders = [name for name in place.folders() if name not in _NOT_MIRRORED]
    return sorted([*folders, *place.names()])


def publish(folder: Path) -> Place | None:
    """Brings the store to what a mirror holds beside the journal; the store, if any.

    What the mirror had of the store and has no more is removed there.

    Raises:
        OSError: the store does not take it.
    """
    mirror = _mirror(folder)
    if mirror is None:
        return None
    held = _held(folder)
    for name, raw in held.items():
        if mirror.known.get(name) != raw:
            place, last = _below(mirror.place, name)
            place.write(last, raw)
            mirror.known[name] = raw
    for name in mirror.known.keys() - held.keys():
        place, last = _below(mirror.place, name)
        place.remove(last)
        del mirror.known[name]
    return mirror.place


def by_address(text: str) -> str:
    """A text that names addresses where it named mirrors."""
    for folder, mirror in _MIRRORS.items():
        text = text.replace(f"{folder}/{JOURNAL_FILE}", f"{mirror.place}/{_JOURNAL}")
        text = text.replace(str(folder), str(mirror.place))
    return text


@contextmanager
def errors_by_address() -> Iterator[None]:
    """A scope whose errors name addresses and no mirrors."""
    try:
        yield
    except VidnasError as wrong:
        wrong.args = tuple(
            by_address(fact) if isinstance(fact, str) else fact for fact in wrong.args
        )
        raise


def _mirror(folder: Path) -> _Mirror | None:
    return _MIRRORS.get(folder.resolve()) if _MIRRORS else None


def _files_beside(place: Place) -> dict[str, bytes]:
    """What a study keeps beside its journal, by the path below."""
    names = [name for name in place.names() if _FILES.fullmatch(name)]
    found = dict(zip(names, place.read_all(names), strict=True))
    for folder in filter(_FOLDERS.fullmatch, place.folders()):
        there = place.child(folder)
        names = there.names()
        contents = there.read_all(names)
        found |= {f"{folder}/{n}": raw for n, raw in zip(names, contents, strict=True)}
    return found


def _held(folder: Path) -> dict[str, bytes]:
    """The files of a mirror that are published, by the path below."""
    found = {}
    for file in sorted(folder.rglob("*")):
        below = file.relative_to(folder)
        if below.name.startswith("journal.") or file.is_symlink() or not file.is_file():
            continue
        if below.parts[0] not in _NOT_MIRRORED:
            found[below.as_posix()] = file.read_bytes()
    return found


def _below(place: Place, name: str) -> tuple[Place, str]:
    *folders, last = name.split("/")
    for folder in folders:
        place = place.child(folder)
    return place, last

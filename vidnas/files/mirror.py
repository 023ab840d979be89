"""How is a study in an object store worked on? In a folder here that mirrors it.

Whoever reads a study gets what the store holds at that moment. Whoever writes to its
journal writes through to the store. Only this process knows which folders are mirrors:
nothing that lies in a folder makes it one.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from vidnas.files.place import Place, is_address
from vidnas.files.segments import Segments

_JOURNAL = "journal"  # folder of a study in a store
_PLACES: dict[Path, Place] = {}


def study_path(text: str | os.PathLike[str]) -> Path:
    """The folder of a study here: itself, or a mirror of one in an object store.

    Args:
        text: Path, or address in a store, of a study.

    Raises:
        OSError: the store cannot be read.
    """
    place = Place.of(text)
    if place.path is not None:
        return place.path if is_address(text) else Path(text)
    folder = Path(tempfile.mkdtemp(prefix="vidnas-study-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    content = Segments(place.child(_JOURNAL)).content()
    if content:
        (folder / "journal.jsonl").write_bytes(content)
    _PLACES[folder] = place
    return folder


def study_named(text: str) -> Path | str:
    """What a user names a study by: a path, or an address as it is."""
    return text if is_address(text) else Path(text)


def study_place(folder: Path) -> Place:
    """Where the files of a study lie: in its store, or in its folder on the disk."""
    resolved = folder.resolve()
    return _PLACES.get(resolved) or Place.of(resolved)


def segments_of(journal: Path) -> Segments | None:
    """Where the records of a journal go besides; None of a folder that is no mirror."""
    place = _PLACES.get(journal.parent.resolve())
    if place is None or journal.name != "journal.jsonl":
        return None
    return Segments(place.child(_JOURNAL))


def publish(folder: Path) -> Place | None:
    """Uploads the files of a study but its journal; the store, if it has one.

    Raises:
        OSError: the store does not take them.
    """
    place = _PLACES.get(folder.resolve())
    if place is not None:
        for file in sorted(folder.rglob("*")):
            below = file.relative_to(folder)
            if below.name.startswith("journal.") or not file.is_file():
                continue
            if below.parts[0] in ("outbox", "checkpoints") or file.is_symlink():
                continue
            there = place
            for name in below.parts[:-1]:
                there = there.child(name)
            there.write(below.name, file.read_bytes())
    return place

"""Which studies are in a folder, and how do they stand? Looked at again and again.

A folder that holds a journal is a study. Nothing is written, and nothing in a study is
waited for: what cannot be read says why in its place.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vidnas.errors import VidnasError
from vidnas.study.history import JOURNAL_FILE
from vidnas.views.live.live_study import LiveStudy, Lookout

DEEPEST = 3  # folders below the board's in which studies are looked for


@dataclass(frozen=True, slots=True)
class BoardStudy:
    """A study as the board saw it last.

    Args:
        name: Path below the board's folder, which is its name on the board.
        folder: Study folder.
        written: When its journal was last written to [s since the epoch].
        study: Study as it stood; None where that is not known.
        fault: Reason why it cannot be shown; empty where it can.
    """

    name: str
    folder: Path
    written: float
    study: LiveStudy | None = None
    fault: str = ""

    @property
    def is_running(self) -> bool:
        """Whether a search runs."""
        return self.study is not None and self.study.status.state == "running"

    @property
    def task(self) -> tuple[object, ...]:
        """What must be the same of studies whose fronts stand in one picture."""
        if self.study is None:
            return ()
        head = self.study.head
        clips = head.identity.clips
        facts = (clips.train, clips.val, clips.digest, head.identity.score)
        return (self.study.objectives.names, head.classes, *facts)


class Board:
    """The studies of a folder; one thread looks, any may read.

    Args:
        folder: Folder that holds studies, or a study.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.studies: tuple[BoardStudy, ...] = ()
        self.is_read = False  # whether all of them were looked at
        self._lookouts: dict[Path, Lookout] = {}
        self._known: dict[Path, tuple[tuple[int, int], BoardStudy]] = {}

    def look(self) -> None:
        """Takes in what is new; studies that run come first, then the latest."""
        found = list(study_folders(self.folder))
        for folder in self._known.keys() - set(found):
            self._known.pop(folder)
            self._lookouts.pop(folder, None)
        seen = []
        for folder in found:
            seen.append(self._seen(folder))
            if not self.is_read:  # long journals take their time
                self.studies = tuple(sorted(seen, key=_place))
        self.studies, self.is_read = tuple(sorted(seen, key=_place)), True

    def named(self, name: str) -> BoardStudy | None:
        """The study of that name; None where the board has none."""
        return next((one for one in self.studies if one.name == name), None)

    def _seen(self, folder: Path) -> BoardStudy:
        name = folder.relative_to(self.folder).as_posix()
        name = self.folder.resolve().name if name == "." else name
        written = 0.0
        try:
            found = (folder / JOURNAL_FILE).stat()
            state, written = (found.st_mtime_ns, found.st_size), found.st_mtime
            before = self._known.get(folder)
            if before is not None and before[0] == state and not before[1].is_running:
                return before[1]
            lookout = self._lookouts.get(folder) or Lookout(folder)
            self._lookouts[folder] = lookout
            study, _ = lookout.look()
        except Exception as wrong:  # one study must not end the board
            self._lookouts.pop(folder, None)
            return BoardStudy(name, folder, written, fault=fault_words(wrong))
        seen = BoardStudy(name, folder, written, study)
        self._known[folder] = state, seen
        return seen


def fault_words(wrong: Exception) -> str:
    """Why something cannot be shown, as people read it."""
    if isinstance(wrong, VidnasError):
        return str(wrong)
    if isinstance(wrong, OSError) and wrong.strerror:
        return f"{wrong.filename or 'The folder'} cannot be read: {wrong.strerror}."
    return f"{type(wrong).__name__}: {wrong}"


def _place(one: BoardStudy) -> tuple[bool, float, str]:
    """Where a study stands: first what runs, by name; then the latest."""
    return not one.is_running, 0.0 if one.is_running else -one.written, one.name


def study_folders(folder: Path, deepest: int = DEEPEST) -> Iterator[Path]:
    """Folders that hold a journal: itself, or below; none within another.

    Args:
        folder: Folder to look in.
        deepest: Number of folders to go down.
    """
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError:  # it is gone, or nobody may look
        return
    if any(entry.name == JOURNAL_FILE for entry in inside):
        yield folder
        return
    for entry in inside:
        if deepest and not entry.name.startswith(".") and _is_folder(entry):
            yield from study_folders(folder / entry.name, deepest - 1)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round
        return False

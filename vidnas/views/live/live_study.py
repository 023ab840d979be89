"""How does a study stand, and what is on its front? Each look takes in what is new."""

from dataclasses import dataclass
from pathlib import Path

from vidnas.study.status.reader import StatusReader
from vidnas.study.status.status import Status
from vidnas.trials.front import Front
from vidnas.trials.objectives import Objectives


@dataclass(frozen=True, slots=True)
class LiveStudy:
    """A study as it stood at a look.

    Args:
        status: Status of the study.
        front: Trials that no other beats so far.
        objectives: What the study improves.
    """

    status: Status
    front: Front
    objectives: Objectives


class Lookout:
    """Looks at one study again and again.

    Args:
        folder: Study folder.

    Raises:
        StudyError: the folder holds no journal.
    """

    def __init__(self, folder: Path) -> None:
        self._reader = StatusReader(folder)

    def look(self) -> tuple[LiveStudy, bool]:
        """The study now, and whether a trial began or ended since the last look.

        Raises:
            OSError: the folder cannot be read now.
            JournalError: the journal is damaged.
        """
        changed = bool(self._reader.read())
        reader = self._reader
        return LiveStudy(reader.status(), reader.front, reader.objectives), changed

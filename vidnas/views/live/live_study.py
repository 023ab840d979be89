"""How does a study stand, and what is on its front? Each look takes in what is new."""

from dataclasses import dataclass
from pathlib import Path

from vidnas.study.experiment.recorded import Head
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
        head: Head of the study, with its experiment as last run.
    """

    status: Status
    front: Front
    head: Head

    @property
    def objectives(self) -> Objectives:
        """What the study improves."""
        return self.head.experiment.objectives

    @property
    def version(self) -> str:
        """Mark of what its trials tell, which another one of its trials changes."""
        status = self.status
        counts = ",".join(f"{n}{word}" for word, n in status.trials.items())
        return f"{status.state}:{counts}:{status.front}:{status.hypervolume}"


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
        return LiveStudy(reader.status(), reader.front, reader.head), changed

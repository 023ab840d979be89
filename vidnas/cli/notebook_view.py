"""What does a notebook show of a search that runs in it? One card, kept up to date."""

import logging
import sys
import threading
import warnings
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from vidnas.cli.output import notes_heard
from vidnas.errors import VidnasError
from vidnas.study.study import Study
from vidnas.trials.trial import Trial
from vidnas.views.live.card import notebook_card
from vidnas.views.live.live_study import LiveStudy, Lookout

INTERRUPTED = "Interrupted: what is finished is kept, and the same call goes on."
LOOK_SECONDS = 1.0  # between two looks at the study


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook, which shows HTML."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


class NotebookView:
    """A cell's view of a search, from its first line on; a context manager."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._lookout: Lookout | None = None
        self._seen: LiveStudy | None = None
        self._drawn = ""
        self._handle: Any = None
        self._lock = threading.Lock()
        self._ends = threading.Event()
        self._thread = threading.Thread(
            target=self._keep_looking, daemon=True, name="vidnas-notebook"
        )
        self._hearing = notes_heard(self._hear_note)

    def __enter__(self) -> "NotebookView":
        # The display is ours: nobody misses the widgets of Ray and its progress bars.
        logging.getLogger("ray.widgets.util").setLevel(logging.WARNING)
        warnings.filterwarnings("ignore", message="IProgress not found")
        self._hearing.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hearing.__exit__(kind, wrong, trace)
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(5 * LOOK_SECONDS)
        self._look(INTERRUPTED if isinstance(wrong, KeyboardInterrupt) else "")

    def of(self, study: Study) -> "Watched":
        """The part that follows a study while it runs; see `vidnas.cli.shown_run`."""
        return Watched(self, study.folder)

    def begin(self, folder: Path) -> None:
        """Begins to follow the study in a folder."""
        self._lookout = Lookout(folder)
        self._thread.start()

    def _hear_note(self, line: str) -> None:
        self._notes.append(line)
        self._draw("")

    def _keep_looking(self) -> None:
        while not self._ends.wait(LOOK_SECONDS):
            self._look("")

    def _look(self, end: str) -> None:
        if self._lookout is not None:
            try:
                self._seen, _ = self._lookout.look()
            except (OSError, VidnasError):  # the search itself says what is wrong
                return
        self._draw(end)

    def _draw(self, end: str) -> None:
        shown: Any = import_module("IPython.display")
        with self._lock:
            drawn = notebook_card(self._seen, self._notes, end)
            if drawn == self._drawn or not (self._seen or self._notes):
                return
            self._drawn = drawn
            if self._handle is None:
                self._handle = shown.display(shown.HTML(drawn), display_id=True)
            else:
                self._handle.update(shown.HTML(drawn))


class Watched:
    """A running study, as a notebook follows it; a context manager.

    Args:
        view: View of the cell.
        folder: Folder of the study.
    """

    def __init__(self, view: NotebookView, folder: Path) -> None:
        self._view = view
        self._folder = folder

    def __enter__(self) -> "Watched":
        self._view.begin(self._folder)
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing: the view looks once more when all is said."""

    def hear(self, trial: Trial) -> None:
        """Nothing: the view reads the journal, which tells of epochs too."""

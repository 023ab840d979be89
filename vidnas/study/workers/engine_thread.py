"""How is an engine run that may never return? In a thread, which can be given up.

A call into Ray may hang for good, such as once the head of its cluster is gone. The
study must end all the same, so the engine reaches it through a door that can be shut.
"""

import contextvars
import ctypes
import threading
from collections.abc import Callable, Sequence

from vidnas.errors import SurroundingsError
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.executor import Desk
from vidnas.trials.news import EpochEnd, Placed

LOOK_SECONDS = 0.1  # between two looks at whether the engine is given up
END_SECONDS = 10.0  # that an interrupted engine has to end


class Door:
    """A desk that can be shut: whoever comes later finds nobody there.

    Args:
        desk: The study.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._is_shut = False

    def shut(self) -> None:
        """Lets nobody in from now on; waits for whoever is in."""
        with self._lock:
            self._is_shut = True

    def next(self, free: Sequence[str] = ("",)) -> Assignment | None:
        """See `Desk`."""
        with self._lock:
            self._require_open()
            return self._desk.next(free)

    def placed(self, placed: Placed) -> None:
        """See `Desk`."""
        with self._lock:
            self._require_open()
            self._desk.placed(placed)

    def hear(self, epoch: EpochEnd) -> bool:
        """See `Desk`."""
        with self._lock:
            self._require_open()
            return self._desk.hear(epoch)

    def report(self, outcome: Outcome) -> None:
        """See `Desk`."""
        with self._lock:
            self._require_open()
            self._desk.report(outcome)

    def is_over(self) -> bool:
        """See `Desk`."""
        with self._lock:
            self._require_open()
            return self._desk.is_over()

    def _require_open(self) -> None:
        if self._is_shut:
            raise SurroundingsError("The study takes nothing more from this engine.")


class EngineThread(threading.Thread):
    """A thread that an engine runs in.

    Args:
        work: Function that returns when the engine is done.
        door: Door that the engine reaches the study through.
    """

    def __init__(self, work: Callable[[], object], door: Door) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._door = door
        self._context = contextvars.copy_context()
        self._error: BaseException | None = None

    def run(self) -> None:
        """Runs the engine; what it raises is for whoever waits."""
        try:
            self._context.run(self._work)
        except BaseException as wrong:
            self._error = wrong

    def wait(self, is_given_up: Callable[[], bool]) -> None:
        """Starts the engine and waits until it is done, or is given up.

        An interruption such as Ctrl-C is handed on to the engine.

        Args:
            is_given_up: Function that tells whether to wait no longer.
        """
        try:
            self.start()
            while self.is_alive() and not is_given_up():
                self.join(LOOK_SECONDS)
        except BaseException as wrong:
            self._end(type(wrong), END_SECONDS)
            raise
        if is_given_up():
            self._end(SystemExit, LOOK_SECONDS)
        elif self._error is not None:
            raise self._error

    def _end(self, error: type[BaseException], seconds: float) -> None:
        """Raises an error in the thread, which comes to it after the call it is in."""
        self._door.shut()
        ident = ctypes.c_ulong(self.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(error))
        if self.is_alive():
            self.join(seconds)

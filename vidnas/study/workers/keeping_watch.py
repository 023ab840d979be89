"""Who keeps the states of a training? Its watch, which never fails a trial for that."""

import logging
import socket
import threading
from collections.abc import Callable
from typing import ClassVar

from vidnas.study.workers.assignment import Assignment
from vidnas.study.workers.checkpoints import Checkpoint
from vidnas.trials.watch import Kept, State, Unwatched

SETTLE_SECONDS = 60.0  # that the end of a trial waits for silent storage
Work = Callable[[], None]
_log = logging.getLogger(__name__)


class KeepingWatch(Unwatched):
    """A watch that keeps states; what it hears of steps and epochs is for others.

    Args:
        assignment: Trial that is trained.
        in_background: Whether states are written by a thread, so that slow storage
            does not stop the training: of the states that wait the last is written.
    """

    def __init__(self, assignment: Assignment, *, in_background: bool = False) -> None:
        self._checkpoint = Checkpoint(assignment)
        self._epochs = assignment.fidelity.epochs
        self._leaves = assignment.leaves
        self._writer = _Writer() if in_background else None
        self.notice = ""  # why states are not kept; empty while they are

    def keep(self, epoch: int, state: State) -> None:
        """Keeps a state; the last one only where another trial may go on from it."""
        if epoch < self._epochs or self._leaves == "state":
            self._do(lambda: self._checkpoint.write(epoch, state))

    def kept(self) -> Kept | None:
        """The state to go on from."""
        return self._checkpoint.read()

    def trained(self, weights: Callable[[], bytes]) -> None:
        """Keeps the trained network where the study may show it."""
        if self._leaves == "weights" and self._checkpoint.is_wanted:
            content = weights()  # here, since no other thread computes
            self._do(lambda: self._checkpoint.write_weights(content))

    def settle(self) -> None:
        """Waits until all is written, for a time that storage may be silent."""
        if self._writer is not None and not self._writer.settle(SETTLE_SECONDS):
            self._complain(f"storage was silent for {SETTLE_SECONDS:g} s")

    def _do(self, write: Work) -> None:
        if not self._checkpoint.is_wanted:
            return
        if self._writer is None:
            self._attempt(write)
        elif not self._writer.do(lambda: self._attempt(write)):
            self._complain("storage is silent")

    def _attempt(self, write: Work) -> None:
        try:
            write()
        except OSError as wrong:
            self._complain(f"{self._checkpoint.place}: {wrong.strerror}")

    def _complain(self, why: str) -> None:
        if not self.notice:
            self.notice = (
                f"states of trainings are not kept on {socket.gethostname()}, so a "
                f"trial that is interrupted there begins anew: {why}"
            )
            _log.warning(self.notice)


class _Writer:
    """A thread that does the last of the works that wait."""

    _stuck: ClassVar[list[threading.Thread]] = []  # of this process, in silent storage

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._waiting: Work | None = None
        self._thread: threading.Thread | None = None

    def do(self, work: Work) -> bool:
        """Has a work done, unless another comes before its turn; whether it will be."""
        with self._change:
            self._stuck[:] = [thread for thread in self._stuck if thread.is_alive()]
            if self._stuck:
                return False  # of an earlier trial: no more memory waits there
            self._waiting = work
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            return True

    def settle(self, seconds: float) -> bool:
        """Waits until nothing is left to do; whether it came to that."""
        with self._change:
            if self._change.wait_for(self._is_idle, seconds):
                return True
            self._waiting = None
            if self._thread is not None:
                self._stuck.append(self._thread)
            return False

    def _is_idle(self) -> bool:
        return self._thread is None and self._waiting is None

    def _run(self) -> None:
        while True:
            with self._change:
                work, self._waiting = self._waiting, None
                if work is None:
                    self._thread = None
                    self._change.notify_all()
                    return
            work()

"""How is a training carried out so that it can be heard, and ended, while it runs?

It has a thread of its own, and whoever began it asks for news. One thread does all
trainings of a process: libraries keep what is theirs by thread.
"""

import threading
import time
from collections.abc import Mapping
from queue import Empty, SimpleQueue

from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.executor import Evaluate, carry_out
from vidnas.study.workers.keeping_watch import KeepingWatch
from vidnas.trials.news import EpochEnd
from vidnas.trials.watch import TrainingStoppedError


class TrainingThread:
    """A thread that carries out one assignment after another.

    Args:
        evaluate: Function that trains one architecture.
    """

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self._work: SimpleQueue[Assignment] = SimpleQueue()
        self._news: SimpleQueue[EpochEnd | Outcome] = SimpleQueue()
        self._stops = threading.Event()
        self._progress = time.monotonic()
        threading.Thread(target=self._run, daemon=True).start()

    def begin(self, assignment: Assignment) -> None:
        """Has an assignment carried out; the one before must have had its outcome."""
        self._stops.clear()
        self._progress = time.monotonic()
        self._work.put(assignment)

    def halt(self) -> None:
        """Ends the training at its next step."""
        self._stops.set()

    def news(self, seconds: float) -> EpochEnd | Outcome | None:
        """The next epoch or the outcome; None where there is none within that time."""
        try:
            return self._news.get(timeout=seconds)
        except Empty:
            return None

    @property
    def quiet_seconds(self) -> float:
        """Time since the training last made a step [s]."""
        return time.monotonic() - self._progress

    def advance(self) -> None:
        """Takes note of a step.

        Raises:
            TrainingStoppedError: the training is to end.
        """
        self._progress = time.monotonic()
        if self._stops.is_set():
            raise TrainingStoppedError

    def tell(self, epoch: EpochEnd) -> None:
        """Takes note of an epoch."""
        self._news.put(epoch)

    def _run(self) -> None:
        while True:
            assignment = self._work.get()
            watch = _ThreadWatch(self, assignment)
            self._news.put(carry_out(assignment, self._evaluate, watch))


class _ThreadWatch(KeepingWatch):
    """The watch of a training in a thread."""

    def __init__(self, thread: TrainingThread, assignment: Assignment) -> None:
        super().__init__(assignment, in_background=True)
        self._thread = thread
        self._number = assignment.number

    def step(self) -> None:
        """Takes a sign of progress."""
        self._thread.advance()

    def epoch(self, number: int, report: Mapping[str, float]) -> None:
        """Tells of an epoch and does not wait for an answer."""
        plain = {name: float(value) for name, value in report.items()}
        self._thread.tell(EpochEnd(self._number, number, plain))
        self._thread.advance()

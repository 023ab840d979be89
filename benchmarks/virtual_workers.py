"""An executor of as many workers as wanted, on a virtual clock.

The driver is real: its desk, ledger, journal and strategy. What it takes of processor
time passes on the virtual clock, and so does the length of every trial; nothing else.
"""

import heapq
import time
from collections.abc import Callable

from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.executor import Desk, Evaluate
from vidnas.trials.news import Placed

Seconds = Callable[[int], float]  # how long a trial takes, by its number


class VirtualWorkers:
    """Workers of which every one begins the next trial as soon as the driver gives it.

    Args:
        workers: Number of workers.
        ends: Trials that end before the clock stops.
        seconds: How long a trial takes [s], by its number.
        begins_full: Whether every worker is in the middle of a trial at the start; else
            all are free, and filling them counts.
    """

    def __init__(
        self, workers: int, ends: int, seconds: Seconds, *, begins_full: bool
    ) -> None:
        self._workers = workers
        self._ends = ends
        self._seconds = seconds
        self._begins_full = begins_full
        self._running: list[tuple[float, int]] = []  # when each ends, and its number
        self.clock = 0.0  # seconds
        self.idle = 0.0  # seconds of all workers together
        self.driver = 0.0  # seconds of processor time

    def run(self, desk: Desk, evaluate: Evaluate) -> None:
        """Carries out assignments until so many trials ended, or none is left."""
        self._begin(desk, [0.0] * self._workers)
        if self._begins_full:  # a trial that is in its middle ends sooner
            count = len(self._running)
            self._running = [
                (self._seconds(number) * (place + 1) / count, number)
                for place, (_, number) in enumerate(self._running)
            ]
            heapq.heapify(self._running)
            self.clock = self.idle = self.driver = 0.0
        ended = 0
        while self._running and ended < self._ends:
            self.clock = max(self.clock, self._running[0][0])
            free = []
            while self._running and self._running[0][0] <= self.clock:
                since, number = heapq.heappop(self._running)
                measured = evaluate(number)
                self._charge(desk.report, Outcome(number, measured))
                free.append(since)
            ended += len(free)
            self._begin(desk, free)

    @property
    def busy(self) -> float:
        """Share of all workers' time in which they trained."""
        return 1.0 - self.idle / (self._workers * self.clock)

    def _begin(self, desk: Desk, free: list[float]) -> None:
        """Gives trials to workers that are free since some moment each."""
        for since in free:
            assignment = self._charge(desk.next)
            if assignment is None:
                continue
            self._charge(desk.placed, Placed(assignment.number, "", "node", 1))
            self.idle += self.clock - since
            end = self.clock + self._seconds(assignment.number)
            heapq.heappush(self._running, (end, assignment.number))

    def _charge(self, call, *told):  # type: ignore[no-untyped-def]
        """What a call of the driver gives; the time it takes passes on the clock."""
        began = time.process_time()
        found = call(*told)
        took = time.process_time() - began
        self.clock += took
        self.driver += took
        return found

"""How are batches made while the one before is in use? In threads, a few ahead.

A batch is made in parts, by as many threads as there are; whoever ends last hands it
on. Order and content are those of the works, whatever the threads.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

WINDOW = 2  # batches made while one is in use: one may be slow, and none is waited for

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Work(Generic[_Result]):
    """What is to be done for one result.

    Args:
        parts: Functions that may run side by side, at least one.
        finish: Function that runs after all parts, and gives the result.
    """

    parts: Sequence[Callable[[], None]]
    finish: Callable[[], _Result]


class PreparedAhead(Iterator[_Result]):
    """Results of works in their order; the first are begun at once.

    An error of a part is raised in the place of its result, and ends the rest. Threads
    end with the last result, with `close`, or with the object.

    Args:
        works: Works, each taken only when it is begun.
        threads: Number of threads, at least 1.
        window: Results that are made while one is in use, at least 1.
    """

    def __init__(
        self, works: Iterable[Work[_Result]], *, threads: int, window: int = WINDOW
    ) -> None:
        self._works = iter(works)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="clips")
        self._pending: deque[Future[_Result]] = deque()
        self._closed = threading.Event()
        for _ in range(window):
            self._begin()

    def __next__(self) -> _Result:
        if not self._pending:
            self.close()
            raise StopIteration
        try:
            result = self._pending.popleft().result()
            self._begin()
        except BaseException:
            self.close()
            raise
        return result

    def close(self) -> None:
        """Drops what is not begun, and waits for the threads to end."""
        self._closed.set()
        self._pending.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __del__(self) -> None:
        self._closed.set()  # dropped half-way: nobody wants what is not begun

    def _begin(self) -> None:
        work = next(self._works, None)
        if work is not None:
            outcome: Future[_Result] = Future()
            self._pending.append(outcome)
            run = _Run(work, outcome, self._closed)
            for part in work.parts:
                self._pool.submit(run.part, part)


class _Run(Generic[_Result]):
    """One work in progress; the last part to end sets its outcome."""

    def __init__(
        self, work: Work[_Result], outcome: "Future[_Result]", closed: threading.Event
    ) -> None:
        self._finish = work.finish
        self._left = len(work.parts)
        self._outcome = outcome
        self._closed = closed
        self._lock = threading.Lock()

    def part(self, part: Callable[[], None]) -> None:
        wrong: BaseException | None = None
        if not self._closed.is_set() and not self._outcome.done():
            try:
                part()
            except BaseException as error:  # it belongs to whoever waits
                wrong = error
        with self._lock:
            self._left -= 1
            last = self._left == 0
            if wrong is not None and not self._outcome.done():
                self._outcome.set_exception(wrong)
        if last and not self._closed.is_set() and not self._outcome.done():
            try:
                self._outcome.set_result(self._finish())
            except BaseException as error:
                self._outcome.set_exception(error)

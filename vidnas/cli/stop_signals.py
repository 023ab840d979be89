"""What does a signal do that asks a search to end? The same as Ctrl-C: nothing is lost.

A closed terminal (SIGHUP) and a scheduler (SIGTERM) are as little a sign of a trial's
failure as a person is.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_as_by_ctrl_c() -> Iterator[None]:
    """A scope in which SIGTERM and SIGHUP raise KeyboardInterrupt.

    One that is ignored, as `nohup` has it, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heard = [n for n, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt

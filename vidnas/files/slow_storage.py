"""What is heard of a storage that is silent? That it is, and when it is back.

A write to a network file system whose server is away waits in the kernel, and nothing
can be done about it but to say so.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SLOW_SECONDS = 15.0
_LOG = logging.getLogger("vidnas")  # without a handler of the user's, on stderr


@contextmanager
def said_where_slow(what: str) -> Iterator[None]:
    """Says it when what is done inside takes long, once, and when it is over.

    Args:
        what: What is waited for, as `runs/x/journal.jsonl to take a record`.
    """
    began = time.monotonic()
    said = threading.Event()

    def say() -> None:
        said.set()
        _LOG.warning("waiting for %s since %.0f s", what, SLOW_SECONDS)

    timer = threading.Timer(SLOW_SECONDS, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if said.is_set():
            _LOG.warning("waited %.0f s for %s", time.monotonic() - began, what)

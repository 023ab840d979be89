"""Why is the garbage collector off while a journal is read? Nothing of it is garbage.

It would look at all records so far again and again, a third of the time of reading;
and once more at all of them as soon as it may, a second at 100,000 trials.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off() -> Iterator[None]:
    """Keeps the collector from looking, and later from looking at what came meanwhile.

    What nothing refers to any more is freed as ever, cycles excepted.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.freeze()
            gc.enable()

"""How many threads does linear algebra take? One: trainings have the other cores.

A search proposes while its workers train. Threads that wait for busy cores made a
proposal of half a second take eleven (D21).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Holds numpy's linear algebra to one thread; as decorator, or with `with`."""
    with _pools().limit(limits=1, user_api="blas"):
        yield


@cache
def _pools() -> ThreadpoolController:
    """The libraries that numpy has loaded; looking for them takes a millisecond."""
    return ThreadpoolController()

"""Where in a network may a tensor be integers? At its sites, in the order it is run.

A site is a tensor that a phone would hold in 8 bits: what follows a convolution with
its activation, a sum, a gate. Means over frames, the counter and the classifier are
none: they stay float. Nothing happens at a site unless somebody looks: export observes
ranges on real streams, and rounds to them in the graph that it converts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from vidnas.nets.layers.tensor import Tensor


class Watcher(Protocol):
    """Who looks at the sites of a network while it is run."""

    def at(self, x: Tensor) -> Tensor:
        """What takes the place of a tensor at the next site."""
        ...

    def again(self, x: Tensor) -> Tensor:
        """What takes the place of a tensor that has the range of the last site."""
        ...


_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched_by(watcher: Watcher | None) -> Iterator[None]:
    """Who looks at the sites inside; None for nobody, so that all stays float."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def site(x: Tensor) -> Tensor:
    """A tensor that may be integers, as who looks wants it."""
    watcher = _WATCHER.get()
    return x if watcher is None else watcher.at(x)


def same_site(x: Tensor) -> Tensor:
    """A tensor of the kind that the last site held, such as its earlier frames."""
    watcher = _WATCHER.get()
    return x if watcher is None else watcher.again(x)

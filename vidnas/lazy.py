"""How does a room hand on names whose modules load TensorFlow, Ray or pandas? Late."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy_names(
    room: str,
    names: Mapping[str, Sequence[str]],
    before: Callable[[str], None] = lambda module: None,
) -> Callable[[str], Any]:
    """A room's `__getattr__` (PEP 562): a module is imported when a name is asked for.

    Args:
        room: Name of the package, for messages.
        names: Names that each module hands on, by the module's own name.
        before: Function that gets the name of a module before it is imported.
    """
    modules = {name: module for module, found in names.items() for name in found}

    def look_up(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module '{room}' has no attribute '{name}'")
        before(modules[name])
        return getattr(import_module(modules[name]), name)

    return look_up

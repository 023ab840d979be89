"""How does a value of a pure room show itself in a notebook? As a view registered it.

A notebook asks a value for `_repr_html_` and `_repr_svg_`. What answers stands in the
views, far above; they register it, and a value of which nothing is registered shows its
text.
"""

from collections.abc import Callable
from typing import Any, Literal

Form = Literal["html", "svg"]
_SHOWN: dict[tuple[type, Form], Callable[[Any], str]] = {}


class Displayed:
    """What may show itself in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        return _shown(self, "html")

    def _repr_svg_(self) -> str | None:
        return _shown(self, "svg")


def register_display(
    kind: type[Displayed], form: Form, show: Callable[[Any], str]
) -> None:
    """Values of a kind show themselves so, in one form; the last registered counts.

    Args:
        kind: Class of the values.
        form: What the function gives, `html` or `svg`.
        show: Function of a value that gives the text in that form.
    """
    _SHOWN[kind, form] = show


def _shown(value: Displayed, form: Form) -> str | None:
    """The value in a form; None where nothing is registered for its class."""
    for kind in type(value).__mro__:
        if (kind, form) in _SHOWN:
            return _SHOWN[kind, form](value)
    return None

"""What may stand in one place? Kinds of values, and how far each may go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vidnas.architecture.kernel import Kernel

MOST_TAPS = 99  # of a kernel along one axis
MOST_ANY = 10**9  # what a named choice offers


@dataclass(frozen=True, slots=True)
class Place:
    """What may stand in one place.

    Args:
        kind: `whole`, `number` (above 0), `flag`, `kernel`, `word` or `any`.
        least: Of a whole number.
        words: That may stand there.
        per: Whether a choice there is one per `layer`, per `stage` or, "", per network.
        most: Of a number. Beyond it nothing is built, and memory or time run out.
        layered: Whether it may differ from layer to layer.
    """

    kind: str
    least: int = 1
    words: tuple[str, ...] = ()
    per: str = ""
    most: int = 100_000
    layered: bool = False

    def fault(self, value: Any) -> str:
        """What a value must be that cannot stand here, or "" for one that can."""
        return _FAULTS[self.kind](self, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole_fault(place: Place, value: Any) -> str:
    if not _is_number(value) or value != value // 1 or value < place.least:
        return f"a whole number of at least {place.least}"
    return f"a whole number of at most {place.most}" if value > place.most else ""


def _number_fault(place: Place, value: Any) -> str:
    if not _is_number(value) or not value > 0:
        return "a number above 0"
    return f"a number of at most {place.most}" if value > place.most else ""


def _flag_fault(place: Place, value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _kernel_fault(place: Place, value: Any) -> str:
    if not isinstance(value, Kernel):
        return "a kernel such as `3x3x3`"
    sides = min(value), max(value)
    if sides[0] < 1 or any(side % 2 == 0 for side in value):
        return "a kernel of odd sides such as `3x3x3`"
    return f"a kernel of at most {MOST_TAPS} a side" if sides[1] > MOST_TAPS else ""


def _word_fault(place: Place, value: Any) -> str:
    if value in place.words:
        return ""
    return f"one of {', '.join(word for word in place.words if word)}"


def _any_fault(place: Place, value: Any) -> str:
    if isinstance(value, bool | str | Kernel):
        return ""
    if not _is_number(value) or not abs(value) <= MOST_ANY:
        return f"a word, a kernel, a flag or a number of at most {MOST_ANY}"
    return ""


_FAULTS: Mapping[str, Callable[[Place, Any], str]] = {
    "whole": _whole_fault,
    "number": _number_fault,
    "flag": _flag_fault,
    "kernel": _kernel_fault,
    "word": _word_fault,
    "any": _any_fault,
}

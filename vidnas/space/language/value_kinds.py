"""What may stand in a place? Kinds of values, and how far each may go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vidnas.architecture.fields import MOST_TAPS, one_of
from vidnas.architecture.kernel import Kernel

MOST_ANY = 10**9  # what a named choice offers


@dataclass(frozen=True, slots=True)
class ValueKind:
    """What may stand in a place.

    Args:
        name: `whole`, `number`, `flag`, `kernel`, `word` or `any`.
        least: Smallest whole number. Other numbers are above 0, or where this is 0, at
            least that.
        words: Words that may stand there.
        per: Whether a choice there is one per `layer`, per `stage` or, "", per network.
        most: Largest number. Beyond it nothing is built: memory or time run out.
        layered: Whether the value may differ from layer to layer.
        only: Whole numbers that may stand there; none for all of them.
    """

    name: str
    least: int = 1
    words: tuple[str, ...] = ()
    per: str = ""
    most: int = 100_000
    layered: bool = False
    only: tuple[int, ...] = ()

    def fault(self, value: Any) -> str:
        """What a value must be that cannot stand here, or "" for one that can."""
        return _FAULTS[self.name](self, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole_fault(kind: ValueKind, value: Any) -> str:
    if kind.only:
        fits = _is_number(value) and value in kind.only
        return "" if fits else one_of(kind.only)
    if not _is_number(value) or value != value // 1 or value < kind.least:
        return f"a whole number of at least {kind.least}"
    return f"a whole number of at most {kind.most}" if value > kind.most else ""


def _number_fault(kind: ValueKind, value: Any) -> str:
    if not _is_number(value) or not (value > 0 or value == kind.least):
        return "a number above 0" if kind.least else "a number of at least 0"
    return f"a number of at most {kind.most}" if value > kind.most else ""


def _flag_fault(kind: ValueKind, value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _kernel_fault(kind: ValueKind, value: Any) -> str:
    if not isinstance(value, Kernel):
        return "a kernel such as `3x3x3`"
    sides = min(value), max(value)
    if sides[0] < 1 or any(side % 2 == 0 for side in value):
        return "a kernel of odd sides such as `3x3x3`"
    return f"a kernel of at most {MOST_TAPS} a side" if sides[1] > MOST_TAPS else ""


def _word_fault(kind: ValueKind, value: Any) -> str:
    if value in kind.words:
        return ""
    return f"one of {', '.join(word for word in kind.words if word)}"


def _any_fault(kind: ValueKind, value: Any) -> str:
    if isinstance(value, str) and not value.isprintable():
        return "one line of text"
    if isinstance(value, bool | str | Kernel):
        return ""
    if not _is_number(value) or not abs(value) <= MOST_ANY:
        return f"a word, a kernel, a flag or a number of at most {MOST_ANY}"
    return ""


_FAULTS: Mapping[str, Callable[[ValueKind, Any], str]] = {
    "whole": _whole_fault,
    "number": _number_fault,
    "flag": _flag_fault,
    "kernel": _kernel_fault,
    "word": _word_fault,
    "any": _any_fault,
}

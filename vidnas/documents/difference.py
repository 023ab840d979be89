"""What differs between two documents, place by place, in words?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One place of a document that differs.

    Args:
        place: Such as `stages[1].kernel`.
        before: What stood there, None for nothing.
        after: What stands there, None for nothing.
    """

    place: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.place}: new, {_text(self.after)}"
        if self.after is None:
            return f"{self.place}: gone, was {_text(self.before)}"
        if isinstance(self.before, list) and isinstance(self.after, list):
            added = [one for one in self.after if one not in self.before]
            gone = [one for one in self.before if one not in self.after]
            parts = [f"{_text(added)} added"] * bool(added)
            parts += [f"{_text(gone)} gone"] * bool(gone)
            return f"{self.place}: {', '.join(parts) or 'another order'}"
        return f"{self.place}: {_text(self.before)} -> {_text(self.after)}"


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs, in the order of the documents."""
    return tuple(_changes("", before, after))


def _changes(place: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{place}.{key}".lstrip(".")
            yield from _changes(inner, before.get(key), after.get(key))
    elif _of_mappings(before) and _of_mappings(after):
        for n in range(max(len(before), len(after))):
            pair = [side[n] if n < len(side) else None for side in (before, after)]
            yield from _changes(f"{place}[{n}]", *pair)
    else:
        yield Change(place, before, after)


def _of_mappings(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)

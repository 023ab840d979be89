"""How is a document read? Values know their line, so every error names it (D20)."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from vidnas.documents.quantity import BYTES, COUNT, Unit, parse_quantity
from vidnas.documents.suggestion import nearest
from vidnas.documents.visible_text import name_fault, visible
from vidnas.errors import InputError

Path = tuple[str | int, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from.

    Args:
        name: File name, or what stands for it (`space 'quickstart'`).
        lines: Line of each path, counted from 1; empty for documents made in Python.
        error: Error class that wrong values raise.
    """

    name: str
    lines: Mapping[Path, int] = field(default_factory=dict)
    error: type[InputError] = InputError

    def place(self, path: Path) -> str:
        """`file.yaml, line 12`, or the name alone where no line is known."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return f"{self.name}, line {self.lines[path[:length]]}"
        return self.name


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document: reads itself as a type, or says why it cannot.

    Every reader raises the origin's error, which says where, what must hold and what
    came.

    Args:
        value: Value as YAML or JSON gives it.
        origin: Origin of the document.
        path: Keys and indices that lead to the value from the top.
    """

    value: Any
    origin: Origin
    path: Path = ()

    @property
    def label(self) -> str:
        """The path as a person writes it: `stages[1].depth`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}"
        return text.lstrip(".") or "document"

    def error(self, must: str, *, hint: str = "") -> InputError:
        """An error at this line that says what must hold and ends with what came."""
        return self.complaint(f"{must}, got {_text(self.value)}.{hint}")

    def complaint(self, sentence: str) -> InputError:
        """An error at this line that says `sentence`."""
        line = visible(" ".join(sentence.split()), keep="")  # whatever it held
        return self.origin.error(f"{self.origin.place(self.path)}: {line}")

    def child(self, key: str | int) -> "Node":
        """The value under `key`, which must be there."""
        return Node(self.value[key], self.origin, (*self.path, key))

    def fields(self, *known: str) -> "Node":
        """This node, which must be a mapping with no keys but `known`."""
        if not isinstance(self.value, dict):
            raise self.error(f"`{self.label}` must be a mapping")
        for key in self.value:
            if key not in known:
                raise self.child(key).complaint(
                    f"unknown key {_text(key)} in `{self.label}`; it must be one of "
                    f"{', '.join(known)}.{nearest(key, known)}"
                )
        return self

    def get(self, key: str) -> "Node | None":
        """The value under `key` of a mapping, or None where it is absent."""
        return self.child(key) if key in self._mapping() else None

    def need(self, key: str) -> "Node":
        """The value under `key` of a mapping; it is an error if the key is absent."""
        if key not in self._mapping():
            raise self.complaint(f"`{self.label}` must have the key `{key}`.")
        return self.child(key)

    def require(self, *paths: str) -> "Node":
        """This node, which must hold every one of `paths`; names all it lacks at once.

        Args:
            paths: Keys, or keys below keys, such as `clips.folder`; a key below one
                that is no mapping is left to whoever reads that.
        """
        missing = [path for path in paths if _lacks(self.value, path.split("."))]
        # A key below one that is missing itself is named with it.
        named = [path for path in missing if path.rpartition(".")[0] not in missing]
        if named:
            *first, last = [f"`{path}`" for path in named]
            keys = f"keys {', '.join(first)} and {last}" if first else f"key {last}"
            raise self.complaint(f"`{self.label}` must have the {keys}.")
        return self

    def _mapping(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.error(f"`{self.label}` must be a mapping")
        return self.value

    def read(self, key: str, reader: "Callable[[Node], T]", default: T) -> T:
        """The value under `key` as `reader` reads it, or `default` where absent."""
        found = self.get(key)
        return default if found is None else reader(found)

    def items(self) -> "Iterator[Node]":
        """The elements of a list that must not be empty."""
        if not isinstance(self.value, list):
            raise self.error(f"`{self.label}` must be a list")
        if not self.value:
            raise self.complaint(
                f"`{self.label}` must offer at least one option, got an empty list."
            )
        return (self.child(index) for index in range(len(self.value)))

    def options(self, reader: "Callable[[Node], T]") -> tuple[T, ...]:
        """One value or a list of different ones, each as `reader` reads it."""
        nodes = list(self.items()) if isinstance(self.value, list) else [self]
        seen: list[T] = []
        for node in nodes:
            value = reader(node)
            if value in seen:
                raise node.error(f"options of `{self.label}` must differ")
            seen.append(value)
        return tuple(seen)

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str) or not self.value:
            raise self.error(f"`{self.label}` must be text")
        return self.value

    def name(self) -> str:
        """A name: text of one line that may become a folder."""
        text = self.text()
        fault = name_fault(text)
        if fault:
            raise self.error(f"`{self.label}` {fault}")
        return text

    def one_of(self, *words: str) -> str:
        """One of `words`."""
        if self.value not in words:
            raise self.error(
                f"`{self.label}` must be one of {', '.join(words)}",
                hint=nearest(self.value, words),
            )
        return str(self.value)

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.error(f"`{self.label}` must be true or false")
        return self.value

    def integer(self, minimum: int = 1, maximum: int | None = None) -> int:
        """A whole number of at least `minimum`."""
        value = self.value
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < minimum or (maximum is not None and value > maximum):
            limit = f"of at least {minimum}"
            if maximum is not None:
                limit = f"from {minimum} to {maximum}"
            raise self.error(f"`{self.label}` must be a whole number {limit}")
        return int(value)

    def number(self, minimum: float = 0.0, maximum: float = math.inf) -> float:
        """A finite number from `minimum` to `maximum`."""
        value = self.value
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if not numeric or not _is_finite(value) or not minimum <= value <= maximum:
            limit = f"of at least {minimum:g}"
            if math.isfinite(maximum):
                limit = f"from {minimum:g} to {maximum:g}"
            raise self.error(f"`{self.label}` must be a number {limit}")
        return float(value)

    def quantity(self, unit: Unit = COUNT) -> float:
        """A positive number of a unit, with a suffix of it: `20 M`, `64 MiB`, 2e7."""
        parsed = parse_quantity(self.value, unit)
        if parsed is None or parsed <= 0:
            raise self.error(
                f"`{self.label}` must be a positive quantity such as {unit.example}"
            )
        return parsed

    def byte_count(self) -> float:
        """A positive number of bytes."""
        return self.quantity(BYTES)


def _lacks(value: Any, keys: list[str]) -> bool:
    first, *rest = keys
    if not isinstance(value, dict):
        return False
    return first not in value or (bool(rest) and _lacks(value[first], rest))


def _is_finite(value: float) -> bool:
    """Whether a number is finite, and a whole one no larger than a float holds."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


_SHOWN = 60  # characters of a value in a message


def _text(value: Any) -> str:
    if isinstance(value, str):
        return f"`{value}`" if len(value) <= _SHOWN else f"`{value[: _SHOWN - 3]}...`"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."

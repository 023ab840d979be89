"""How is an annotation file read? As lines, rows, JSON or names of classes."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.readers.reader import Findings, composed
from vidnas.documents.suggestion import nearest
from vidnas.documents.visible_text import visible
from vidnas.errors import ClipError

_MOST_CELL = 2**24  # characters; the csv module stops at 131072


def read_text(path: Path, findings: Findings) -> str:
    """The text of a file, without a mark of byte order; lines end in a newline.

    Raises:
        ClipError: it cannot be read.
    """
    findings.watch(path)
    try:
        raw = path.read_bytes()
    except OSError as wrong:
        raise ClipError(
            f"An annotation file must be there, {path} cannot be read: "
            f"{wrong.strerror}."
        ) from wrong
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = raw.decode("utf-16", errors="replace")
    else:  # bytes that are no UTF-8 are those of file names, as Python gives them
        text = raw.decode("utf-8-sig", errors="surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_lines(path: Path, findings: Findings) -> list[tuple[int, str]]:
    """Lines that hold something, each with its number from 1."""
    lines = enumerate(read_text(path, findings).split("\n"), start=1)
    return [(number, line) for number, line in lines if line.strip()]


def read_rows(path: Path, findings: Findings) -> list[dict[str, str]]:
    """Rows of a table by the names in its first line, in small letters.

    The separator is what stands in the first line: a tab, a semicolon or a comma.

    Raises:
        ClipError: the file cannot be read, or has no line.
    """
    text = read_text(path, findings)
    head = text.lstrip("\n").partition("\n")[0]
    if not head.strip():
        raise ClipError(f"A table must have a first line of names, {path} is empty.")
    separator = next((mark for mark in "\t;," if mark in head), ",")
    first, *rows = cells(text.lstrip("\n"), separator)
    names = [name.strip().casefold() for name in first]
    _require_different(names, path)
    if rows and rows[-1] and "\n" in rows[-1][-1] and text.rstrip()[-1] != '"':
        raise ClipError(
            f"A quote must be closed, {path} opens one that is not: "
            f"{visible(rows[-1][-1].splitlines()[0], keep='')}."
        )
    return [
        dict(zip(names, (*row, *[""] * len(names)), strict=False))
        for row in rows
        if any(cell.strip() for cell in row)
    ]


def _require_different(names: list[str], path: Path) -> None:
    """Raises where two columns have one name."""
    for name in filter(None, names):
        if names.count(name) > 1:
            raise ClipError(
                f"Columns must differ, {path} has `{visible(name, keep='')}` twice."
            )


def cells(text: str, separator: str) -> Iterator[list[str]]:
    """Rows of cells, quoted or not."""
    csv.field_size_limit(_MOST_CELL)
    # A blank before a quote belongs to no name, as one within a name does.
    blanks = f'{separator} "' in text
    return csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=blanks)


def need_columns(
    rows: list[dict[str, str]], names: tuple[str, ...], path: Path
) -> None:
    """Raises where a table lacks a column.

    Raises:
        ClipError: names the column and those there are.
    """
    there = list(rows[0]) if rows else []
    for name in names:
        if rows and name not in there:
            raise ClipError(
                f"{path} must have the column `{name}`, it has "
                f"{named_columns(there)}.{nearest(name, there)}"
            )


def named_columns(names: Iterable[str]) -> str:
    """Names of columns as they are seen: `` `path`, `label` ``."""
    return ", ".join(f"`{visible(name, keep='')}`" for name in names)


def read_json(path: Path, findings: Findings) -> Any:
    """What a JSON file holds.

    Raises:
        ClipError: it cannot be read, or is no JSON.
    """
    try:
        return json.loads(read_text(path, findings))
    except (ValueError, RecursionError) as wrong:
        raise ClipError(f"{path} must be JSON: {wrong}.") from wrong


def read_classes(path: Path, findings: Findings) -> dict[int, str]:
    """Names of classes by their numbers in annotations.

    Four forms are read: JSON, a list or a map of names to numbers; lines of a number
    and a name (`1 ApplyEyeMakeup`, `c000 Holding some clothes`); lines of a name, a
    comma and a number; lines of a name each, numbered from 0.

    Raises:
        ClipError: the file cannot be read, or two classes have a number or a name.
    """
    if path.suffix.lower() == ".json":
        pairs = list(_pairs_of_json(read_json(path, findings), path))
    else:
        lines = [line.strip() for _, line in read_lines(path, findings)]
        pairs = list(_pairs_of_lines(lines))
    found: dict[int, str] = {}
    for number, name in pairs:
        if number in found or name in found.values():
            raise ClipError(
                f"Classes must differ, {path} has `{name}`, number {number}, twice."
            )
        found[number] = name
    if not found:
        raise ClipError(f"A list of classes must name some, {path} is empty.")
    return found


def _pairs_of_json(value: Any, path: Path) -> Iterator[tuple[int, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            name, number = (one, key) if str(key).strip().isdecimal() else (key, one)
            if not str(number).strip().isdecimal():
                raise ClipError(
                    f"Classes must have whole numbers, {path} has `{number}` of "
                    f"`{name}`."
                )
            yield int(number), composed(str(name))
    elif isinstance(value, list):
        yield from ((n, composed(str(name))) for n, name in enumerate(value))
    else:
        raise ClipError(f"{path} must hold a list or a map of names of classes.")


_BEFORE = re.compile(r"c?(\d+)[\s,;:]+(.*\S)", re.IGNORECASE)
_AFTER = re.compile(r'"?(.*?\S)"?\s*[,;\t]\s*(\d+)')


def _pairs_of_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    before = [_BEFORE.fullmatch(line) for line in lines]
    after = [_AFTER.fullmatch(line) for line in lines]
    if all(before):
        yield from ((int(one[1]), _unquoted(one[2])) for one in before if one)
    elif all(after):
        yield from ((int(one[2]), _unquoted(one[1])) for one in after if one)
    else:
        yield from ((n, _unquoted(line)) for n, line in enumerate(lines))


def _unquoted(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('""', '"')
    return composed(name)


def rows_of_classes(
    numbers: Mapping[int, str],
) -> tuple[tuple[str, ...], dict[int, int]]:
    """Names in the order of their numbers, and the position of each number."""
    order = sorted(numbers)
    return tuple(numbers[n] for n in order), {n: at for at, n in enumerate(order)}


def seconds(cell: str) -> float | None:
    """A time in a table [seconds]; None where the cell holds none."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


_NO_TIME = {"", "nan", "none", "null", "na", "n/a", "-"}


def part_of_video(
    start: str, end: str, what: str, findings: Findings
) -> tuple[float | None, float | None] | None:
    """The part that two cells of a table name [seconds]; an empty one, none.

    Args:
        start: Cell of the beginning.
        end: Cell of the end.
        what: What the row is of, as an example.
        findings: Findings that get a part that is none.

    Returns:
        Beginning and end; None where the cells name no part, which is noted.
    """
    stated = [cell.strip() for cell in (start, end)]
    times = [seconds(cell) for cell in stated]
    for cell, time in zip(stated, times, strict=True):
        if time is None and cell.casefold() not in _NO_TIME:
            findings.leave_out("time that is no number of seconds", f"{cell} of {what}")
            return None
    first, last = times
    if last is not None and (first or 0.0) >= last:
        findings.leave_out("part that ends before it begins", what)
        return None
    return first, last

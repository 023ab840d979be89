"""How do trials come in from elsewhere? As a table with a line for each.

Cells apart by commas or tabs, with names of columns on the first line, as spreadsheets
and our own tables write them.
"""

import csv
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vidnas.errors import InputError


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of a table.

    Args:
        place: File and line, for messages.
        cells: Text by name of the column, without those that are empty.
    """

    place: str
    cells: dict[str, str]

    def number(self, name: str) -> float | None:
        """The finite number in a column; None where the cell is empty.

        Raises:
            InputError: it is another text.
        """
        text = self.cells.get(name)
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"{self.place}: `{name}` must be a number, got `{text}`.")
        return number

    def count(self, name: str) -> int | None:
        """The whole number in a column, 0 or more; None where the cell is empty.

        Raises:
            InputError: it is another text.
        """
        number = self.number(name)
        if number is None:
            return None
        if number < 0 or number != int(number):
            raise InputError(
                f"{self.place}: `{name}` must be a whole number of at least 0, got "
                f"`{self.cells[name]}`."
            )
        return int(number)


@dataclass(frozen=True, slots=True)
class TrialTable:
    """Trials that were made elsewhere.

    Args:
        path: File of the table.
        columns: Names of the columns, in order.
        rows: Rows of the table, blank ones left out.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def read_trial_table(path: Path) -> TrialTable:
    """The table of a file.

    Raises:
        InputError: it is no such text, has no lines under its names, or a line has more
            cells than there are names.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise InputError(
            f"A table of trials must be a text file in UTF-8, {path} cannot be read: "
            f"{getattr(wrong, 'strerror', None) or 'it holds other bytes'}."
        ) from wrong
    lines = text.splitlines(keepends=True)
    tabs = bool(lines) and "\t" in lines[0]
    reader = csv.reader(lines, delimiter="\t" if tabs else ",", strict=True)
    try:
        columns = tuple(name.strip() for name in next(reader, []))
        _require_names(columns, path)
        rows = []
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append(_row(columns, stripped, f"{path}, line {reader.line_num}"))
    except csv.Error as wrong:
        raise InputError(
            f"{path}, line {reader.line_num}: a line must be cells apart by commas or "
            f"tabs, got one that is none: {wrong}."
        ) from wrong
    if not rows:
        raise InputError(f"A table of trials must have lines, {path} has none.")
    return TrialTable(path, columns, tuple(rows))


def _require_names(columns: Sequence[str], path: Path) -> None:
    if not any(columns):
        raise InputError(
            f"{path}, line 1: a table must begin with names of its columns, got none."
        )
    name, times = Counter(filter(None, columns)).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"{path}, line 1: a column must stand once, `{name}` stands {times} times."
        )


def _row(columns: Sequence[str], cells: Sequence[str], place: str) -> TableRow:
    beyond = [cell for cell in cells[len(columns) :] if cell]
    if beyond:
        raise InputError(
            f"{place}: a line must have no more cells than line 1 has names, "
            f"{len(columns)}, got `{beyond[0]}` beyond them."
        )
    named = zip(columns, cells, strict=False)
    return TableRow(place, {name: cell for name, cell in named if name and cell})

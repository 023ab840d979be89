"""How is an index written for a user? As parquet, or as a table that `table:` reads."""

import csv
import io
from pathlib import Path

from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.readers.saved_index import write_index
from vidnas.errors import InputError
from vidnas.whole_file import write_whole

_SUFFIXES = (".parquet", ".csv")
_BETWEEN = "|"  # between the labels of one clip


def require_index_name(path: Path) -> None:
    """Raises where a file has no name of an index.

    Raises:
        InputError: it ends otherwise.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"An index must end in .parquet or .csv, got {path}.")


def save_index(path: Path, index: ClipIndex) -> None:
    """Writes an index to a file of either kind; parquet keeps the order of classes.

    Args:
        path: File to write.
        index: Index to keep.

    Raises:
        InputError: a name of a class cannot stand in a table.
    """
    if path.suffix.lower() == ".parquet":
        write_index(path, index)
        return
    for name in index.classes:
        if any(mark in name for mark in ";|"):
            raise InputError(
                f"Classes in a table must have names without `;` and `|`, got `{name}`."
                " Write a .parquet file."
            )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("path", "label", "start", "end", "split", "group", "id"))
    for entries in index.splits.values():
        writer.writerows(_row(entry, index) for entry in entries)
    write_whole(path, text.getvalue().encode(errors="surrogateescape"))


def _row(entry: ClipEntry, index: ClipIndex) -> tuple[object, ...]:
    labels = _BETWEEN.join(index.classes[label] for label in entry.labels)
    part = ("" if at is None else at for at in (entry.start, entry.end))
    return entry.path, labels, *part, entry.split, entry.group, entry.id

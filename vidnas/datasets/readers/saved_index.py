"""How is an index kept in a file? Parquet: a row a clip, the classes in its metadata.

Names of files are any bytes but a slash and a zero. Where all of a column are UTF-8 it
holds text, for other programs to read; else it holds the bytes.
"""

import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.parquet_file import read_parquet
from vidnas.datasets.readers.reader import UNSPLIT, Findings, Listing
from vidnas.datasets.store import is_address
from vidnas.documents.visible_text import visible
from vidnas.errors import ClipError
from vidnas.whole_file import write_whole

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

INDEX_SCHEMA = "vidnas.clips/v1"
_SPLITS = ("train", "val", "test", UNSPLIT)
_ABOUT = b"vidnas"  # key of the metadata
_NAMES = ("path", "split", "group", "id")  # columns of names


def write_index(
    path: Path, index: ClipIndex, columns: Mapping[str, Sequence[Any]] | None = None
) -> None:
    """Writes an index to a parquet file.

    Args:
        path: File to write.
        index: Index to keep.
        columns: Further columns by name, in the order of the splits and their entries.

    Raises:
        OSError: the file cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    entries = [entry for found in index.splits.values() for entry in found]
    about = {
        "schema": INDEX_SCHEMA,
        "classes": list(index.classes),
        "multi_label": index.multi_label,
        "root": str(index.root),
        "left_out": [[o.reason, o.count, o.example] for o in index.left_out],
    }
    table = pa.table(
        {
            **{name: _names([getattr(e, name) for e in entries]) for name in _NAMES},
            "labels": pa.array([list(e.labels) for e in entries], pa.list_(pa.int32())),
            "start": pa.array([e.start for e in entries], pa.float64()),
            "end": pa.array([e.end for e in entries], pa.float64()),
            **{
                name: pa.array(list(values)) for name, values in (columns or {}).items()
            },
        }
    ).replace_schema_metadata({_ABOUT: json.dumps(about).encode()})
    content = io.BytesIO()
    parquet.write_table(table, content, compression="zstd")
    write_whole(path, content.getvalue())


def read_saved_index(
    path: Path, options: Mapping[str, Any], findings: Findings
) -> Listing:
    """The clips in an index that `write_index` wrote.

    Args:
        path: Parquet file.
        options: `videos`: folder that the videos moved to from where they were.
        findings: Findings of the reader.

    Raises:
        ClipError: the file cannot be read, or is no index.
    """
    findings.watch(path)
    about, columns = read_columns(path)
    try:
        classes = tuple(map(str, about["classes"]))
        root, several = str(about["root"]), bool(about["multi_label"])
        rows = list(zip(*(columns[name] for name in _COLUMNS), strict=True))
        entries = [_entry(row, path.parent) for row in rows]
    except (KeyError, TypeError, ValueError) as wrong:
        raise ClipError(
            f"{path} is damaged: a column or a name is not there."
        ) from wrong
    known = set(range(len(classes)))
    if any(not known.issuperset(entry.labels) for entry in entries):
        raise ClipError(f"{path} is damaged: a label is not one of its classes.")
    other = next((entry for entry in entries if entry.split not in _SPLITS), None)
    if other is not None:
        raise ClipError(
            f"Splits of {path} must be {', '.join(_SPLITS)}, got "
            f"`{visible(other.split, keep='')}`."
        )
    if options.get("videos"):
        to = options["videos"]
        entries = [replace(one, path=_moved(one.path, root, to)) for one in entries]
    return Listing(classes, entries, several)


def _entry(row: Sequence[Any], folder: Path) -> ClipEntry:
    """The clip of a row, in the order of `_COLUMNS`; relative paths begin at a folder.

    Raises:
        TypeError: a cell holds something else.
        ValueError: a time is none.
    """
    place, split, group, name, labels, start, end = row
    if not (place and isinstance(place, str)):
        raise TypeError("a path must be a text")
    is_whole = is_address(place) or Path(place).is_absolute()
    return ClipEntry(
        path=place if is_whole else str(folder.absolute() / place),
        labels=tuple(labels),
        start=_time(start),
        end=_time(end),
        split=split or "",
        group=group or "",
        id=name or place,
    )


def _time(cell: float | None) -> float | None:
    """A time [s]; None where there is none, which pandas writes as NaN."""
    if cell is None or math.isnan(cell):
        return None
    if cell < 0:
        raise ValueError("a time must be at least 0")
    return cell


_COLUMNS = (*_NAMES, "labels", "start", "end")


def read_columns(path: Path) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """What an index says of itself, and its columns.

    Raises:
        ClipError: the file cannot be read, or is no index.
    """
    import pyarrow as pa

    try:
        table = read_parquet(path)
        raw = (table.schema.metadata or {}).get(_ABOUT)
        about = json.loads(raw) if raw else {}
        columns = {name: table.column(name).to_pylist() for name in table.column_names}
    except (OSError, ValueError, pa.ArrowException) as wrong:
        what = visible(next(iter(str(wrong).splitlines()), ""), keep="").rstrip(".")
        raise ClipError(f"{path} cannot be read as an index: {what}.") from wrong
    schema = about.get("schema") if isinstance(about, dict) else None
    if schema != INDEX_SCHEMA:
        raise ClipError(
            f"{path} must be an index that `vidnas data index` wrote, of schema "
            f"{INDEX_SCHEMA}, got {schema or 'another table'}."
        )
    for name in set(_NAMES) & columns.keys():
        columns[name] = [
            os.fsdecode(one) if isinstance(one, bytes) else one for one in columns[name]
        ]
    return about, columns


def _names(values: list[str]) -> "pyarrow.Array[Any]":
    """A column of names: text, or bytes where one is no UTF-8."""
    import pyarrow as pa

    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([os.fsencode(value) for value in values], pa.binary())


def _moved(place: str, root: str, to: str) -> str:
    """A path below the folder that the videos moved to."""
    return str(Path(to) / os.path.relpath(place, root))

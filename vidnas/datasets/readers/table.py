"""How is any table with named columns read? A row a clip: path, label, times, split."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import (
    named_columns,
    part_of_video,
    read_classes,
    read_rows,
    rows_of_classes,
)
from vidnas.datasets.readers.options import split_files, video_roots
from vidnas.datasets.readers.reader import UNSPLIT, Findings, Listing, composed
from vidnas.datasets.readers.split_folders import NAMES
from vidnas.datasets.readers.video_finder import VideoFinder
from vidnas.documents.suggestion import nearest
from vidnas.errors import ClipError

# What a column may be called, the first that is there.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "video", "file", "filename", "file_name", "video_path", "clip"),
    "labels": ("labels", "label", "class", "class_name", "target", "action"),
    "start": ("start", "time_start", "start_time", "start_s", "begin"),
    "end": ("end", "time_end", "end_time", "end_s", "stop"),
    "split": ("split", "subset", "partition"),
    "group": ("group", "person", "subject", "source"),
    "id": ("id", "clip_id", "video_id"),
}
_NEEDED = ("path", "labels")
_BETWEEN = ";|"  # labels of one cell
_SPLIT_OF = {name: split for split, names in NAMES.items() for name in names} | {
    "validate": "val"
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table: its cells by what they mean, and its split."""

    cells: Mapping[str, str]
    split: str


def read_table(path: Path, options: Mapping[str, Any], findings: Findings) -> Listing:
    """The clips in a table whose first line names its columns.

    Args:
        path: File of the training clips, or of all, with commas, semicolons or tabs.
        options: `val` and `test`: files of these; `columns`: name of the column of
            `path`, `labels`, `start`, `end`, `split`, `group` and `id`, where it is not
            one of the usual; `videos`: folder that paths are relative to, by default
            that of `path`; `classes`: file of the classes, in their order; `group`:
            name of a column, or as for other datasets.
        findings: Findings that get what is left out.

    Raises:
        ClipError: a file cannot be read, or lacks a column.
    """
    finder = VideoFinder(video_roots(path, options), findings)
    rows = [
        row
        for split, file in split_files(path, options)
        for row in _rows(file, split, options, findings)
    ]
    several = any(len(_words(row)) > 1 for row in rows)
    names = {word for row in rows for word in _words(row)}
    if options.get("classes"):
        numbers = read_classes(Path(options["classes"]), findings)
        classes, by_number = rows_of_classes(numbers)
        position = {name: n for n, name in enumerate(classes)}
        position |= {str(number): n for number, n in by_number.items()}
    else:
        numeric = all(name.isdecimal() for name in names)
        classes = tuple(sorted(names, key=int) if numeric else sorted(names))
        position = {name: n for n, name in enumerate(classes)}
    entries = []
    for row in rows:
        entry = _entry(row, position, finder, findings)
        if entry is not None:
            entries.append(entry)
    states_val = any(row.split == "val" for row in rows)
    return Listing(classes, entries, multi_label=several, states_val=states_val)


def _rows(
    path: Path, split: str, options: Mapping[str, Any], findings: Findings
) -> list[_Row]:
    rows = read_rows(path, findings)
    columns = _columns(list(rows[0]) if rows else [], options, path)
    found = []
    for row in rows:
        named = {meaning: row[column].strip() for meaning, column in columns.items()}
        stated = named.get("split", "")
        own = _SPLIT_OF.get(stated.lower(), "") if stated else split
        if stated and not own:
            findings.leave_out(f"split `{stated}`, which is none", named["path"])
            continue
        # A file that was given as that of a split holds that split.
        found.append(_Row(named, own if split in (UNSPLIT, "train") else split))
    return found


def _columns(
    there: list[str], options: Mapping[str, Any], path: Path
) -> dict[str, str]:
    """The column of each meaning.

    Raises:
        ClipError: one that was named, or that is needed, is not there.
    """
    stated = {key: str(name).casefold() for key, name in _stated(options).items()}
    group = options.get("group")
    if isinstance(group, str) and group.casefold() in there:
        stated["group"] = group.casefold()
    found: dict[str, str] = {}
    for meaning, usual in COLUMNS.items():
        if meaning == "group" and group and "group" not in stated:
            continue  # it is a folder or a pattern
        names = (stated[meaning],) if meaning in stated else usual
        column = next((name for name in names if name in there), None)
        if column is not None:
            found[meaning] = column
        elif meaning in stated or meaning in _NEEDED:
            raise ClipError(
                f"{path} must have a column for `{meaning}`, called "
                f"{' or '.join(f'`{name}`' for name in names)}; it has "
                f"{named_columns(there)}.{nearest(names[0], there)}"
            )
    return found


def _stated(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return options.get("columns") or {}


def _words(row: _Row) -> list[str]:
    """Labels in a cell; several have a semicolon or a bar between them."""
    text = row.cells["labels"]
    for mark in _BETWEEN:
        text = text.replace(mark, "\0")
    return [composed(word.strip()) for word in text.split("\0") if word.strip()]


def _entry(
    row: _Row, position: Mapping[str, int], finder: VideoFinder, findings: Findings
) -> ClipEntry | None:
    cells, words = row.cells, _words(row)
    if not words:
        findings.leave_out("without a label", cells["path"])
        return None
    labels = tuple(sorted({position[word] for word in words if word in position}))
    if not labels:
        findings.leave_out(
            "class that `classes` lacks", f"{words[0]} of {cells['path']}"
        )
        return None
    part = part_of_video(
        cells.get("start", ""), cells.get("end", ""), cells["path"], findings
    )
    if part is None:
        return None
    found = finder.take(cells["path"])
    if found is None:
        return None
    return ClipEntry(
        path=str(found),
        labels=labels,
        start=part[0],
        end=part[1],
        split=row.split,
        group=cells.get("group", ""),
        id=cells.get("id") or composed(cells["path"]),
    )

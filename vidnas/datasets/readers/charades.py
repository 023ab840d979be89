"""How is Charades read? A CSV of videos, each with the actions in it and their times.

Source:
    Charades_v1_{train,test}.csv, whose `actions` are `c092 11.90 21.20;c147 0.00
    12.60`, and Charades_v1_classes.txt (`c000 Holding some clothes`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import (
    need_columns,
    part_of_video,
    read_classes,
    read_rows,
    rows_of_classes,
)
from vidnas.datasets.readers.options import split_files, video_roots
from vidnas.datasets.readers.reader import Findings, Listing
from vidnas.datasets.readers.video_finder import MISSING, VideoFinder

ACTION = "action"
_Actions = list[tuple[int, float | None, float | None]]  # number, start, end


def read_charades(
    path: Path, options: Mapping[str, Any], findings: Findings
) -> Listing:
    """The videos of Charades with all their classes, or their actions one by one.

    Args:
        path: CSV file of the training videos.
        options: `val` and `test`: CSV files of these; `classes`: file of the classes,
            else the numbers that occur; `videos`: folder of the videos, else that of
            `path`; `per`: `video`, or `action` for an entry an action; `group`: name of
            a column, such as `subject`, or as for other datasets.
        findings: Findings that get what is left out.

    Raises:
        ClipError: a file cannot be read, or lacks a column.
    """
    finder = VideoFinder(video_roots(path, options), findings)
    rows = [
        (split, row)
        for split, file in split_files(path, options)
        for row in _rows(file, findings)
    ]
    per_action = options.get("per") == ACTION
    actions = [
        _actions(row["actions"], row["id"], findings, timed=per_action)
        for _, row in rows
    ]
    if options.get("classes"):
        numbers = read_classes(Path(options["classes"]), findings)
    else:
        there = {number for found in actions for number, _, _ in found}
        numbers = {number: f"c{number:03d}" for number in there}
    classes, position = rows_of_classes(numbers)
    column = str(options.get("group") or "").casefold()
    entries: list[ClipEntry] = []
    for (split, row), found in zip(rows, actions, strict=True):
        known = _known(found, position, row["id"], findings)
        place = finder.by_stem(row["id"].strip(), split)
        if place is None:
            findings.leave_out(MISSING, row["id"])
        elif finder.unless_empty(place) is not None:
            group = row.get(column, "") if column else ""
            made = _per_action if per_action else _per_video
            entries += made(str(place), known, split, row["id"].strip(), group)
    return Listing(classes, entries, multi_label=not per_action)


def _rows(path: Path, findings: Findings) -> list[dict[str, str]]:
    rows = read_rows(path, findings)
    need_columns(rows, ("id", "actions"), path)
    return rows


def _actions(cell: str, video: str, findings: Findings, *, timed: bool) -> _Actions:
    """The actions of a cell; without their times, where those do not matter."""
    found: _Actions = []
    for text in filter(None, (part.strip() for part in cell.split(";"))):
        name, *times = text.split()
        number = name.lstrip("cC")
        if not number.isdecimal():
            findings.leave_out("action that is none", f"{video}: {text}")
            continue
        start, end = (*times, "", "")[:2] if timed else ("", "")
        part = part_of_video(start, end, f"{video}: {text}", findings)
        if part is not None:
            found.append((int(number), *part))
    return found


def _known(
    found: _Actions, position: Mapping[int, int], video: str, findings: Findings
) -> _Actions:
    """The actions of known classes, with labels in place of numbers."""
    for number, _, _ in found:
        if number not in position:
            findings.leave_out("action of an unknown class", f"{video}: c{number:03d}")
    return [(position[n], start, end) for n, start, end in found if n in position]


def _per_video(
    path: str, actions: _Actions, split: str, video: str, group: str
) -> Iterator[ClipEntry]:
    labels = tuple(sorted({label for label, _, _ in actions}))
    yield ClipEntry(path, labels, split=split, group=group, id=video)


def _per_action(
    path: str, actions: _Actions, split: str, video: str, group: str
) -> Iterator[ClipEntry]:
    for n, (label, start, end) in enumerate(actions):
        yield ClipEntry(
            path, (label,), start, end, split=split, group=group, id=f"{video}#{n}"
        )

"""How is Kinetics-400, 600 or 700 read? A CSV of labels and times, files by video id.

Source:
    CVDF's copies of the datasets: `train.csv` with the header `label,youtube_id,
    time_start,time_end,split` (and `is_cc` in files of the crawler), files
    `<youtube_id>_<start>_<end>.mp4` with six digits each, flat or in class folders.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import (
    need_columns,
    read_classes,
    read_rows,
    rows_of_classes,
    seconds,
)
from vidnas.datasets.readers.options import split_files, video_roots
from vidnas.datasets.readers.reader import UNSPLIT, Findings, Listing, composed
from vidnas.datasets.readers.video_files import videos_below
from vidnas.datasets.readers.video_finder import MISSING, VideoFinder

_ID = 11  # characters of a video's id at YouTube
_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "validate": "val",
    "validation": "val",
    "test": "test",
}


def read_kinetics(
    path: Path, options: Mapping[str, Any], findings: Findings
) -> Listing:
    """The clips that the CSV files of Kinetics list, as far as they are there.

    Args:
        path: CSV file of the training clips, or of all.
        options: `val` and `test`: CSV files of these; `videos`: folder of the videos,
            by default that of `path`; `replacement`: folder of clips that replace
            corrupted ones; `classes`: file of the classes, in their order; `group`:
            name of a column, or as for other datasets.
        findings: Findings that get what is left out.

    Raises:
        ClipError: a file cannot be read, or lacks a column.
    """
    finder = VideoFinder(video_roots(path, options), findings)
    replacements = _replacements(options, findings)
    labelled: list[tuple[str, ClipEntry]] = []
    column = str(options.get("group") or "").casefold()
    names: set[str] = set()
    splits: set[str] = set()
    for split, file in split_files(path, options):
        for row in _rows(file, findings):
            name = composed(row["label"].strip())
            side = _split_of(row, split)
            splits.add(side)
            names.update([name] if side != "test" else [])
            entry = _entry(row, side, finder, replacements, column, findings)
            if entry is not None:
                labelled.append((name, entry))
    classes = _classes(labelled, names, options, findings)
    position = {name: at for at, name in enumerate(classes)}
    return Listing(
        classes,
        [
            replace(entry, labels=(position[name],))
            for name, entry in labelled
            if name in position
        ],
        states_val="val" in splits,
    )


def _rows(path: Path, findings: Findings) -> Iterator[dict[str, str]]:
    rows = read_rows(path, findings)
    need_columns(rows, ("youtube_id",), path)
    for row in rows:
        if row.get("label", "").strip():
            yield row
        else:
            findings.leave_out("without a label", row["youtube_id"])


def _split_of(row: Mapping[str, str], split: str) -> str:
    """The split of a row; a file that was given as that of a split holds that split."""
    if split in (UNSPLIT, "train"):
        return _SPLITS.get(row.get("split", "").strip().lower(), split)
    return split


def _entry(
    row: Mapping[str, str],
    split: str,
    finder: VideoFinder,
    replacements: Mapping[str, Path],
    column: str,
    findings: Findings,
) -> ClipEntry | None:
    """The clip of a row, not yet labelled; None where it is not there."""
    video, label = row["youtube_id"].strip(), row["label"].strip()
    start, end = (seconds(row.get(f"time_{which}", "")) for which in ("start", "end"))
    name = video
    if start is not None and end is not None:
        name = f"{video}_{int(start):06d}_{int(end):06d}"
    place = replacements.get(video[:_ID]) if len(video) == _ID else None
    place = place or finder.by_stem(name, label, split)
    part: tuple[float | None, float | None] = (None, None)
    if place is None:  # the whole video, of which the row is a part
        place, part = finder.by_stem(video, label, split), (start, end)
    if place is None:
        findings.leave_out(MISSING, name)
        return None
    kept = finder.unless_empty(place)
    if kept is None:
        return None
    group = row.get(column, "").strip()
    return ClipEntry(str(kept), (), *part, split=split, group=group, id=name)


def _replacements(options: Mapping[str, Any], findings: Findings) -> dict[str, Path]:
    """Clips that replace corrupted ones, by the id of their video."""
    if not options.get("replacement"):
        return {}
    videos = videos_below(Path(options["replacement"]), findings)
    return {video.path.name[:_ID]: video.path for video in videos}


def _classes(
    labelled: list[tuple[str, ClipEntry]],
    names: set[str],
    options: Mapping[str, Any],
    findings: Findings,
) -> tuple[str, ...]:
    """The classes of their file, or those that are annotated, by name."""
    if not options.get("classes"):
        return tuple(sorted(names))
    numbers = read_classes(Path(options["classes"]), findings)
    classes, _ = rows_of_classes(numbers)
    plain = {name.replace("_", " "): name for name in classes}
    for n, (name, entry) in enumerate(labelled):
        known = name if name in classes else plain.get(name.replace("_", " "))
        if known is None:
            findings.leave_out("class that `classes` lacks", name)
        else:
            labelled[n] = (known, entry)
    return classes

"""How is Moments in Time read? A CSV of files, classes and votes, without a header.

Source:
    trainingSet.csv and validationSet.csv, rows `<class>/<file>.mp4,<class>,<yes>,<no>`,
    and moments_categories.txt, lines `<class>,<number>`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import (
    cells,
    read_classes,
    read_text,
    rows_of_classes,
)
from vidnas.datasets.readers.options import split_files, video_roots
from vidnas.datasets.readers.reader import Findings, Listing, composed
from vidnas.datasets.readers.video_finder import VideoFinder

_VOTES = 2  # last cells of a row


def read_moments(path: Path, options: Mapping[str, Any], findings: Findings) -> Listing:
    """The clips that the CSV files of Moments in Time list.

    Args:
        path: CSV file of the training clips.
        options: `val` and `test`: CSV files of these; `classes`: file of the classes,
            else those that occur, by name; `videos`: folder of the class folders, else
            that of `path`.
        findings: Findings that get what is left out.

    Raises:
        ClipError: a file cannot be read.
    """
    finder = VideoFinder(video_roots(path, options), findings)
    rows = [
        (split, *parsed)
        for split, file in split_files(path, options)
        for parsed in _rows(file, findings)
    ]
    if options.get("classes"):
        classes, _ = rows_of_classes(read_classes(Path(options["classes"]), findings))
    else:
        classes = tuple(sorted({name for _, _, name in rows}))
    position = {name: at for at, name in enumerate(classes)}
    entries = []
    for split, file_name, name in rows:
        if name not in position:
            findings.leave_out("class that `classes` lacks", name)
            continue
        found = finder.take(file_name)
        if found is not None:
            entries.append(
                ClipEntry(
                    str(found), (position[name],), split=split, id=composed(file_name)
                )
            )
    return Listing(classes, entries)


def _rows(path: Path, findings: Findings) -> list[tuple[str, str]]:
    """The file and the class of each row; a comma in a name need not be quoted."""
    found = []
    for number, row in enumerate(cells(read_text(path, findings), ","), start=1):
        votes = sum(cell.strip().isdecimal() for cell in row[2:][-_VOTES:])
        named = row[: len(row) - votes]
        if not any(row):
            continue
        if len(named) < 2:
            findings.leave_out("row without a class", f"{path}, line {number}")
            continue
        found.append((",".join(named[:-1]).strip(), composed(named[-1].strip())))
    return found

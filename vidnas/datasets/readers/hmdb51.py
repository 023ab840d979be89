"""How is HMDB51 read? A list of files for each class and each of three splits.

Source:
    testTrainMulti_7030_splits: `<class>_test_split1.txt`, lines of a file and a flag,
    1 for training, 2 for testing, 0 for neither.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import read_lines
from vidnas.datasets.readers.options import video_roots
from vidnas.datasets.readers.reader import Findings, Listing, composed
from vidnas.datasets.readers.video_finder import VideoFinder
from vidnas.errors import ClipError

_FLAGS = {"1": "train", "2": "val"}


def read_hmdb51(path: Path, options: Mapping[str, Any], findings: Findings) -> Listing:
    """The clips of one of the three splits; flag 2 marks the validation clips.

    Args:
        path: Folder of the lists.
        options: `split`: 1, 2 or 3, by default 1; `videos`: folder of the class
            folders, by default that of the lists.
        findings: Findings that get what is left out.

    Raises:
        ClipError: there is no list of the split.
    """
    number = int(options.get("split") or 1)
    ending = re.compile(rf"(.+)_test_split{number}\.txt")
    if not path.is_dir():
        raise ClipError(f"The folder of the lists must exist, {path} does not.")
    findings.watch(path)
    lists = {
        composed(match[1]): file
        for file in sorted(path.iterdir())
        if (match := ending.fullmatch(file.name)) and not file.name.startswith(".")
    }
    if not lists:
        raise ClipError(
            f"{path} must hold lists of split {number}, such as "
            f"`brush_hair_test_split{number}.txt`, it has none."
        )
    classes = tuple(sorted(lists))
    finder = VideoFinder(video_roots(path / "lists", options), findings)
    entries = [
        entry
        for label, name in enumerate(classes)
        for entry in _entries(lists[name], name, label, finder, findings)
    ]
    return Listing(classes, entries, states_val=True)


def _entries(
    file: Path, name: str, label: int, finder: VideoFinder, findings: Findings
) -> list[ClipEntry]:
    """The clips of a class."""
    entries = []
    for number, line in read_lines(file, findings):
        video, _, flag = line.strip().rpartition(" ")
        if flag == "0":
            findings.leave_out("in neither side of this split", f"{name}/{video}")
        elif flag not in _FLAGS or not video.strip():
            findings.leave_out("line without a flag", f"{file}, line {number}")
        else:
            listed = f"{name}/{video.strip()}"
            found = finder.take(listed)
            if found is not None:
                entries.append(
                    ClipEntry(
                        str(found), (label,), split=_FLAGS[flag], id=composed(listed)
                    )
                )
    return entries

"""How is UCF101 read? `classInd.txt`, and a list of files for each of three splits.

Source:
    UCF101TrainTestSplits-RecognitionTask: `classInd.txt` (`1 ApplyEyeMakeup`),
    `trainlist01.txt` (`ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1`) and
    `testlist01.txt` (the same without numbers).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import (
    read_classes,
    read_lines,
    rows_of_classes,
)
from vidnas.datasets.readers.options import video_roots
from vidnas.datasets.readers.reader import Findings, Listing, composed
from vidnas.datasets.readers.video_finder import VideoFinder


def read_ucf101(path: Path, options: Mapping[str, Any], findings: Findings) -> Listing:
    """The clips of one of the three splits; `testlist` holds the validation clips.

    Args:
        path: Folder of the lists.
        options: `split`: 1, 2 or 3, by default 1; `videos`: folder of the class
            folders, by default that of the lists.
        findings: Findings that get what is left out.

    Raises:
        ClipError: a list cannot be read.
    """
    classes, _ = rows_of_classes(read_classes(path / "classInd.txt", findings))
    position = {name: at for at, name in enumerate(classes)}
    finder = VideoFinder(video_roots(path / "classInd.txt", options), findings)
    number = int(options.get("split") or 1)
    entries = []
    for split, stem in (("train", "trainlist"), ("val", "testlist")):
        for _, line in read_lines(path / f"{stem}{number:02d}.txt", findings):
            name = _file_of(line)
            label = position.get(composed(name.replace("\\", "/").split("/")[0]))
            if label is None:
                findings.leave_out("class that classInd.txt lacks", name)
                continue
            found = finder.take(name)
            if found is not None:
                entries.append(
                    ClipEntry(str(found), (label,), split=split, id=composed(name))
                )
    return Listing(classes, entries, states_val=True)


def _file_of(line: str) -> str:
    """The file of a line, whose last word may be a number."""
    name, _, last = line.strip().rpartition(" ")
    return name.strip() if name and last.isdecimal() else line.strip()

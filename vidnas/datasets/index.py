"""Which clips does a dataset hold? One table, whatever its layout on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Targets = NDArray[np.float32]  # [N, K], one column a class


@dataclass(frozen=True, slots=True)
class ClipEntry:
    """One labelled video, or a labelled part of one.

    Args:
        path: Absolute path of a video file, of a folder of frames, or an address in an
            object store.
        labels: Positions of its classes, rising; one, unless the dataset is
            multi-label.
        start: Where the part begins in the video [seconds]; None for the first frame.
        end: Where the part ends in the video [seconds]; None for the last frame.
        split: Name of the split that holds it: `train`, `val` or `test`.
        group: What must not be on two sides, such as a person or a source video; "" for
            none.
        id: Name of the entry within its dataset, as reports call it.
    """

    path: str
    labels: tuple[int, ...]
    start: float | None = None
    end: float | None = None
    split: str = "train"
    group: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a reader saw and did not take.

    Args:
        reason: Reason, as in `no video: .txt`.
        count: Number of files, folders or lines.
        example: One of them.
    """

    reason: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class ClipIndex:
    """The clips of a dataset.

    Args:
        root: Folder or file that was read.
        classes: Names; a label is a position here.
        splits: Entries by split; `train` and `val` are always there.
        multi_label: Whether an entry may have several classes, or none.
        left_out: What was seen and not taken, by reason.
        notices: What else should be heard of it, a sentence each.
    """

    root: Path
    classes: tuple[str, ...]
    splits: Mapping[str, tuple[ClipEntry, ...]]
    multi_label: bool = False
    left_out: tuple[LeftOut, ...] = ()
    notices: tuple[str, ...] = ()

    def targets(self, split: str) -> Targets:
        """1 for each class of each entry `[N, K]`, 0 elsewhere."""
        return targets_of(self.splits[split], len(self.classes))


def targets_of(entries: tuple[ClipEntry, ...], classes: int) -> Targets:
    """1 for each class of each entry `[N, K]`, 0 elsewhere."""
    targets = np.zeros((len(entries), classes), np.float32)
    for n, entry in enumerate(entries):
        targets[n, list(entry.labels)] = 1.0
    return targets

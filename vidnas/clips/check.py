"""Can a dataset be used? What it holds, and which files cannot be read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vidnas.clips.clip_shape import why_undecodable
from vidnas.clips.decode_ahead import in_order
from vidnas.clips.source import ClipSource, read_index
from vidnas.errors import ClipError


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What a dataset holds.

    Args:
        classes: Names in the order of their labels.
        readable: Number of readable videos in `train` and `val`, one per class.
        unreadable: Reasons, one per file that cannot be read.
        multi_label: Whether a video may have several classes, or none.
        clips: Number of readable videos in `train` and `val`, where a video may have
            several classes.
    """

    classes: tuple[str, ...]
    readable: Mapping[str, tuple[int, ...]]
    unreadable: tuple[str, ...]
    multi_label: bool = False
    clips: Mapping[str, int] = field(default_factory=dict)

    def count(self, split: str) -> int:
        """Number of readable videos of a split."""
        return self.clips.get(split, sum(self.readable[split]))


def check_clips(source: ClipSource, *, threads: int | None = None) -> ClipReport:
    """What a dataset holds, after reading a frame of every file.

    Args:
        source: Dataset to check.
        threads: Decoders side by side; None for one per core.

    Raises:
        ClipError: the dataset cannot be used, or no file of a class can be read.
    """
    index = read_index(source)
    readable: dict[str, tuple[int, ...]] = {}
    unreadable: list[str] = []
    clips: dict[str, int] = {}
    for split in ("train", "val"):
        files = index.splits[split]
        counts, found = [0] * len(index.classes), 0
        reasons = in_order(
            why_undecodable, files, threads=threads or os.cpu_count() or 1
        )
        for file, reason in zip(files, reasons, strict=True):
            if reason:
                unreadable.append(reason)
            else:
                found += 1
                for label in file.labels:
                    counts[label] += 1
        if 0 in counts and not index.multi_label:
            raise no_readable_video(
                split, index.classes[counts.index(0)], index.root, unreadable
            )
        readable[split], clips[split] = tuple(counts), found
    return ClipReport(
        index.classes, readable, tuple(unreadable), index.multi_label, clips
    )


def no_readable_video(
    split: str, name: str, root: Path, unreadable: list[str] | tuple[str, ...]
) -> ClipError:
    """The error of a class whose files are all corrupt."""
    return ClipError(
        f"A class must have a readable `{split}` video, got none for `{name}` in "
        f"{root}. First of {len(unreadable)} unreadable files: {unreadable[0]}"
    )

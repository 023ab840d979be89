"""Can a dataset be used? What it holds, and what is wrong with which clip."""

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median_low

from vidnas.clips.clip_check import CheckedClip, check_beginning, check_clip
from vidnas.clips.duplicates import find_duplicates
from vidnas.clips.findings import KINDS, Finding, faults, no_readable_video
from vidnas.clips.window import Window
from vidnas.datasets.decode_ahead import in_order
from vidnas.datasets.identity import TRAINED
from vidnas.datasets.index import ClipEntry, ClipIndex, LeftOut
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError

OnClip = Callable[[CheckedClip], None]


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What a dataset holds.

    Args:
        classes: Names in the order of their labels.
        readable: Number of readable videos in `train` and `val`, one per class.
        unreadable: Reasons, one per file that cannot be read.
        findings: What searches and trainings say, the unreadable among them.
        clips: Number of readable videos in `train` and `val`, where a video may have
            several classes.
        left_out: What the reader did not take.
        multi_label: Whether a video may have several classes, or none.
    """

    classes: tuple[str, ...]
    readable: Mapping[str, tuple[int, ...]]
    unreadable: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    clips: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    multi_label: bool = False

    def count(self, split: str) -> int:
        """Number of readable videos of a split."""
        return self.clips.get(split, sum(self.readable[split]))


def check_clips(
    source: ClipSource, *, threads: int | None = None, window: Window | None = None
) -> ClipReport:
    """What a dataset holds, after reading a frame of every file.

    Args:
        source: Dataset to look at.
        threads: Decoders side by side; None for one per core.
        window: Frames of a clip; None to say nothing of lengths.

    Raises:
        ClipError: the dataset cannot be used, or no file of a class can be read.
    """
    index = read_index(source)
    entries = [entry for split in TRAINED for entry in index.splits[split]]
    looked_at = _look(entries, partial(check_beginning, window=window), threads)
    unreadable = tuple(clip.reason for clip in looked_at if clip.reason)
    copies = {} if window is None else _copies(looked_at)
    sound = [clip for clip in looked_at if not clip.reason]
    counted = _counts(index, sound)
    readable = {split: counted[split] for split in TRAINED}
    for split, counts in readable.items():
        if 0 in counts and not index.multi_label:
            name = index.classes[counts.index(0)]
            raise no_readable_video(split, name, index.root, unreadable)
    found = [finding for clip in looked_at for finding in clip.findings]
    return ClipReport(
        index.classes,
        readable,
        unreadable,
        faults((*found, *copies.values())),
        Counter(clip.entry.split for clip in sound),
        index.left_out,
        index.multi_label,
    )


def check_windows(
    index: ClipIndex,
    window: Window,
    *,
    threads: int | None = None,
    on_clip: OnClip | None = None,
) -> tuple[CheckedClip, ...]:
    """Every clip of an index, after reading the windows that trainings read.

    Args:
        index: Clips to read.
        window: Frames of a clip.
        threads: Decoders side by side; None for one per core.
        on_clip: Function that hears of every clip, in the order of the index.
    """
    entries = [entry for split in index.splits.values() for entry in split]
    checked = _look(entries, partial(check_clip, window=window), threads, on_clip)
    copies = _copies(checked)
    small = _small(checked)
    return tuple(
        _with(clip, *(more[n] for more in (copies, small) if n in more))
        for n, clip in enumerate(checked)
    )


def good_index(index: ClipIndex, checked: Sequence[CheckedClip]) -> ClipIndex:
    """The index without the clips that teach nothing.

    Args:
        index: Clips that were checked.
        checked: What was found in them.
    """
    kept: dict[str, tuple[ClipEntry, ...]] = {
        split: tuple(
            c.entry for c in checked if c.entry.split == split and not c.is_bad
        )
        for split in index.splits
    }
    return dataclasses.replace(index, splits=kept)


def require_usable(index: ClipIndex, checked: Sequence[CheckedClip]) -> None:
    """Raises where a training could not begin on the clips that are good.

    Args:
        index: Clips that were checked.
        checked: What was found in them.

    Raises:
        ClipError: a class has no good clip in `train` or `val`, or all its clips are
            bad in a multi-label dataset.
    """
    good = [clip for clip in checked if not clip.is_bad]
    for split in TRAINED:
        counts = _counts(index, good)[split]
        bad = [f.words for c in checked for f in c.findings if f.is_bad]
        first = f" First of {len(bad)} that are not: {bad[0]}." if bad else ""
        if not any(counts):
            raise ClipError(f"`{split}` must have a good clip, got none.{first}")
        if 0 in counts and not index.multi_label:
            raise ClipError(
                f"A class must have a good `{split}` clip, got none for "
                f"`{index.classes[counts.index(0)]}`.{first}"
            )


def _look(
    entries: Sequence[ClipEntry],
    look: Callable[[ClipEntry], CheckedClip],
    threads: int | None,
    on_clip: OnClip | None = None,
) -> list[CheckedClip]:
    """Every clip looked at side by side, in their order."""
    looked_at = []
    for clip in in_order(look, entries, threads=threads or os.cpu_count() or 1):
        looked_at.append(clip)
        if on_clip is not None:
            on_clip(clip)
    return looked_at


def _counts(
    index: ClipIndex, clips: Sequence[CheckedClip]
) -> dict[str, tuple[int, ...]]:
    """Number of clips of each class, by split."""
    counts = {split: [0] * len(index.classes) for split in index.splits}
    for clip in clips:
        for label in clip.entry.labels:
            counts[clip.entry.split][label] += 1
    return {split: tuple(of_class) for split, of_class in counts.items()}


def _copies(clips: Sequence[CheckedClip]) -> dict[int, Finding]:
    """Clips with the content of others, by position; of those that can be read."""
    places = [n for n, clip in enumerate(clips) if not clip.reason]
    found = find_duplicates([clips[n].entry for n in places])
    return {places[n]: finding for n, finding in found.items()}


def _small(checked: Sequence[CheckedClip]) -> dict[int, Finding]:
    """Clips whose shorter side is less than half of the median, by position."""
    sides = {n: c.header.side for n, c in enumerate(checked) if c.header is not None}
    usual = median_low(sides.values()) if sides else 0
    return {
        n: Finding("small", checked[n].entry.id, f"{side} pixels, others have {usual}")
        for n, side in sides.items()
        if side < usual / 2
    }


def _with(clip: CheckedClip, *more: Finding) -> CheckedClip:
    """The clip with further findings, worst first."""
    order = list(KINDS)
    found = sorted((*clip.findings, *more), key=lambda one: order.index(one.kind))
    return dataclasses.replace(clip, findings=tuple(found))

"""How does a check become a page, or JSON? Plain values that neither has to know."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from vidnas.clips.check import require_usable
from vidnas.clips.clip_check import STARTS, CheckedClip
from vidnas.clips.clip_shape import read_entry
from vidnas.clips.findings import KINDS, count_kinds, kind_words
from vidnas.clips.likeness import distributions
from vidnas.clips.pictures import jpeg
from vidnas.clips.window import Window
from vidnas.datasets.index import ClipIndex
from vidnas.documents.quantity import format_duration
from vidnas.errors import ClipError
from vidnas.views.pages.clips_page import (
    ClassOfClips,
    ClipsPage,
    FindingRow,
    Histogram,
    Picture,
)

PICTURES = 240  # on a page, over all classes: below 1 MB
PER_CLASS = 6  # pictures of one class at most
SIZE = (72, 96)  # height and width of a picture [pixels]


def check_facts(
    index: ClipIndex, checked: Sequence[CheckedClip], window: Window
) -> dict[str, Any]:
    """What a script needs of a check.

    Args:
        index: Clips that were checked.
        checked: What was found in them.
        window: Frames that were read.
    """
    return {
        "source": str(index.root),
        "classes": list(index.classes),
        "multi_label": index.multi_label,
        "window": {
            "frames": window.frames,
            "frame_stride": None if window.fps else window.frame_stride,
            "fps": window.fps,
        },
        "splits": {
            split: {
                "clips": len(entries),
                "good": len(_good(checked, split)),
                "of_class": _of_class(index, _good(checked, split)),
            }
            for split, entries in index.splits.items()
        },
        "counts": count_kinds(f for clip in checked for f in clip.findings),
        "findings": [
            {
                "kind": finding.kind,
                "clip": finding.id,
                "path": clip.entry.path,
                "split": clip.entry.split,
                "classes": [index.classes[label] for label in clip.entry.labels],
                "words": finding.words,
                "is_bad": finding.is_bad,
            }
            for clip in checked
            for finding in clip.findings
        ],
        "left_out": [
            {"reason": one.reason, "count": one.count, "example": one.example}
            for one in index.left_out
        ],
        "unusable": why_unusable(index, checked),
    }


def why_unusable(index: ClipIndex, checked: Sequence[CheckedClip]) -> str:
    """Why a training could not begin on the good clips; empty where it could."""
    try:
        require_usable(index, checked)
    except ClipError as wrong:
        return str(wrong)
    return ""


def page_values(
    index: ClipIndex, checked: Sequence[CheckedClip], window: Window
) -> ClipsPage:
    """What the page of a dataset shows, with pictures of some clips of each class.

    Args:
        index: Clips that were checked.
        checked: What was found in them.
        window: Frames that were read.
    """
    headers = [clip.header for clip in checked if clip.header is not None]
    findings = [finding for clip in checked for finding in clip.findings]
    kinds = count_kinds(findings)
    seconds = sum(header.seconds for header in headers)
    return ClipsPage(
        name=PurePath(index.root).name or str(index.root),
        lead=_lead(index, checked),
        facts={
            "source": str(index.root),
            "clips": ", ".join(f"{len(e)} {s}" for s, e in index.splits.items()),
            "classes": f"{len(index.classes)}"
            f"{', several may hold for one clip' if index.multi_label else ''}",
            "length": f"{format_duration(seconds)} of video in all",
            "windows": f"{window.words}, at the beginning, middle and end of each clip",
        },
        kinds=tuple(
            (kind_words(kind, n, window.words), n) for kind, n in kinds.items()
        ),
        splits=tuple(index.splits),
        classes=tuple(_classes(index, checked)),
        histograms=tuple(
            Histogram(title, bars) for title, bars in distributions(headers).items()
        ),
        findings=tuple(_rows(index, checked)),
        left_out=tuple((o.reason, o.count, o.example) for o in index.left_out),
    )


def _lead(index: ClipIndex, checked: Sequence[CheckedClip]) -> str:
    bad = sum(clip.is_bad for clip in checked)
    found = sum(bool(clip.findings) for clip in checked)
    text = f"{len(checked)} clips in {len(index.classes)} classes. "
    if not found:
        return f"{text}Nothing is wrong with any of them."
    text += f"Something was found in {found}; {bad} of these teach nothing. "
    return text + why_unusable(index, checked)


def _rows(index: ClipIndex, checked: Sequence[CheckedClip]) -> list[FindingRow]:
    """A row for each finding, worst first."""
    order = list(KINDS)
    found = [(clip, finding) for clip in checked for finding in clip.findings]
    found.sort(key=lambda pair: order.index(pair[1].kind))
    return [
        FindingRow(
            kind=kind_words(finding.kind, 1),
            name=finding.id,
            split=clip.entry.split,
            classes=", ".join(index.classes[label] for label in clip.entry.labels),
            words=finding.words,
            is_bad=finding.is_bad,
        )
        for clip, finding in found
    ]


def _classes(index: ClipIndex, checked: Sequence[CheckedClip]) -> list[ClassOfClips]:
    """Every class with its counts; the first of them with pictures."""
    members: list[list[CheckedClip]] = [[] for _ in index.classes]
    for clip in checked:
        for label in clip.entry.labels:
            members[label].append(clip)
    each = max(1, min(PER_CLASS, PICTURES // len(members)))
    return [
        ClassOfClips(
            name=index.classes[label],
            counts=tuple(
                sum(clip.entry.split == split for clip in clips)
                for split in index.splits
            ),
            bad=sum(clip.is_bad for clip in clips),
            pictures=_pictures(clips, each) if label < PICTURES else (),
        )
        for label, clips in enumerate(members)
    ]


def _pictures(clips: Sequence[CheckedClip], most: int) -> tuple[Picture, ...]:
    """Pictures of good clips of a class, evenly chosen."""
    good = [clip for clip in clips if not clip.is_bad]
    step = max(1, len(good) // most)
    pictures = []
    for clip in good[::step][:most]:
        try:
            seen = read_entry(clip.entry, Window(1), side=SIZE, start=STARTS[1])
        except ClipError:  # it went since it was read
            continue
        pictures.append(Picture(jpeg(seen.frames[0]), clip.entry.id))
    return tuple(pictures)


def _good(checked: Sequence[CheckedClip], split: str) -> list[CheckedClip]:
    return [clip for clip in checked if clip.entry.split == split and not clip.is_bad]


def _of_class(index: ClipIndex, clips: Sequence[CheckedClip]) -> dict[str, int]:
    counts = [0] * len(index.classes)
    for clip in clips:
        for label in clip.entry.labels:
            counts[label] += 1
    return dict(zip(index.classes, counts, strict=True))

"""What can be wrong with a clip, or worth knowing? Kinds of findings, counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.datasets.index import LeftOut
from vidnas.errors import ClipError

FIRST = 3  # names that a line shows
LEFT_OUT = "left_out"  # kind of what a reader did not take, beside those of `KINDS`


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding.

    Args:
        name: Name in journals and for programs, which never changes.
        one: What a clip of this kind is, after the number 1.
        several: What several are, after their number; "" where that is the same.
        is_bad: Whether such a clip teaches nothing and is left out of a mended index.
        is_fault: Whether searches and trainings say it, bad or not.
    """

    name: str
    one: str
    several: str = ""
    is_bad: bool = False
    is_fault: bool = True


_KINDS = (
    Kind("missing", "missing", is_bad=True),
    Kind("empty", "empty", is_bad=True),
    Kind("unreadable", "unreadable", is_bad=True),
    Kind(
        "still_broken",
        "still because its file is broken",
        "still because their file is broken",
        is_bad=True,
    ),
    Kind(
        "still_short",
        "still because it is shorter than the window",
        "still because they are shorter than the window",
        is_bad=True,
    ),
    Kind("one_picture", "of one picture", is_bad=True),
    Kind(
        "leak",
        "training clip that validation holds too",
        "training clips that validation holds too",
        is_bad=True,
    ),
    Kind("short", "shorter than the window"),
    Kind("damaged", "damaged in part"),
    Kind(
        "contradiction",
        "copy of a clip of another class",
        "copies of clips of other classes",
    ),
    Kind("slow", "with fewer frames a second than are asked for, so that some repeat"),
    Kind("frozen", "with one frame shown for half of a window"),
    Kind("unchanging", "sound, without any change", is_fault=False),
    Kind("duplicate", "copy of another clip", "copies of other clips", is_fault=False),
    Kind("small", "smaller than half of most", is_fault=False),
    Kind("odd_shape", "more than four times as long as wide", is_fault=False),
    Kind("mirrored", "mirrored by its file", "mirrored by their files", is_fault=False),
    Kind("rotated", "turned by its file", "turned by their files", is_fault=False),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}  # worst first


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found about one clip.

    Args:
        kind: Name of the kind, of `KINDS`.
        id: Name of the clip within its dataset.
        words: What was found, in words that stand alone beside the name.
    """

    kind: str
    id: str
    words: str

    @property
    def is_bad(self) -> bool:
        """Whether the clip teaches nothing."""
        return KINDS[self.kind].is_bad


def count_kinds(findings: Iterable[Finding]) -> dict[str, int]:
    """How many clips there are of each kind that was found, worst first."""
    counts = Counter(finding.kind for finding in findings)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def kind_lines(findings: Iterable[Finding], window: str = "") -> list[str]:
    """A line for each kind: `3 unreadable (first: a/x.mp4, a/y.mp4, b/z.mp4)`.

    Args:
        findings: Findings of one check.
        window: Length of the window that was read, such as `16 frames`.
    """
    names: dict[str, list[str]] = {}
    for finding in findings:
        names.setdefault(finding.kind, []).append(finding.id)
    return [
        f"{kind_text(kind, len(names[kind]), window)} "
        f"({'first: ' * (len(names[kind]) > FIRST)}{', '.join(names[kind][:FIRST])})"
        for kind in KINDS
        if kind in names
    ]


def kind_text(kind: str, count: int, window: str = "") -> str:
    """How many clips are of a kind: `3 shorter than the window of 16 frames`.

    Args:
        kind: Name of the kind; one that a later version found is told by its name.
        count: Number of clips.
        window: Length of the window that was read, where it is known.
    """
    return f"{count} {kind_words(kind, count, window)}"


def kind_words(kind: str, count: int, window: str = "") -> str:
    """What so many clips of a kind are: `shorter than the window of 16 frames`.

    Args:
        kind: Name of the kind; one that a later version found is told by its name.
        count: Number of clips.
        window: Length of the window that was read, where it is known.
    """
    known = KINDS.get(kind)
    words = known.one if known else kind.replace("_", " ")
    if known and known.several and count != 1:
        words = known.several
    return f"{words} of {window}" if kind.endswith("short") and window else words


def found_facts(
    findings: Iterable[Finding], window: str = "", left_out: Iterable[LeftOut] = ()
) -> list[dict[str, Any]]:
    """`kind`, number of `clips` and `words` for what they are, worst first.

    Args:
        findings: Findings of one check.
        window: Length of the window that was read, where it is known.
        left_out: What the reader did not take.
    """
    facts = [
        {"kind": kind, "clips": count, "words": kind_words(kind, count, window)}
        for kind, count in count_kinds(findings).items()
    ]
    return facts + [
        {"kind": LEFT_OUT, "clips": one.count, "words": f"left out ({one.reason})"}
        for one in left_out
    ]


def faults(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that searches and trainings say."""
    return tuple(one for one in findings if KINDS[one.kind].is_fault)


def no_readable_video(
    split: str, name: str, root: Path, unreadable: list[str] | tuple[str, ...]
) -> ClipError:
    """The error of a class whose files are all corrupt."""
    return ClipError(
        f"A class must have a readable `{split}` video, got none for `{name}` in "
        f"{root}. First of {len(unreadable)} unreadable files: {unreadable[0]}"
    )

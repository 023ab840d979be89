"""What is a reader of datasets? A function from a path and options to listed clips.

One file a kind of dataset; `registry.py` names them all.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from vidnas.datasets.index import ClipEntry, LeftOut
from vidnas.documents.visible_text import visible

UNSPLIT = ""  # of entries whose dataset says no split


@dataclass(frozen=True, slots=True)
class Listing:
    """The clips of a dataset as its files list them.

    Args:
        classes: Names; a label is a position here.
        entries: Clips that are there, each in `train`, `val`, `test` or `UNSPLIT`.
        multi_label: Whether an entry may have several classes, or none.
        is_annotated: Whether a file lists the clips, so that some of them may be
            missing; else the folders themselves are the list.
        names: Path of each entry within its class, or as its annotation lists it; it
            tells groups, and which clips are for validation. Empty for the ids.
        states_val: Whether the dataset says which clips are for validation, be they
            there or not.
    """

    classes: tuple[str, ...]
    entries: list[ClipEntry]
    multi_label: bool = False
    is_annotated: bool = True
    names: Sequence[str] = ()
    states_val: bool = False


@dataclass(slots=True)
class Findings:
    """What a reader notes beside the clips.

    Args:
        counts: Number by reason of what was left out.
        examples: First of them by reason.
        watched: Folders and files that decide what the dataset holds.
        notices: What else should be heard, a sentence each.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    watched: set[Path] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    def leave_out(self, reason: str, example: object, count: int = 1) -> None:
        """Notes that something was seen and not taken.

        Args:
            reason: Reason, as in `no video: .txt`.
            example: Path or text that shows what it is.
            count: Number of them.
        """
        reason = visible(reason, keep="")
        self.counts[reason] = self.counts.get(reason, 0) + count
        self.examples.setdefault(reason, str(example))

    def watch(self, path: Path) -> None:
        """Notes a folder or file that the index depends on."""
        self.watched.add(path)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What was left out, a reason each, in the order in which they were met."""
        return tuple(
            LeftOut(reason, count, self.examples[reason])
            for reason, count in self.counts.items()
        )


class Reader(Protocol):
    """Reads one kind of dataset."""

    def __call__(
        self, path: Path, options: Mapping[str, Any], findings: Findings
    ) -> Listing:
        """The clips that a dataset lists.

        Args:
            path: Folder or file that is read first.
            options: Options of the kind by name.
            findings: Findings that the reader adds to.

        Raises:
            ClipError: the dataset cannot be read.
        """
        ...


def composed(name: str) -> str:
    """The name with its marks composed: what looks alike on every disk is alike."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)

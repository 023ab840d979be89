"""Which clips was a folder begun with? They are read by its rule, and compared.

A study and a training keep `clips.parquet`: their clips as they were, so that a change
can be named.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.cli.output import note
from vidnas.datasets.identity import (
    KnownClip,
    changes_since,
    clip_digest,
    keep_known_clips,
    known_clips,
)
from vidnas.datasets.index import ClipIndex
from vidnas.datasets.readers.first_reading import FIRST_READING, READING
from vidnas.datasets.readers.registry import FOLDER
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError

CLIPS_FILE = "clips.parquet"
CONTENT = "content"  # option of a source: whether content is in the identity


@dataclass(frozen=True, slots=True)
class BegunClips:
    """The clips of a study or a training, as they are now.

    Args:
        index: The clips, read by the rule that the folder was begun with.
        clips: What tells each training and validation clip from others.
        reading: Rule of reading, where it decides the clips; else 0.
        digests: Digests of the clips by name.
        file: File of the clips as they were when the folder was begun.
    """

    index: ClipIndex
    clips: tuple[KnownClip, ...]
    reading: int
    digests: dict[str, str]
    file: Path

    @property
    def identity(self) -> dict[str, Any]:
        """What decides which clips they are, beside their classes and number."""
        return {**({"reading": self.reading} if self.reading else {}), **self.digests}

    def changes(self) -> str:
        """Which clips changed since the folder was begun; empty where unknown."""
        return changes_since(self.file, self.clips)

    def keep(self) -> None:
        """Writes the clips down, unless they are already."""
        if not self.file.exists():
            keep_known_clips(self.file, self.index, self.clips)

    def say(self) -> None:
        """Notes what should be heard of how the clips were read."""
        for notice in self.index.notices:
            note(f"note        {notice}")


def as_begun(source: ClipSource, records: Path) -> ClipSource:
    """The dataset, read by the rule that a folder was begun with.

    Args:
        source: Dataset as it is named.
        records: Journal of the study, or records of the training; it may not be there.
    """
    return source if _begun_reading(records) == READING else as_first_read(source)


def as_first_read(source: ClipSource) -> ClipSource:
    """The dataset as versions up to 0.2 read it; others than class folders are new."""
    if source.kind != FOLDER:
        return source
    return source.with_option("reading", FIRST_READING)


def begun_clips(source: ClipSource, folder: Path) -> BegunClips:
    """The clips that a study or a training in a folder goes on with.

    Args:
        source: Dataset, read as the folder was begun.
        folder: Folder of the study or the training.
    """
    index = read_index(source)
    named = known_clips(index)
    clips = named
    digests = {"digest": clip_digest(named)}
    if source.option(CONTENT):
        clips = known_clips(index, content=True)
        digests[CONTENT] = clip_digest(clips)
    reading = _deciding_reading(source, digests["digest"])
    return BegunClips(index, clips, reading, digests, folder / CLIPS_FILE)


def _begun_reading(records: Path) -> int:
    """The rule that a folder was begun with; the newest where nothing was begun."""
    try:
        with records.open(encoding="utf-8") as lines:
            record: Any = json.loads(lines.readline())
        clips = record["identity"]["clips"]
        return int(clips.get("reading") or FIRST_READING)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return READING


def _deciding_reading(source: ClipSource, digest: str) -> int:
    """The newest rule where the first one finds other clips; else 0."""
    if source.kind != FOLDER or source.option("reading") == FIRST_READING:
        return 0
    try:
        first = read_index(as_first_read(source))
    except ClipError:
        return READING
    return 0 if clip_digest(known_clips(first)) == digest else READING

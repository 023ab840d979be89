"""Which cache do a search and a training take their clips from? They say so in a line.

Clips of a cache are the clips of a study that began with it: they are cut from what was
decoded once. So a study, or a training, goes on with the cache that it began with, or
without one.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.cli.output import note
from vidnas.clips.cache.lookup import OPTION, find_cache, with_cache
from vidnas.clips.cache.reading import Cache
from vidnas.clips.clip_shape import ClipShape, shape_in_words
from vidnas.datasets.source import ClipSource


@dataclass(frozen=True, slots=True)
class CachedSource:
    """A dataset, and the cache that its clips come from.

    Args:
        source: Dataset, which names its cache where it has one.
        digest: What the clips of the cache are; empty without one.
        words: What to say of it; empty where there is nothing.
    """

    source: ClipSource
    digest: str = ""
    words: str = ""

    def say(self) -> None:
        """Notes which cache is used, or why one is not."""
        if self.words:
            note(f"cache       {self.words}")


def cached_source(
    source: ClipSource, shapes: Collection[ClipShape], begun_with: str | None
) -> CachedSource:
    """The dataset with the cache that serves, if one does.

    Args:
        source: Dataset as it was named; its option `cache` names a cache, or forbids
            one by `false`.
        shapes: Shapes that clips will be read in.
        begun_with: Digest of the cache that a folder was begun with, empty for none;
            None for a new folder.

    Raises:
        ClipError: the cache that the source names cannot be used.
    """
    named = dict(source.options).get(OPTION)
    plain = with_cache(source, None)
    if named is False:
        return CachedSource(plain)
    found, why = find_cache(source if named else plain, shapes)
    if found is None:
        return CachedSource(plain, words=f"not used: {why}" if why else "")
    if named or begun_with is None or begun_with == found.digest:
        kept = with_cache(source, found.folder)
        return CachedSource(kept, found.digest, _words(found))
    begun = f"cache {begun_with}" if begun_with else "no cache"
    return CachedSource(plain, words=f"not used: begun with {begun}; {found.folder}")


def begun_with_cache(file: Path) -> str | None:
    """Digest of the cache that the first record of a file names.

    Args:
        file: Journal of a study, or records of a training.

    Returns:
        The digest, empty where it was begun without a cache; None where nothing was
        begun.
    """
    try:
        with file.open(encoding="utf-8") as lines:
            record: Any = json.loads(lines.readline())
        clips = record["identity"]["clips"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(clips.get(OPTION) or "") if isinstance(clips, dict) else None


def _words(cache: Cache) -> str:
    several = f", {cache.windows} windows a video" if cache.windows > 1 else ""
    return f"{cache.folder}: {shape_in_words(cache.shape)}{several}"

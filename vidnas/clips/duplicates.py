"""Which files are both trained on and measured on? Same size, then same content."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from vidnas.clips.identity import TRAINED, KnownClip, content_hash
from vidnas.clips.index import ClipIndex
from vidnas.clips.readers.tfrecord import is_record
from vidnas.clips.store import is_address

_SAMPLE = 4096  # bytes in the middle of a file, which tell most files apart


def files_on_both_sides(
    index: ClipIndex, clips: Sequence[KnownClip]
) -> tuple[tuple[str, str], ...]:
    """Pairs of a training and a validation file of the same content.

    Files are read only where one on the other side has their size; folders of frames,
    records and what lies in an object store are not looked at.

    Args:
        index: Clips of a dataset.
        clips: What `known_clips` says of them.
    """
    entries = [entry for split in TRAINED for entry in index.splits[split]]
    by_size: dict[int, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for entry, clip in zip(entries, clips, strict=True):
        if clip.size > 0 and _is_plain(entry.path):
            by_size[clip.size][TRAINED.index(entry.split)].add(entry.path)
    found = []
    for train, val in by_size.values():
        if train and val:
            found += _same(sorted(train), sorted(val))
    return tuple(found)


def _is_plain(path: str) -> bool:
    return not (is_address(path) or is_record(path) or Path(path).is_dir())


def _same(train: Sequence[str], val: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of the same content, among files of one size."""
    samples = {_sample(path): path for path in val}
    alike = [path for path in train if _sample(path) in samples]
    if not alike:
        return []
    contents = {content_hash(path): path for path in val}
    return [
        (path, contents[content])
        for path in alike
        if (content := content_hash(path)) in contents
    ]


def _sample(path: str) -> bytes:
    """Some bytes in the middle of a file; none where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            file.seek(max(0, Path(path).stat().st_size // 2 - _SAMPLE // 2))
            return file.read(_SAMPLE)
    except OSError:
        return b""

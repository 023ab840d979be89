"""Which clips are for validation where a dataset does not say? A fifth of each class.

Chosen by rank of a hash, so that the choice has nothing to do with what is in a video,
and one file more moves at most one other. What belongs together stays together: the
parts of one video, and what has a group in common.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.reader import composed

SHARE = 0.2  # of the clips of a class


def split_a_fifth(
    entries: Sequence[ClipEntry], names: Sequence[str]
) -> list[ClipEntry]:
    """The entries, each in `train` or `val`.

    Of n clips of a class, round(n / 5) are for validation, at least 1 and at most
    n - 1: exactly, where each clip is a group of its own; as near as whole groups come
    where it is not.

    Args:
        entries: Clips of one dataset.
        names: Name of each within its class, which decides its rank.
    """
    groups: dict[str, list[int]] = {}
    for n, entry in enumerate(entries):
        groups.setdefault(entry.group or f"\0{entry.path}", []).append(n)
    # A group by its name, a video by the name that it has in its class.
    ranked = sorted(
        groups, key=lambda key: _rank(key if key[0] != "\0" else names[groups[key][0]])
    )
    counts = [Counter(_labels(entries, groups[key])) for key in ranked]
    held = _held_out(counts)
    val = {n for at in held for n in groups[ranked[at]]}
    return [
        replace(entry, split="val" if n in val else "train")
        for n, entry in enumerate(entries)
    ]


def _labels(entries: Sequence[ClipEntry], rows: Sequence[int]) -> list[int]:
    """The labels of some entries; -1 for one that has none."""
    return [label for n in rows for label in entries[n].labels or (-1,)]


def _held_out(counts: Sequence[Counter[int]]) -> set[int]:
    """Positions of the groups that come nearest to a fifth of every class.

    Args:
        counts: Clips by class of each group, in the order of their ranks.
    """
    total: Counter[int] = Counter()
    for count in counts:
        total.update(count)
    wanted = {label: min(max(1, round(n * SHARE)), n - 1) for label, n in total.items()}
    held: Counter[int] = Counter()
    chosen: set[int] = set()
    for at, count in enumerate(counts):
        gain = sum(
            abs(held[label] - wanted[label]) - abs(held[label] + n - wanted[label])
            for label, n in count.items()
        )
        keeps_some = all(held[one] + n < total[one] for one, n in count.items())
        if gain > 0 and keeps_some:
            held.update(count)
            chosen.add(at)
    _add_the_absent(counts, total, held, chosen)
    return chosen


def _add_the_absent(
    counts: Sequence[Counter[int]],
    total: Mapping[int, int],
    held: Counter[int],
    chosen: set[int],
) -> None:
    """Holds out a group of each class that has none, where another is left to train."""
    for label in total:
        if held[label] or total[label] < 2:
            continue
        able = [
            at
            for at, count in enumerate(counts)
            if count[label]
            and at not in chosen
            and all(held[one] + n < total[one] for one, n in count.items())
        ]
        if able:
            smallest = min(able, key=lambda at: (counts[at].total(), at))
            held.update(counts[smallest])
            chosen.add(smallest)


def _rank(name: str) -> float:
    """A number in [0, 1) that only the name decides."""
    digest = hashlib.blake2b(
        composed(name).encode(errors="surrogateescape"), digest_size=8
    ).digest()
    return int.from_bytes(digest) / 2**64


def split_by_share(
    entries: Sequence[ClipEntry], names: Sequence[str]
) -> list[ClipEntry]:
    """The split that studies have which began before `split_a_fifth`.

    Every clip whose hash is below a fifth is for validation, which is no fifth of a
    small class: at least one of each class, and at most all but one.

    Args:
        entries: Clips of one dataset, one class each.
        names: Name of each within its class.
    """
    rows: dict[int, list[int]] = {}
    for n, entry in enumerate(entries):
        rows.setdefault(entry.labels[0], []).append(n)
    val: set[int] = set()
    for found in rows.values():
        by_share = sorted(found, key=lambda n: (_old_rank(names[n]), n))
        below = sum(_old_rank(names[n]) < SHARE for n in by_share)
        val.update(by_share[: max(1, min(below, len(by_share) - 1))])
    return [
        replace(entry, split="val" if n in val else "train")
        for n, entry in enumerate(entries)
    ]


def _old_rank(name: str) -> float:
    """As `_rank`, of a name as the disk spells it."""
    digest = hashlib.blake2b(
        name.encode(errors="surrogateescape"), digest_size=8
    ).digest()
    return int.from_bytes(digest) / 2**64

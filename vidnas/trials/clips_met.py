"""Which clips did trainings meet that teach little? What they counted, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

# Numbers that a training measures of its clips, and what they say.
_MET = {
    "skipped_clips": "unreadable",
    "still_clips": "still",
    "short_clips": "shorter than the window",
    "damaged_clips": "damaged in part",
}


def clips_met(measured: Iterable[Mapping[str, Any]]) -> str:
    """`3 still, 1 damaged in part`: the most of each that one training met; or nothing.

    Trainings at other clip shapes read other windows, and where clips are decoded in
    every pass, they meet more of them the longer they train.

    Args:
        measured: Measured numbers of each training.
    """
    trainings = list(measured)
    most = {name: max((m.get(name, 0) for m in trainings), default=0) for name in _MET}
    return ", ".join(f"{n:g} {_MET[name]}" for name, n in most.items() if n)

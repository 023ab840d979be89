"""What was wrong with clips as they were decoded? Counted once a file, by kind."""

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from vidnas.video.decode import DecodedClip

STILL = ("still_broken", "still_short", "one_picture", "frozen")
# What `vidnas.video.window.fault_of` says of why a clip is still.
_BROKEN, _SHORT = ("can be decoded", "frames are there"), "behind the end"


class DecodedFaults:
    """Faults of the clips of one split, gathered in whatever threads decode them.

    Args:
        kinds: Kinds of fault by the position of the clip, as found before.
    """

    def __init__(self, kinds: Mapping[int, str] | None = None) -> None:
        self._kinds = dict(kinds or {})
        self._lock = threading.Lock()

    def hear(self, position: int, clip: DecodedClip) -> None:
        """Takes news of a window; the first fault of a clip counts, a still one more.

        Args:
            position: Position of the clip in its split.
            clip: Window that was decoded of it.
        """
        kind = kind_of(clip)
        if kind:
            with self._lock:
                if kind in STILL or position not in self._kinds:
                    self._kinds[position] = kind

    @property
    def kinds(self) -> dict[int, str]:
        """Kinds of the faults met so far, one a clip, by its position."""
        with self._lock:
            return dict(self._kinds)


def measured_faults(*splits: DecodedFaults) -> dict[str, float]:
    """How many clips of all splits had which fault, as measured numbers.

    Args:
        *splits: Faults of each split.
    """
    kinds = [kind for faults in splits for kind in faults.kinds.values()]
    return {
        "still_clips": float(sum(kind in STILL for kind in kinds)),
        "short_clips": float(kinds.count("short")),
        "damaged_clips": float(kinds.count("damaged")),
    }


def kind_of(clip: DecodedClip) -> str:
    """The kind of what is wrong with a decoded window; empty where nothing is.

    A file whose damage a decoder hides is still by its pictures alone.

    Args:
        clip: Window with what its decoder says of it, as in `still: one picture`.
    """
    kind, _, words = clip.fault.partition(": ")
    if words == "one picture":
        return "one_picture"
    is_broken = kind in ("damaged", "cut") or any(part in words for part in _BROKEN)
    if kind == "still":
        if is_broken:
            return "still_broken"
        return "still_short" if _SHORT in words else "frozen"
    if is_broken or clip.damaged_packets:
        return "still_broken" if is_still(clip) else "damaged"
    return kind


def is_still(clip: DecodedClip, alike: int = 1) -> bool:
    """Whether all pictures of a clip of several are alike.

    Args:
        clip: Window that was decoded.
        alike: Most that a pixel may differ from the first picture's, of 255.
    """
    if len(clip.frames) < 2:
        return False
    first: Any = clip.frames[0].astype(np.int16)
    return bool((np.abs(clip.frames[1:] - first) <= alike).all())

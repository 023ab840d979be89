"""How are the frames of a window found? Decoded on the way, painted as they come."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.video.display import Image, Painter
from vidnas.video.opening import Deadline
from vidnas.video.packets import DOUBTFUL, decode_frames
from vidnas.video.route import Route


class WindowFrames:
    """Images of a window's frames, of which at most one is kept as it was decoded.

    Args:
        places: Place of each frame `[T]`, rising: its time, or its number where only
            the order of frames is known.
        by_order: Whether places are numbers.
        painter: What makes images of decoded frames.
    """

    def __init__(self, places: list[int], *, by_order: bool, painter: Painter) -> None:
        self._places = places
        self._wanted = sorted(set(places))
        self._by_order = by_order
        self._painter = painter
        self._met: set[int] = set()
        self._sound: set[int] = set()
        self.images: dict[int, Image] = {}
        self.damage = 0

    @property
    def is_full(self) -> bool:
        """Whether every wanted frame was decoded."""
        return len(self._met) == len(self._wanted)

    @property
    def sound(self) -> int:
        """How many of the wanted frames were decoded without damage."""
        return len(self._sound)

    @property
    def repeated(self) -> int:
        """How often the window shows the image that it shows most."""
        return max(Counter(id(self.images[place]) for place in self._places).values())

    def clip(self) -> NDArray[np.uint8]:
        """The window `[T, H, W, 3]`; what was not decoded shows the frame before."""
        return np.stack([self.images[place] for place in self._places])

    def fill_by(self, route: Route, stream: Any, deadline: Deadline) -> None:
        """Decodes what a route leads to, until it misses the window."""
        frames = decode_frames(route, stream, deadline, route.skips)
        for place, frame, is_sound in self._placed(frames):
            if not route.leads(frame, place):
                return
            self._take(frame, place, is_sound)
            if place >= self._wanted[-1]:
                return
            route.pass_by(place)

    def fill(self, packets: Iterable[Any], stream: Any, deadline: Deadline) -> None:
        """Decodes every frame up to the last wanted one.

        What does not come shows the frame before it, or else the first one.

        Args:
            packets: Packets from the first one on, None for each that cannot be read.
            stream: Video stream with its decoder.
            deadline: When decoding must be done.
        """
        before: Any = None
        for place, frame, is_sound in self._placed(
            decode_frames(packets, stream, deadline)
        ):
            self._hold(frame if before is None else before, place)
            self._take(frame, place, is_sound)
            before = frame
            if place >= self._wanted[-1]:
                break
        if before is not None:
            self._hold(before, self._wanted[-1] + 1)

    def _placed(self, frames: Iterable[Any]) -> Iterator[tuple[int, Any, bool]]:
        """Place of each frame, the frame, and whether it shows no damage."""
        damage = place = 0
        is_broken = False  # since a lost frame, until one that decodes without others
        has_begun = False
        for frame in frames:
            if frame is None or frame is DOUBTFUL:
                is_broken = True
                damage += 1
                self.damage = max(self.damage, damage)
            else:
                is_broken = is_broken and not frame.key_frame
                if not self._by_order and frame.pts is not None:
                    place = frame.pts
                yield place, frame, not (is_broken or frame.is_corrupt)
            has_begun = has_begun or bool(frame)
            if self._by_order and has_begun and frame is not DOUBTFUL:
                place += 1

    def _take(self, frame: Any, place: int, is_sound: bool) -> None:
        if place in self._met or place not in self._wanted:
            return
        self.images[place] = self._painter.paint(frame)
        self._met.add(place)
        if is_sound:
            self._sound.add(place)

    def _hold(self, frame: Any, place: int) -> None:
        """Shows a frame in place of wanted ones before a place that did not come."""
        missed = [w for w in self._wanted if w < place and w not in self.images]
        if missed:
            self.images |= dict.fromkeys(missed, self._painter.paint(frame))

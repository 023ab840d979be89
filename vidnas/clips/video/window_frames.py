"""How are the frames of a window found? Decoded on the way, painted as they come."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from vidnas.clips.video.display import Image, Painter
from vidnas.clips.video.opening import Deadline
from vidnas.clips.video.packets import decode_frames, read_packets
from vidnas.clips.video.timeline import Timeline
from vidnas.clips.video.window import Window

# Codecs of which it is certain that no frame is predicted from a frame that says so.
# In HEVC it may serve a higher layer, in VP9 it carries statistics.
_SKIPPABLE = frozenset({"h264", "mpeg1video", "mpeg2video", "mpeg4"})
# Frames to leave out before it pays to empty a decoder, which then fills up anew.
_WORTH_A_JUMP = 4
_PROGRESSIVE = 1  # AV_FIELD_PROGRESSIVE; 0 is unknown


class WindowFrames:
    """Images of a window's frames, of which at most one is kept as it was decoded.

    Args:
        timeline: Moments of the video.
        window: Frames that are wanted.
        painter: What makes images of decoded frames.
    """

    def __init__(self, timeline: Timeline, window: Window, painter: Painter) -> None:
        self._ticks = timeline.ticks
        # A frame's place is its time, or its number where only the order is known.
        places = window.shown if self._ticks is None else self._ticks[window.shown]
        self._places: list[int] = places.tolist()
        self._wanted_set = frozenset(self._places)
        self._wanted = sorted(self._wanted_set)
        self._painter = painter
        self.images: dict[int, Image] = {}
        self._keys: list[int] = timeline.keys.tolist()
        self._next = self._wanted[0]
        self._jump_to: int | None = None
        self._met: set[int] = set()
        self._sound: set[int] = set()
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

    def fill(
        self, packets: Iterable[Any], stream: Any, deadline: Deadline, *, skip: bool
    ) -> None:
        """Decodes up to the last wanted frame.

        Args:
            packets: Packets from a key frame on, None for each that cannot be read.
            stream: Video stream with its decoder.
            deadline: When decoding must be done.
            skip: Whether frames that nothing needs are left out, and decoding ends at
                a frame that shows that the packets do not lead to the window.
        """
        damage = place = 0
        is_broken = False  # since a lost frame, until one that decodes without others
        is_landed = not skip
        before: Any = None
        skips = self._is_unwanted if skip and self._can_skip(stream) else None
        if skip:
            packets = self._past_gaps(packets, stream.codec_context)
        for frame in decode_frames(packets, stream, deadline, skips):
            is_broken = frame is None or (is_broken and not frame.key_frame)
            if frame is None:
                damage += 1
                place += self._ticks is None
                continue
            if self._ticks is not None and frame.pts is not None:
                place = frame.pts
            if not is_landed and not self._leads(frame, place):
                break
            is_landed = True
            if not skip:
                self._hold(frame, place, before)
            self._take(frame, place, is_sound=not (is_broken or frame.is_corrupt))
            before = frame
            if place >= self._wanted[-1]:
                break
            if skip:
                self._plan_jump(place)
            place += self._ticks is None
        if before is not None and not skip:
            self._hold(before, self._wanted[-1] + 1, before)
        self.damage = max(self.damage, damage)

    def _plan_jump(self, place: int) -> None:
        """Decides to go on at a key frame where all before it are not wanted."""
        if self._ticks is None or place < self._next:
            return
        later = bisect_right(self._wanted, place)
        self._next = self._wanted[later]
        key = int(self._keys[bisect_right(self._keys, self._next) - 1])
        saved = np.searchsorted(self._ticks, [place, key])
        if saved[1] - saved[0] > _WORTH_A_JUMP:
            self._jump_to = key

    def _past_gaps(self, packets: Iterable[Any], decoder: Any) -> Iterator[Any]:
        """Packets, but none from where a jump begins up to its key frame."""
        for packet in packets:
            if self._jump_to is not None:
                if packet is None or not packet.is_keyframe:
                    continue
                time = packet.dts if packet.pts is None else packet.pts
                if time is None or time < self._jump_to:
                    continue
                self._jump_to = None
                decoder.flush_buffers()
            yield packet

    def _can_skip(self, stream: Any) -> bool:
        decoder = stream.codec_context
        return (
            self._ticks is not None
            and decoder.name in _SKIPPABLE
            and decoder.field_order <= _PROGRESSIVE
        )

    def _is_unwanted(self, packet: Any) -> bool:
        return packet.pts not in self._wanted_set

    def _leads(self, frame: Any, place: int) -> bool:
        """Whether a first decoded frame is one of the timeline, and not too late."""
        if self._ticks is None:
            return True
        if (
            len(self._keys) and not frame.key_frame
        ):  # an index that calls all frames key
            return False
        n = int(np.searchsorted(self._ticks, place))
        known = n < len(self._ticks) and int(self._ticks[n]) == place
        return known and place <= self._wanted[0]

    def _take(self, frame: Any, place: int, *, is_sound: bool) -> None:
        if place in self._wanted_set and place not in self._met:
            self.images[place] = self._painter.paint(frame)
            self._met.add(place)
            if is_sound:
                self._sound.add(place)

    def _hold(self, frame: Any, place: int, before: Any) -> None:
        """Shows the frame before in the place of wanted ones that did not come."""
        image: Image | None = None
        for wanted in self._wanted:
            if wanted < place and wanted not in self._met:
                if wanted in self.images:
                    continue
                if image is None:
                    image = self._painter.paint(frame if before is None else before)
                self.images[wanted] = image


def approaches(
    container: Any, stream: Any, timeline: Timeline, window: Window, is_fresh: bool
) -> Iterator[Iterator[Any]]:
    """Packets from a key frame before the window on, one way after the other.

    Args:
        container: The file, open.
        stream: Its video stream.
        timeline: Moments of the video.
        window: Frames that are wanted.
        is_fresh: Whether no packet was read yet.
    """
    if timeline.ticks is None:
        if is_fresh:
            yield read_packets(container, stream)
        return
    before = timeline.keys[timeline.keys <= timeline.ticks[window.shown[0]]]
    if is_fresh and len(before) <= 1:
        yield read_packets(container, stream)
        is_fresh = False
    # A container may land one key frame late, as MPEG-TS does.
    for key in before[-1:-3:-1].tolist():
        try:
            container.seek(key, stream=stream)
        except av.error.FFmpegError:
            return
        yield _from_key(read_packets(container, stream))


def _from_key(packets: Iterator[Any]) -> Iterator[Any]:
    """Packets from the first key frame on; before it nothing decodes."""
    found = False
    for packet in packets:
        found = found or packet is None or packet.is_keyframe
        if found:
            yield packet

"""Which packets lead to the frames of a window? From key frame to key frame."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from vidnas.video.packets import Skips, read_packets
from vidnas.video.timeline import Timeline

# Codecs of which it is certain that no frame is predicted from a frame that says so.
# In HEVC it may serve a higher layer, in VP9 it carries statistics.
_SKIPPABLE = frozenset({"h264", "mpeg1video", "mpeg2video", "mpeg4"})
# Frames to leave out before it pays to empty a decoder that holds some back.
_WORTH_A_JUMP = 4
_PROGRESSIVE = 1  # AV_FIELD_PROGRESSIVE; 0 is unknown


class Route:
    """Packets that lead to wanted frames; those between that lead to none are left out.

    Args:
        packets: Packets of the stream from somewhere before the window on, None for
            each that cannot be read.
        stream: Its video stream.
        timeline: Moments of the video.
        places: Place of each wanted frame, rising.
    """

    def __init__(
        self, packets: Iterator[Any], stream: Any, timeline: Timeline, places: list[int]
    ) -> None:
        self._packets = packets
        self._decoder = stream.codec_context
        self._timeline = timeline
        self._keys: list[int] = timeline.keys.tolist()
        self._wanted = sorted(set(places))
        self._wanted_set = frozenset(places)
        self._next = places[0]
        self._from: int | None = None  # time of the key frame to go on at
        self._is_landed = False
        self._hides_key = False
        self._worth = 1 + _WORTH_A_JUMP if self._decoder.has_b_frames else 1

    @property
    def skips(self) -> Skips | None:
        """Tells packets of frames that nothing needs; None where it is not certain."""
        certain = (
            self._timeline.ticks is not None
            and self._decoder.name in _SKIPPABLE
            and self._decoder.field_order <= _PROGRESSIVE
        )
        return (lambda packet: packet.pts not in self._wanted_set) if certain else None

    def __iter__(self) -> Iterator[Any]:
        """Packets to decode, the decoder emptied at every jump."""
        for packet in self._packets:
            if self._from is not None:
                if packet is None or not packet.is_keyframe:
                    continue
                time = packet.dts if packet.pts is None else packet.pts
                if time is None or time < self._from:
                    continue
                self._from = None
                self._decoder.flush_buffers()
            if not self._is_landed and packet is not None:
                self._hides_key = self._hides_key or packet.is_discard
            yield packet

    def leads(self, frame: Any, place: int) -> bool:
        """Whether a decoded frame is where the route should be.

        A container may land too late, on another clock, or, where its index calls all
        frames key frames, on one that needs others.
        """
        ticks = self._timeline.ticks
        if self._is_landed or ticks is None:
            return True
        self._is_landed = True
        n = int(np.searchsorted(ticks, place))
        if n == len(ticks) or int(ticks[n]) != place or place > self._next:
            return False
        # An edit list may hide the key frame from which others are predicted.
        return bool(frame.key_frame) or self._hides_key or not self._keys

    def pass_by(self, place: int) -> None:
        """Decides, once a place was decoded, to go on at a later key frame."""
        if self._timeline.ticks is None or place < self._next:
            return
        self._next = self._wanted[bisect_right(self._wanted, place)]
        before = bisect_right(self._keys, self._next) - 1
        if before < 0:
            return
        key = self._keys[before]
        here, there = np.searchsorted(self._timeline.ticks, [place, key])
        if there - here > self._worth:
            self._from, self._is_landed = key, False


def find_routes(
    container: Any, stream: Any, timeline: Timeline, places: list[int], is_fresh: bool
) -> Iterator[Route]:
    """Routes to a window, one to be tried after the other.

    Args:
        container: The file, open.
        stream: Its video stream.
        timeline: Moments of the video.
        places: Place of each wanted frame, rising.
        is_fresh: Whether no packet was read yet.
    """
    keys: list[int] = [] if timeline.ticks is None else timeline.keys.tolist()
    before = keys[: bisect_right(keys, places[0])]
    if is_fresh and len(before) <= 1:
        yield Route(read_packets(container, stream), stream, timeline, places)
    # A container may land one key frame late, as MPEG-TS does.
    for key in before[-1:-3:-1]:
        try:
            container.seek(key, stream=stream)
        except av.error.FFmpegError:
            return
        packets = _from_key(read_packets(container, stream), frozenset(keys))
        yield Route(packets, stream, timeline, places)


def _from_key(packets: Iterator[Any], keys: frozenset[int]) -> Iterator[Any]:
    """Packets from the first key frame on; before it nothing decodes.

    None where that frame has another time than in the pass over all packets: sought
    amid a pack, MPEG-PS gives the times of one frame to the next.
    """
    for packet in packets:
        if packet is None or packet.is_keyframe:
            time = packet and (packet.dts if packet.pts is None else packet.pts)
            if packet is None or time in keys:
                yield packet
                yield from packets
            return

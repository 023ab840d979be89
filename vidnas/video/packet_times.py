"""Which timeline do a file's packets have? One pass over them, nothing decoded."""

from collections import OrderedDict
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from vidnas.errors import ClipError
from vidnas.video.beginning import Beginning, read_beginning
from vidnas.video.opening import Deadline, open_video
from vidnas.video.packets import is_shown, read_packets
from vidnas.video.timeline import (
    Timeline,
    believable_rate,
    without_jumps,
)

_MOST_PACKETS = 2**20  # nine hours at 30 frames per second
_CHECKED_EVERY = 4096  # packets
_MOST_REMEMBERED = 2**22  # moments of all files together, about 64 MiB
# A frame is shown no longer than this; a longer step is a clock that jumped. FFmpeg
# takes 10 s where clocks are known to jump (`dts_delta_threshold`).
_LONGEST_STEP = {"mpegts": 10.0, "mpeg": 10.0, "flv": 600.0}
_LONGEST_STEP_ELSEWHERE = 3600.0
# Containers that claim a duration of their own, not one of what was found.
_SAYS_DURATION = frozenset({"matroska,webm", "avi", "flv", "asf"})
_NEARLY = 0.95  # share of a claimed duration that counts as all of it
_BACK = 1.0  # by which a clock goes back only where recordings were joined [s]
_MOSTLY = 0.8  # share of steps that are alike where a clock is even

_remembered: "OrderedDict[tuple[str, int, int], Timeline]" = OrderedDict()
_lock = Lock()


class _Packet(NamedTuple):
    """What a packet says of its frame."""

    pts: int | None
    dts: int | None
    key: bool
    shown: bool


def find_timeline(
    path: Path, container: Any, stream: Any, deadline: Deadline
) -> tuple[Timeline, bool]:
    """The timeline of an open file, of an earlier pass where the file is the same.

    Args:
        path: Video file.
        container: The file, open and not yet read.
        stream: Its video stream.
        deadline: When the pass must be done.

    Returns:
        The timeline, and whether the file is still unread.

    Raises:
        ClipError: it shows no frame, or the pass takes too long.
    """
    status = path.stat()
    key = (str(path), status.st_mtime_ns, status.st_size)
    with _lock:
        if key in _remembered:
            _remembered.move_to_end(key)
            return _remembered[key], True
    timeline = _read_timeline(path, container, stream, deadline)
    with _lock:
        _remembered[key] = timeline
        total = sum(map(len, _remembered.values())) if len(_remembered) % 64 == 0 else 0
        while total > _MOST_REMEMBERED and len(_remembered) > 1:
            total -= len(_remembered.popitem(last=False)[1])
    return timeline, False


def forget() -> None:
    """No timeline is remembered any more."""
    with _lock:
        _remembered.clear()


def _read_timeline(
    path: Path, container: Any, stream: Any, deadline: Deadline
) -> Timeline:
    packets: list[_Packet] = []
    damaged = 0
    codec = stream.codec_context.name
    for packet in read_packets(container, stream):
        if packet is None:
            damaged += 1
            continue
        if packet.is_corrupt:
            damaged += 1
        packets.append(
            _Packet(packet.pts, packet.dts, packet.is_keyframe, is_shown(packet, codec))
        )
        if len(packets) % _CHECKED_EVERY == 0:
            deadline.check()
        if len(packets) >= _MOST_PACKETS:
            break
    tick = float(stream.time_base)
    claims = [float(r) for r in (stream.average_rate, stream.guessed_rate) if r]
    order = _only_order(packets, container, stream)
    begins = None
    if order or _begins_oddly(packets, stream):
        begins = read_beginning(path, deadline)
        order = order or not begins.is_rising
    ticks = None if order else _ticks_shown(packets, begins)
    if ticks is None:
        seconds = _seconds_by_order(packets, tick, claims)
        seconds = seconds[begins.lost if begins else 0 :]
        seconds = seconds - seconds[:1]
    else:
        seconds = np.asarray((ticks - ticks[:1]) * tick, np.float64)
    if not len(seconds):
        raise ClipError(f"A video must have a frame that decodes, got none: {path}.")
    longest = _LONGEST_STEP.get(container.format.name, _LONGEST_STEP_ELSEWHERE)
    seconds = without_jumps(seconds, longest)
    keys = [p.pts if p.pts is not None else p.dts for p in packets if p.key]
    rate = believable_rate(seconds, claims, tick)
    first = 0.0 if ticks is None else max(0.0, float(ticks[0]) * tick)
    ends = first + float(seconds[-1]) + 1 / rate
    return Timeline(
        seconds=seconds,
        ticks=ticks,
        keys=np.unique(np.array([k for k in keys if k is not None], np.int64)),
        tick=tick,
        rate=rate,
        damaged_packets=damaged,
        missing=_missing(path, container, stream, len(packets), ends, rate),
    )


def _missing(
    path: Path, container: Any, stream: Any, packets: int, ends: float, rate: float
) -> int:
    """How many frames a file lists, or has time for, and does not hold."""
    name = container.format.name
    if "mp4" in name or name == "avi":  # elsewhere the index lists what was read
        index = stream.index_entries
        if len(index) > packets:
            return max(0, sum(1 for entry in index if entry.size) - packets)
    if name in _SAYS_DURATION and container.duration:
        whole = float(container.duration) / av.time_base
        # A duration is counted from 0 here, from the first frame there.
        if ends < _NEARLY * whole and _ends(path) < _NEARLY * whole:
            return round(float(whole - ends) * rate)
    return 0


def _ends(path: Path) -> float:
    """Where the last packet of any stream ends [s]; sound may outlast the pictures."""
    end = 0.0
    with open_video(path) as (container, _):
        streams = [s for s in container.streams if s.type in {"audio", "video"}]
        for packet in read_packets(container, *streams):
            time = packet and (packet.pts if packet.pts is not None else packet.dts)
            if time is not None:
                last = time + (packet.duration or 0)
                end = max(end, float(last * packet.time_base))
    return end


def _only_order(packets: list[_Packet], container: Any, stream: Any) -> bool:
    """Whether times do not say which frame is which, but the order of decoding does."""
    delayed = bool(stream.codec_context.has_b_frames)
    if delayed and container.format.name == "avi":
        return True  # it stores times of decoding; others are guessed
    shown = [p for p in packets if p.shown]
    if any(p.pts is None and (delayed or p.dts is None) for p in shown):
        return True
    times = [_time(p) for p in shown]
    alike = len(times) - len(set(times))
    if 2 * alike > len(times) or (delayed and alike):
        return True  # MPEG-PS has one time for all frames of a pack
    decoded = [p.dts for p in packets if p.dts is not None]
    back = _BACK / float(stream.time_base)
    return any(b < a - back for a, b in pairwise(decoded))


def _time(packet: _Packet) -> int:
    return packet.pts if packet.pts is not None else packet.dts or 0


def _begins_oddly(packets: list[_Packet], stream: Any) -> bool:
    """Whether times at the beginning may be those of frames that are not shown then."""
    times = [_time(p) for p in packets if p.shown]
    key = next((n for n, p in enumerate(packets) if p.key), None)
    if not times or key is None:
        return False
    if any(p.shown for p in packets[:key]) or min(times) < _time(packets[key]):
        return True  # frames before the first that decodes
    # Times of decoding, as MXF has them, where frames should be out of order.
    return bool(stream.codec_context.has_b_frames) and times == sorted(times)


def _ticks_shown(packets: list[_Packet], begins: Beginning | None) -> NDArray[np.int64]:
    """When frames are shown, rising; frames before the first that decodes are none."""
    ticks = np.unique(np.array([_time(p) for p in packets if p.shown], np.int64))
    if begins is None or begins.first is None:
        return ticks
    return ticks[ticks >= begins.first]


def _seconds_by_order(
    packets: list[_Packet], tick: float, claims: list[float]
) -> NDArray[np.float64]:
    """When frames are shown, where only their order is known.

    Times of decoding are those of display, but for a delay. Where a clock goes back,
    as in recordings that were joined, each part is in order. Where it stands, or steps
    evenly but for frames that share a time, all steps are even.
    """
    shown = [p for p in packets if p.shown]
    times = [p.dts if p.dts is not None else p.pts for p in shown]
    if None in times or 2 * len(set(times)) < len(times):
        rate = believable_rate(np.zeros(1), claims, tick)
        return np.arange(len(shown), dtype=np.float64) / rate
    seconds = np.array(times, np.float64) * tick
    parts = np.split(seconds, np.flatnonzero(np.diff(seconds) < -_BACK) + 1)
    seconds = np.concatenate([np.sort(part) for part in parts], dtype=np.float64)
    steps = np.diff(seconds)
    usual = float(np.median(steps)) if len(steps) else 0.0
    even = np.abs(steps - usual) <= tick
    if usual > 0 and (steps == 0).any() and even.mean() > _MOSTLY:
        return np.arange(len(shown), dtype=np.float64) * usual
    return np.asarray(seconds - seconds[:1])

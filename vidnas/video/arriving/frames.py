"""Which frames does a video show, one after the other, and which does a network see?

Moments lie evenly, and each is answered by the frame that is shown then, as in a clip:
the frames that a stream sees from the first one on are those of a clip that begins
there.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import av
import numpy as np

from vidnas.errors import ClipError
from vidnas.video.arriving.source import Arriving, open_arriving
from vidnas.video.display import pixel_shape
from vidnas.video.frame_folder import decode_picture
from vidnas.video.opening import errors_of
from vidnas.video.packets import read_packets

_EVER = float("inf")


class ShownFrame(NamedTuple):
    """A decoded frame, with the moments that it is shown at.

    Args:
        seconds: When it is shown, from the first frame on [s].
        moments: Moments that it answers for, of those that lie evenly [s].
        frame: Frame as PyAV decodes it.
        pixel_shape: Width over height of its pixels.
    """

    seconds: float
    moments: tuple[float, ...]
    frame: Any
    pixel_shape: float


def shown_in_order(
    video: str | Path,
    *,
    frame_stride: int = 1,
    fps: float | None = None,
    piped: BinaryIO | None = None,
) -> Iterator[ShownFrame]:
    """Every frame of a video in the order in which a player shows them.

    One frame is held: which moments it answers for is known when the next one comes.
    Of what arrives, a stride counts the frames that come, and none is held. What cannot
    be decoded is left out, and the frame before it stays.

    Args:
        video: Video file, folder of frames, `-` for standard input, or a camera; see
            `open_arriving`.
        frame_stride: Frames of the source from one moment to the next, where `fps` is
            None.
        fps: Moments per second.
        piped: What is standard input; None for the process's own.

    Raises:
        ClipError: the video cannot be read, or none of its frames decodes.
    """
    with errors_of(Path(video)), open_arriving(video, piped) as arriving:
        if fps is None and arriving.timeline is None:
            yield from _every(arriving, frame_stride)
            return
        step = 1.0 / fps if fps else frame_stride / arriving.rate
        shape = _pixel_shape(arriving)
        asked = 0  # moments that are answered
        held: tuple[float, Any] | None = None
        for seconds, frame in _placed(arriving):
            if held is not None:
                before = _moments(asked, step, seconds - arriving.tolerance)
                asked += len(before)
                yield ShownFrame(held[0], before, held[1], shape)
            held = seconds, frame
        if held is None:
            raise ClipError(f"A video must have a frame that decodes: {arriving.name}.")
        ends = held[0] + 1 / arriving.rate - arriving.tolerance
        yield ShownFrame(held[0], _moments(asked, step, ends), held[1], shape)


def _every(arriving: Arriving, stride: int) -> Iterator[ShownFrame]:
    """Every frame of what arrives; of so many, one answers for its own moment.

    Nobody knows its rate for sure, and nothing has to wait for the next frame.
    """
    shape, n = _pixel_shape(arriving), -1
    for n, (seconds, frame) in enumerate(_placed(arriving)):
        yield ShownFrame(seconds, () if n % stride else (seconds,), frame, shape)
    if n < 0:
        raise ClipError(f"A video must have a frame that decodes: {arriving.name}.")


def _pixel_shape(arriving: Arriving) -> float:
    return 1.0 if arriving.stream is None else pixel_shape(arriving.stream)


def _moments(first: int, step: float, before: float) -> tuple[float, ...]:
    """Moments from the first one on that lie before another."""
    last = first
    while last * step < before:
        last += 1
    return tuple(n * step for n in range(first, last))


def _placed(arriving: Arriving) -> Iterator[tuple[float, Any]]:
    """Frames with the time at which each is shown, rising, from 0 on [s]."""
    if arriving.stream is None:
        for n, file in enumerate(arriving.pictures):
            picture = decode_picture(file)
            if picture is not None:
                yield n / arriving.rate, picture
        return
    timeline = arriving.timeline
    first: int | None = None
    last = -_EVER
    for n, frame in enumerate(_decoded(arriving)):
        ticks = timeline.ticks if timeline is not None else None
        if ticks is not None and timeline is not None:
            place = int(np.searchsorted(ticks, -1 if frame.pts is None else frame.pts))
            if place == len(ticks) or int(ticks[place]) != frame.pts:
                continue  # it is decoded, and a player does not show it
            seconds = float(timeline.seconds[place])
        elif timeline is not None:
            seconds = float(timeline.seconds[min(n, len(timeline) - 1)])
        elif frame.pts is None:
            seconds = n / arriving.rate
        else:
            first = frame.pts if first is None else first
            seconds = float((frame.pts - first) * arriving.stream.time_base)
        if seconds > last:
            last = seconds
            yield seconds, frame


def _decoded(arriving: Arriving) -> Iterator[Any]:
    """Frames of a stream in order; damaged packets give none."""
    decoder = arriving.stream.codec_context
    for packet in read_packets(arriving.container, arriving.stream):
        if packet is None:
            continue
        if packet.pts is None:
            packet.pts = packet.dts
        yield from _frames(decoder, packet)
    yield from _frames(decoder, None)


def _frames(decoder: Any, packet: Any) -> list[Any]:
    try:
        return list(decoder.decode(packet))
    except av.error.FFmpegError:
        return []

"""Which pixels does a video file hold at a moment? One robust reader of clips.

Frames are chosen by time, so variable frame rates are safe; display rotation is
honoured; what cannot be decoded is skipped and counted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from vidnas.errors import ClipError

av.logging.set_level(av.logging.PANIC)  # damage is counted, not printed by libav

_RATE_UNKNOWN = 25.0  # frames per second, where a container does not say
_READ_ERRORS = (av.error.FFmpegError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class DecodedClip:
    """Frames of one window of a video.

    Args:
        frames: Pixels `[T, H, W, 3]`, uint8 RGB.
        damaged_packets: Packets on the way that could not be read or decoded.
        fault: Why the clip is not what it should be, as in `still: one picture`; ""
            for a sound one.
    """

    frames: NDArray[np.uint8]
    damaged_packets: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ClipHeader:
    """What a video file says of itself.

    Args:
        frames: Length [frames], at least 1.
        side: Shorter side [pixels].
        rate: Frames per second.
        width: Width as a player shows it [pixels].
        height: Height as a player shows it [pixels].
        seconds: Length [s].
        codec: Name of the codec.
        mirrored: Whether a player shows the pixels of the file mirrored.
    """

    frames: int
    side: int
    rate: float
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    codec: str = ""
    mirrored: bool = False


def read_header(path: Path) -> ClipHeader:
    """What a video file says of itself; no frame is decoded.

    Raises:
        ClipError: the file cannot be read, or it has no video.
    """
    with _errors_of(path), av.open(str(path)) as container:
        stream = container.streams.best("video")
        if stream is None:
            raise ClipError(f"A clip must have a video stream, got none: {path}.")
        rate = float(stream.average_rate or stream.guessed_rate or _RATE_UNKNOWN)
        length = max(1, _length(container, stream, rate))
        return ClipHeader(
            length,
            min(stream.height, stream.width),
            rate,
            stream.width,
            stream.height,
            length / rate,
            stream.codec_context.name,
        )


def read_clip(
    path: Path,
    *,
    frames: int,
    frame_stride: int,
    side: int | tuple[int, int],
    start: float = 0.5,
) -> DecodedClip:
    """`frames` frames of a video, `frame_stride` source frames apart.

    A source frame lasts one over the stream's average frame rate; each frame returned
    is the last one that is shown at its moment. A video shorter than the window, or
    truncated, holds its last frame (as PySlowFast samples).

    Args:
        path: Video file of any container and codec that FFmpeg reads.
        frames: Number of frames to return, at least 1.
        frame_stride: Source frames from one returned frame to the next, at least 1.
        side: Height and width [pixels]. Frames are resized, aspect kept, to cover it
            and cut at the centre.
        start: Place within the slack where the window begins, from 0 (first frame of
            the video) to 1 (the window ends with the video).

    Returns:
        The clip, and how much of the file was damaged.

    Raises:
        ClipError: no frame of the file can be decoded, or it has no video.
    """
    size = (side, side) if isinstance(side, int) else side
    with _errors_of(path):
        window, damage = _read_window(path, frames, frame_stride, start)
        if not window:  # A broken index, or the data ends before the window.
            window, more = _read_window(path, frames, frame_stride, start, seek=False)
            damage = max(damage, more)
        if not window:
            raise ClipError(
                f"A video must have a frame that decodes, got none: {path}."
            )
        return DecodedClip(_pixels(window, size), damage)


def require_decodable(path: Path) -> None:
    """Raises where no frame of a video can be decoded; only the first is.

    Raises:
        ClipError: none can, or it has no video.
    """
    read_clip(path, frames=1, frame_stride=1, side=1, start=0.0)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Tells in one line why a video cannot be read."""
    try:
        yield
    except ClipError:
        raise
    except _READ_ERRORS as error:
        raise ClipError(
            f"A clip must be a readable video, got {_reason(error)}: {path}."
        ) from error


def _read_window(
    path: Path, frames: int, frame_stride: int, start: float, *, seek: bool = True
) -> tuple[list[Any], int]:
    """The decoded frame shown at each moment of the window, and the damage passed."""
    with av.open(str(path)) as container:
        stream = container.streams.best("video")
        if stream is None:
            raise ClipError(f"A clip must have a video stream, got none: {path}.")
        stream.codec_context.thread_count = 1
        stream.codec_context.thread_type = "NONE"
        rate = float(stream.average_rate or stream.guessed_rate or _RATE_UNKNOWN)
        slack = _length(container, stream, rate) - ((frames - 1) * frame_stride + 1)
        offset = round(start * max(0, slack))
        packets = container.demux(stream)
        head = next(packets, None)
        first = _origin(head, stream) + offset / rate
        moments = first + np.arange(frames, dtype=np.float64) * (frame_stride / rate)
        if seek and offset > 0:
            container.seek(round(first / float(stream.time_base)), stream=stream)
            packets = container.demux(stream)
        elif head is not None:
            packets = chain([head], packets)
        window, damage, landing = _latest_at(packets, stream, moments, rate)
        # A stream's fields are freed with its container: ask before it closes.
        late = landing > first + _tolerance(stream, rate)
    if seek and offset > 0 and late:  # MPEG-TS may land behind the moment sought.
        return _read_window(path, frames, frame_stride, start, seek=False)
    return window, damage


def _latest_at(
    packets: Iterator[Any], stream: Any, moments: NDArray[np.floating], rate: float
) -> tuple[list[Any], int, float]:
    """The last frame at or before each moment, the damage, the first frame's time.

    Frames may come out of order: each moment keeps the best frame so far. Moments
    before the first frame get the first frame.
    """
    limits = moments + _tolerance(stream, rate)
    window: list[Any] = [None] * len(moments)
    times = np.full(len(moments), -np.inf)
    earliest: Any = None
    landing = now = np.inf
    damage = 0
    for frame in _decode_frames(packets, stream):
        if frame is None:
            damage += 1
            continue
        time = _seconds(frame.pts if frame.pts is not None else frame.dts, stream)
        now = time if time is not None else (now + 1 / rate if now < np.inf else 0.0)
        if now < landing:
            earliest, landing = frame, now
        for n in np.flatnonzero((now <= limits) & (now >= times)):
            window[n], times[n] = frame, now
        if now > limits[-1]:
            break
    if earliest is None:
        return [], damage, 0.0
    return [earliest if f is None else f for f in window], damage, float(landing)


def _decode_frames(packets: Iterator[Any], stream: Any) -> Iterator[Any]:
    """Frames in the order the decoder gives them, None for each damaged packet."""
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.error.FFmpegError, OSError):
            # The container ends here; the decoder may still hold frames.
            yield None
            packet = av.Packet()
            packet.stream = stream
        try:
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            yield None
        if packet.size == 0:  # The flush: nothing comes after it.
            return


def _length(container: Any, stream: Any, rate: float) -> int:
    """Source frames that the file claims to hold, 0 when it does not say."""
    if stream.frames:
        return int(stream.frames)
    seconds = _seconds(stream.duration, stream)
    if seconds is None and container.duration is not None:
        seconds = container.duration / av.time_base
    return 0 if seconds is None else round(seconds * rate)


def _seconds(ticks: int | None, stream: Any) -> float | None:
    return None if ticks is None else float(ticks * stream.time_base)


def _origin(head: Any, stream: Any) -> float:
    """When the first frame is shown: AVI declares 0 where B-frames delay it."""
    ticks = stream.start_time if head is None or head.pts is None else head.pts
    return _seconds(ticks, stream) or 0.0


def _tolerance(stream: Any, rate: float) -> float:
    """Matroska rounds times to its time base, so a frame may look late by that."""
    return min(max(1e-4, float(stream.time_base)), 0.25 / rate)


def _pixels(window: list[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Frames as `[T, H, W, 3]`; a frame held over several moments is converted once."""
    reformatter = VideoReformatter()
    images: dict[int, NDArray[np.uint8]] = {}
    for frame in window:
        if id(frame) not in images:
            images[id(frame)] = _image(frame, size, reformatter)
    return np.stack([images[id(frame)] for frame in window])


def _image(
    frame: Any, size: tuple[int, int], reformatter: VideoReformatter
) -> NDArray[np.uint8]:
    """One upright frame, resized to cover `size` and cut at its centre."""
    turns = round(frame.rotation / 90) % 4
    # Sides in the coded, not yet upright, orientation.
    height, width = size if turns % 2 == 0 else (size[1], size[0])
    scale = max(height / frame.height, width / frame.width)
    cover = reformatter.reformat(
        frame,
        width=max(width, round(frame.width * scale)),
        height=max(height, round(frame.height * scale)),
        format="rgb24",
        interpolation="BILINEAR",
        threads=1,
    )
    image = np.asarray(cover.to_ndarray(), np.uint8)
    top = (image.shape[0] - height) // 2
    left = (image.shape[1] - width) // 2
    return np.rot90(image[top : top + height, left : left + width], turns)


def _reason(error: Exception) -> str:
    """What went wrong, without libav's numbers and file names."""
    text = str(getattr(error, "strerror", None) or error).rstrip(".")
    return text[:1].lower() + text[1:] if text else type(error).__name__

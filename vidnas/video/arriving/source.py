"""Where do frames come from? A file, a folder of frames, standard input, a camera."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av

from vidnas.errors import ClipError
from vidnas.video.frame_folder import frame_folder_timeline, is_pictures, list_frames
from vidnas.video.opening import (
    MOST_PIXELS,
    Deadline,
    check_pixels,
    errors_of,
    open_video,
)
from vidnas.video.packet_times import find_timeline
from vidnas.video.timeline import RATE_UNKNOWN, Timeline

STANDARD_INPUT = "-"
_CAMERA = re.compile(r"camera(?::(\d+))?|(/dev/video\d+)")
_TICK = 1e-3  # s, by which a rounded moment may be late where nothing is known


@dataclass(frozen=True, slots=True)
class Arriving:
    """An open video, of which nothing is decoded yet.

    Args:
        name: Name for messages.
        container: The open container; None for a folder of frames.
        stream: Its video stream; None for a folder of frames.
        rate: Frames per second that a stride counts.
        tolerance: By how much a rounded moment may be late and still counts [s].
        timeline: Moments of its frames, where all of it is there; None where it
            arrives.
        pictures: Files of a folder of frames.
    """

    name: str
    container: Any
    stream: Any
    rate: float
    tolerance: float
    timeline: Timeline | None = None
    pictures: tuple[Path, ...] = ()


class _Pipe:
    """Bytes as they arrive; Ctrl-C while it waits for them is their end.

    Args:
        stream: Stream that they arrive on.
    """

    def __init__(self, stream: BinaryIO) -> None:
        # A buffered stream would wait until it has as many as are asked for.
        self._stream = getattr(stream, "raw", stream)

    def read(self, count: int) -> bytes:
        """What is there, at least a byte and at most `count`; nothing at the end."""
        try:
            return self._stream.read(count) or b""
        except KeyboardInterrupt:  # FFmpeg, which asks, would swallow it
            return b""


def is_live(video: str | Path) -> bool:
    """Whether a video is one that arrives: standard input, or a camera."""
    name = str(video)
    return name == STANDARD_INPUT or bool(_CAMERA.fullmatch(name))


@contextmanager
def open_arriving(
    video: str | Path, piped: BinaryIO | None = None
) -> Iterator[Arriving]:
    """A video, open for as long as the scope lasts.

    Args:
        video: Video file or folder of frames; `-` for standard input; `camera`,
            `camera:1` or `/dev/video1` for a camera.
        piped: What is standard input; None for the process's own.

    Raises:
        ClipError: there is no such video, or it cannot be read.
    """
    name = str(video)
    with errors_of(Path(name)):
        if name == STANDARD_INPUT:
            source = piped or sys.stdin.buffer
            readable = source if source.seekable() else _Pipe(source)
            yield from _opened(readable, "standard input")
        elif found := _CAMERA.fullmatch(name):
            form, device = _camera(found[2] or "", int(found[1] or 0))
            yield from _opened(device, name, form)
        elif is_pictures(Path(name)):
            timeline = frame_folder_timeline(len(list_frames(Path(name))))
            yield _known(name, None, None, timeline, tuple(list_frames(Path(name))))
        else:
            yield from _of_file(Path(name))


def _of_file(path: Path) -> Iterator[Arriving]:
    with open_video(path) as (container, stream):
        timeline, is_fresh = find_timeline(path, container, stream, Deadline(path))
        if is_fresh:
            yield _known(str(path), container, stream, timeline)
            return
    with open_video(path) as (container, stream):
        yield _known(str(path), container, stream, timeline)


def _known(
    name: str,
    container: Any,
    stream: Any,
    timeline: Timeline,
    pictures: tuple[Path, ...] = (),
) -> Arriving:
    return Arriving(
        name,
        container,
        stream,
        timeline.rate,
        timeline.tolerance,
        timeline,
        pictures,
    )


def _opened(source: Any, name: str, form: str | None = None) -> Iterator[Arriving]:
    """A video that arrives; its container says how many frames a second it has."""
    # A playlist on standard input opens nothing else.
    options = {} if form else {"protocol_whitelist": "none"}
    with av.open(source, format=form, options=options) as container:
        stream = container.streams.best("video")
        if stream is None or stream.codec_context is None:
            raise ClipError(f"{name} must be a video that FFmpeg decodes.")
        check_pixels(stream.width, stream.height, Path(name))
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
        claims = (stream.average_rate, stream.guessed_rate, RATE_UNKNOWN)
        rate = float(next(claim for claim in claims if claim))
        tolerance = min(max(_TICK, float(stream.time_base or 0)), 0.25 / rate)
        yield Arriving(name, container, stream, rate, tolerance)


def _camera(device: str, number: int) -> tuple[str, str]:
    """FFmpeg's name of a camera: its format, and the device.

    Raises:
        ClipError: no camera of that number is there.
    """
    if sys.platform == "darwin":
        return "avfoundation", str(number)
    path = Path(device or f"/dev/video{number}")
    if not path.exists():
        raise ClipError(
            f"A camera must be a device of this machine, there is no {path}."
        )
    return "v4l2", str(path)

"""How is a video opened? As a file, whatever its name; bounded; errors in one line."""

import math
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from vidnas.errors import ClipError

av.logging.set_level(av.logging.PANIC)  # damage is counted, not printed by libav

MOST_PIXELS = 2**26  # of a frame; 8K film has half of that
MOST_SECONDS = 300.0  # of work for one clip; a whole 4K minute decodes in less
_READ_ERRORS = (av.error.FFmpegError, OSError, ValueError, RuntimeError)
# Formats whose files name other files, which are no clips of the dataset. FFmpeg
# waits for minutes for the next entry of some, so they are not even tried.
_LISTS = frozenset({"concat", "concatf", "dash", "hls", "image2", "imf", "sdp"})
_FORMATS = ",".join(sorted(",".join(av.formats_available - _LISTS).split(",")))
_OPTIONS = {
    "format_whitelist": _FORMATS,
    "max_pixels": str(MOST_PIXELS),
    "protocol_whitelist": "file",
}
# PyAV before 19 refuses titles that are not UTF-8 unless told otherwise.
_METADATA: dict[str, str] = (
    {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
)


class Deadline:
    """When a clip must be read; a file that decodes for ever ends here.

    Args:
        path: Video that is read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._end = time.monotonic() + MOST_SECONDS

    def check(self) -> None:
        """Nothing while there is time.

        Raises:
            ClipError: there is none left.
        """
        if time.monotonic() > self._end:
            raise ClipError(
                f"A clip must be read within {MOST_SECONDS:.0f} s, got no end: "
                f"{self._path}."
            )


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """Tells in one line why a video cannot be read.

    Raises:
        ClipError: the block raised it, or what a video that cannot be read raises.
    """
    try:
        yield
    except ClipError as error:
        if str(path) in str(error):
            raise
        raise ClipError(f"{str(error).rstrip('.')}: {path}.") from error
    except (*_READ_ERRORS, MemoryError) as error:
        raise ClipError(
            f"A clip must be a readable video, got {_reason(error)}: {path}."
        ) from error


@contextmanager
def open_video(path: Path) -> Iterator[tuple[Any, Any]]:
    """The container of a video file, and the stream that a player picks.

    A name is a file of this machine, never an address: `http:x/` is a folder.

    Raises:
        ClipError: the file is no video, has no stream to show, or its frames have
            more than `MOST_PIXELS` pixels.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would wait for its writer
        raise ClipError(f"A clip must be a file or a folder of frames, got {path}.")
    waits = MOST_SECONDS  # for a disk, not for a program
    with av.open(
        f"file:{path}", options=dict(_OPTIONS), timeout=waits, **_METADATA
    ) as container:
        yield container, _picked(container, path)


def _picked(container: Any, path: Path) -> Any:
    """The video stream that a player shows; a cover picture is none."""
    stream = container.streams.best("video")
    if stream is not None and _is_cover(stream):
        films = [s for s in container.streams.video if not _is_cover(s)]
        stream = max(films, key=_pixels, default=None)
    if stream is None:
        raise ClipError(f"A clip must have a video stream, got none: {path}.")
    if stream.codec_context is None:
        raise ClipError(f"A clip must have a codec that FFmpeg decodes: {path}.")
    check_pixels(stream.width, stream.height, path)
    stream.codec_context.thread_count = 1
    stream.codec_context.thread_type = "NONE"
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def check_pixels(width: int, height: int, path: Path) -> None:
    """Nothing for frames of a size that can be held.

    Raises:
        ClipError: they have more than `MOST_PIXELS` pixels.
    """
    if width * height > MOST_PIXELS:
        side = math.isqrt(MOST_PIXELS)
        raise ClipError(
            f"A clip must have at most {side} x {side} pixels a frame, got "
            f"{width} x {height}: {path}."
        )


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _pixels(stream: Any) -> int:
    return int(stream.width * stream.height)


def _reason(error: BaseException) -> str:
    """What went wrong, without libav's numbers and file names."""
    text = str(getattr(error, "strerror", None) or error).rstrip(".")
    text = " ".join(text.split())
    return text[:1].lower() + text[1:] if text else type(error).__name__

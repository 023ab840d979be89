"""What is decoded of a video? So many frames, so far apart, so large."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from vidnas import video
from vidnas.clips.window import Window
from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.tfrecord import is_record, record_frames
from vidnas.datasets.store import local_copy
from vidnas.errors import ClipError
from vidnas.video.decode import DecodedClip, read_clip
from vidnas.video.frame_folder import (
    FRAME_FOLDER_RATE,
    decode_picture,
    read_pictures,
)
from vidnas.video.header import ClipHeader, read_header, require_decodable
from vidnas.video.window import WindowShape


@dataclass(frozen=True, slots=True)
class ClipShape:
    """Which frames are decoded of a video, and how large.

    Args:
        frames: Frames per clip.
        frame_stride: Source frames from one to the next, where `fps` is None.
        side: Height and width before cropping [pixels].
        fps: Frames per second of the clip, in place of the stride.
    """

    frames: int
    frame_stride: int
    side: int
    fps: float | None = None

    @property
    def size_bytes(self) -> int:
        """Size of a decoded clip [bytes]."""
        return self.frames * self.side * self.side * 3


def shape_in_words(shape: ClipShape) -> str:
    """A shape for people: `16 frames, stride 5, 128 px`."""
    rate = f"stride {shape.frame_stride}" if shape.fps is None else f"{shape.fps:g} fps"
    return f"{shape.frames} frames, {rate}, {shape.side} px"


def decode_window(
    entry: ClipEntry, shape: ClipShape, start: float, *, whole: bool = False
) -> NDArray[np.uint8]:
    """One window of a video `[T, side, side, 3]`, or `[T, H, W, 3]` of whole frames.

    Args:
        entry: Video, or the part of one.
        shape: Frames to decode, and their size.
        start: Place within the slack where the window begins, from 0 to 1.
        whole: Whether frames keep what lies beyond the square along their longer side.

    Raises:
        ClipError: no frame can be decoded, or the file cannot be had.
    """
    return decode_clip(entry, shape, start, whole=whole).frames


def decode_clip(
    entry: ClipEntry, shape: ClipShape, start: float, *, whole: bool = False
) -> DecodedClip:
    """The window that `decode_window` gives, with what is wrong with it."""
    window = Window(shape.frames, shape.frame_stride, shape.fps)
    return read_entry(entry, window, side=shape.side, start=start, whole=whole)


def read_entry(
    entry: ClipEntry,
    window: Window,
    *,
    side: int | tuple[int, int],
    start: float,
    whole: bool = False,
) -> DecodedClip:
    """A window of an entry, of any height and width.

    Args:
        entry: Entry of the index.
        window: Frames to read.
        side: Height and width [pixels].
        start: Place within the slack where the window begins, from 0 to 1.
        whole: Whether frames are resized only, not cut.

    Raises:
        ClipError: no frame of the video can be decoded.
    """
    shape = WindowShape(
        window.frames,
        1 if window.fps else window.frame_stride,
        window.fps,
        start,
        entry.start,
        entry.end,
    )
    if is_record(entry.path):
        size = (side, side) if isinstance(side, int) else side
        pictures = record_frames(entry.path)
        return DecodedClip(*read_pictures(pictures, shape, size, entry.path, whole))
    return read_clip(
        local_copy(entry.path),
        frames=shape.frames,
        frame_stride=shape.frame_stride,
        fps=shape.fps,
        side=side,
        start=shape.start,
        begin=shape.begin,
        end=shape.end,
        whole=whole,
    )


def entry_header(entry: ClipEntry) -> ClipHeader:
    """What the video of an entry is like; its first frame is decoded.

    Args:
        entry: Entry of the index.

    Raises:
        ClipError: no frame of the video can be decoded.
    """
    if not is_record(entry.path):
        return read_header(local_copy(entry.path))
    pictures = record_frames(entry.path)
    frame = decode_picture(pictures[0])
    if frame is None:
        raise ClipError(f"A record must have frames that decode: {entry.path}.")
    return ClipHeader(
        frames=len(pictures),
        side=min(frame.width, frame.height),
        rate=FRAME_FOLDER_RATE,
        width=frame.width,
        height=frame.height,
        seconds=len(pictures) / FRAME_FOLDER_RATE,
        codec="pictures",
    )


def require_frame(entry: ClipEntry) -> None:
    """Nothing for an entry whose first frame can be decoded.

    Raises:
        ClipError: it cannot.
    """
    if is_record(entry.path):
        decode_window(entry, ClipShape(1, 1, 1), 0.0)
    else:
        require_decodable(local_copy(entry.path))


def why_undecodable(entry: ClipEntry) -> str:
    """Why no frame of a video can be decoded; empty where one can."""
    try:
        require_frame(entry)
    except ClipError as error:
        return str(error)
    return ""


@cache
def decoder_digest() -> str:
    """What tells a decoder from others, which may give other pixels."""
    found = hashlib.sha256(repr((av.__version__, av.library_versions)).encode())
    for room in video.__path__:
        for file in sorted(Path(room).glob("*.py")):
            found.update(file.read_bytes())
    return found.hexdigest()[:16]

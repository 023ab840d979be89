"""Which clip does a folder of frames hold? `img_00001.jpg`, `img_00002.jpg` ..."""

import io
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from vidnas.errors import ClipError
from vidnas.video.display import Image, Painter
from vidnas.video.exif import exif_orientation
from vidnas.video.opening import MOST_PIXELS, check_pixels
from vidnas.video.timeline import RATE_UNKNOWN, Timeline
from vidnas.video.window import WindowShape, fault_of, shown_frames

SUFFIXES = frozenset(
    {".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
FRAME_FOLDER_RATE = RATE_UNKNOWN  # a folder does not say its frames per second
_NUMBER = re.compile(r"(\d+)")


def is_pictures(path: Path) -> bool:
    """Whether a path is read here: a folder, or a picture as a folder of one."""
    return path.is_dir() or path.suffix.lower() in SUFFIXES


def list_frames(folder: Path) -> list[Path]:
    """Frames of a folder in their order: by the numbers in their names.

    Where several sequences lie side by side, such as `img_` beside `flow_x_`, it is
    the one with most frames; of equals the one that is not called flow.

    Raises:
        ClipError: no picture is there.
    """
    if not folder.is_dir():
        return [folder]
    sequences: dict[str, list[str]] = defaultdict(list)
    for file in folder.iterdir():
        if file.suffix.lower() in SUFFIXES and not file.name.startswith("."):
            sequences[file.stem.rstrip("0123456789")].append(file.name)
    if not sequences:
        raise ClipError(f"A folder of frames must hold pictures, got none: {folder}.")
    chosen = min(sequences, key=lambda s: (-len(sequences[s]), "flow" in s.lower(), s))
    return [folder / name for name in sorted(sequences[chosen], key=_natural)]


def _natural(name: str) -> list[tuple[int, str]]:
    parts = _NUMBER.split(name)
    return [(int(part), "") if n % 2 else (-1, part) for n, part in enumerate(parts)]


def frame_folder_timeline(count: int) -> Timeline:
    """Moments of so many frames, at `FRAME_FOLDER_RATE`."""
    ticks = np.arange(count, dtype=np.int64)
    return Timeline(
        seconds=ticks / FRAME_FOLDER_RATE,
        ticks=ticks,
        keys=ticks,
        tick=1 / FRAME_FOLDER_RATE,
        rate=FRAME_FOLDER_RATE,
    )


def read_frame_folder(
    folder: Path, shape: WindowShape, size: tuple[int, int], whole: bool = False
) -> tuple[NDArray[np.uint8], int, str]:
    """Pixels `[T, H, W, 3]` of a window, damaged frames on the way, and its fault.

    Args:
        folder: Folder of pictures, as `list_frames` finds them.
        shape: Window that is asked for; seconds are counted at `FRAME_FOLDER_RATE`.
        size: Height and width of a frame [pixels].
        whole: Whether frames that cover the size are left uncut.

    Raises:
        ClipError: no picture is there, or none can be decoded.
    """
    return read_pictures(list_frames(folder), shape, size, str(folder), whole)


def read_pictures(
    pictures: Sequence[Path | bytes],
    shape: WindowShape,
    size: tuple[int, int],
    name: str,
    whole: bool = False,
) -> tuple[NDArray[np.uint8], int, str]:
    """Pixels `[T, H, W, 3]` of a window, damaged pictures on the way, and its fault.

    Args:
        pictures: Files, or contents, of the frames in their order.
        shape: Window that is asked for; seconds are counted at `FRAME_FOLDER_RATE`.
        size: Height and width of a frame [pixels].
        name: Name of where they lie.
        whole: Whether frames that cover the size are left uncut.

    Raises:
        ClipError: none can be decoded.
    """
    timeline = frame_folder_timeline(len(pictures))
    shown = shown_frames(timeline, shape)
    painter = Painter(size, 1.0, whole)
    images: dict[int, Image] = {}
    for n in sorted(set(shown.positions.tolist())):
        frame = decode_picture(pictures[n])
        if frame is not None:
            images[n] = painter.paint(frame)
    if not images:
        raise ClipError(f"A folder must have a frame that decodes, got none: {name}.")
    sound, wanted = len(images), len(set(shown.positions.tolist()))
    last = images[min(images)]
    for n in sorted(set(shown.positions.tolist())):
        last = images.setdefault(n, last)
    clip = np.stack([images[n] for n in shown.positions.tolist()])
    repeated = max(Counter(id(images[n]) for n in shown.positions.tolist()).values())
    fault = fault_of(timeline, shown, decoded=sound, repeated=repeated)
    return clip, wanted - sound, fault


def decode_picture(picture: Path | bytes) -> Any:
    """A picture, or the file of one, as decoded; None where it cannot be."""
    # From bytes, so that no name is taken for a pattern of names.
    options = {"max_pixels": str(MOST_PIXELS)}
    try:
        content = picture if isinstance(picture, bytes) else picture.read_bytes()
        with av.open(io.BytesIO(content), options=options) as container:
            stream = container.streams.video[0]
            name = picture if isinstance(picture, Path) else Path("a picture")
            check_pixels(stream.width, stream.height, name)
            stream.codec_context.thread_type = "NONE"
            frame: Any = next(container.decode(stream), None)
            if frame is not None:
                frame.opaque = exif_orientation(content)
            return frame
    except (av.error.FFmpegError, OSError, ValueError, IndexError):
        return None

"""What is a video like? Its length, size and rate as shown; whether it decodes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.errors import ClipError
from vidnas.video.display import (
    orientation_of,
    pixel_shape,
    size_as_shown,
)
from vidnas.video.frame_folder import (
    decode_picture,
    frame_folder_timeline,
    is_pictures,
    list_frames,
)
from vidnas.video.opening import Deadline, errors_of, open_video
from vidnas.video.packet_times import find_timeline
from vidnas.video.packets import decode_frames, read_packets


@dataclass(frozen=True, slots=True)
class ClipHeader:
    """What a video is like, as a player shows it.

    Args:
        frames: Length [frames of the rate], at least 1.
        side: Shorter side as shown [pixels].
        rate: Frames per second, by the moments of its frames.
        width: Width as shown [pixels].
        height: Height as shown [pixels].
        seconds: From the first frame to the end of the last [s].
        codec: Codec as FFmpeg calls it, such as `h264`.
        turned: Clockwise turn from the coded to the upright frame [degrees].
        mirrored: Whether the coded frame is mirrored, left for right, after that turn.
        missing: Frames that the file lists and does not hold.
        longest: Longest time for which one frame is shown before the next [s].
    """

    frames: int
    side: int
    rate: float
    width: int
    height: int
    seconds: float
    codec: str
    turned: int = 0
    mirrored: bool = False
    missing: int = 0
    longest: float = 0.0


def read_header(path: Path) -> ClipHeader:
    """What a video file, or a folder of frames, is like; one frame is decoded.

    Raises:
        ClipError: the file cannot be read, or it has no video that decodes.
    """
    with errors_of(path):
        frame, shape, codec = _first_frame(path)
        if is_pictures(path):
            timeline = frame_folder_timeline(len(list_frames(path)))
        else:
            with open_video(path) as (container, stream):
                timeline, _ = find_timeline(path, container, stream, Deadline(path))
        upright = orientation_of(frame)
        width, height = size_as_shown(frame.width, frame.height, shape, upright)
        return ClipHeader(
            frames=timeline.length(),
            side=min(width, height),
            rate=timeline.rate,
            width=width,
            height=height,
            seconds=float(timeline.seconds[-1]) + 1 / timeline.rate,
            codec=codec,
            turned=upright.turned,
            mirrored=upright.mirrored,
            missing=timeline.missing,
            longest=float(np.diff(timeline.seconds).max(initial=0.0)),
        )


def require_decodable(path: Path) -> None:
    """Nothing for a video, or folder of frames, whose first frame can be decoded.

    Raises:
        ClipError: it cannot.
    """
    with errors_of(path):
        _first_frame(path)


def _first_frame(path: Path) -> tuple[Any, float, str]:
    """The first frame that decodes, the shape of its pixels, its codec."""
    if is_pictures(path):
        frame = decode_picture(list_frames(path)[0])
        if frame is not None:
            return frame, 1.0, "pictures"
    else:
        with open_video(path) as (container, stream):
            packets = read_packets(container, stream)
            for frame in decode_frames(packets, stream, Deadline(path)):
                if frame:
                    return frame, pixel_shape(stream), stream.codec_context.name
    raise ClipError(f"A video must have a frame that decodes, got none: {path}.")

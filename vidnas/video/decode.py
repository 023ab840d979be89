"""Which pixels does a video file hold at a moment? One robust reader of clips.

Frames are chosen by the moments at which they are shown, so variable rates are safe;
they are shown as a player shows them; what cannot be decoded is skipped and counted.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidnas.errors import ClipError
from vidnas.video.display import Painter, pixel_shape
from vidnas.video.frame_folder import is_pictures, read_frame_folder
from vidnas.video.opening import Deadline, errors_of, open_video
from vidnas.video.packet_times import find_timeline
from vidnas.video.packets import read_packets
from vidnas.video.route import find_routes
from vidnas.video.window import WindowShape, fault_of, shown_frames
from vidnas.video.window_frames import WindowFrames


@dataclass(frozen=True, slots=True)
class DecodedClip:
    """Frames of one window of a video.

    Args:
        frames: Pixels `[T, H, W, 3]`, uint8 RGB.
        damaged_packets: Packets on the way that could not be read or decoded.
        fault: Why the clip is not what it should be, as in `still: one picture`; ""
            for a sound one. The word before the colon is the kind: `still`, `damaged`,
            `cut` or `short`.
    """

    frames: NDArray[np.uint8]
    damaged_packets: int
    fault: str = ""


def read_clip(
    path: Path | str,
    *,
    frames: int,
    frame_stride: int = 1,
    fps: float | None = None,
    side: int | tuple[int, int],
    start: float = 0.5,
    begin: float | None = None,
    end: float | None = None,
    whole: bool = False,
) -> DecodedClip:
    """`frames` frames of a video, `frame_stride` frames apart.

    Each frame returned is the last one that is shown at its moment. A video shorter
    than the window, or truncated, holds its last frame (as PySlowFast samples).

    Args:
        path: Video file of any container and codec that FFmpeg reads, or a folder of
            frames as `read_frame_folder` reads it.
        frames: Number of frames to return, at least 1.
        frame_stride: Frames from one returned frame to the next, at least 1: source
            frames, or those of `fps`.
        fps: Frames per second that `frame_stride` counts; None for the source's.
        side: Height and width [pixels]. Frames are resized, aspect kept, to cover it
            and cut at the centre.
        start: Place within the slack where the window begins, from 0 (first frame of
            the video) to 1 (the window ends with the video).
        begin: Where the part to read begins, from the first frame shown [s]; None for
            that frame.
        end: Where the part to read ends [s]; None for the last frame.
        whole: Whether frames that cover the size are left uncut.

    Returns:
        The clip, how much of the file was damaged, and what is wrong with the clip.

    Raises:
        ClipError: no frame of the file can be decoded, it has no video, or the part
            lies behind its end.
    """
    size = (side, side) if isinstance(side, int) else side
    path = Path(path)
    shape = WindowShape(frames, frame_stride, fps, start, begin, end)
    with errors_of(path):
        if is_pictures(path):
            clip, damage, fault = read_frame_folder(path, shape, size, whole)
            return DecodedClip(clip, damage, fault)
        return _read_window(path, shape, size, whole)


def _read_window(
    path: Path, shape: WindowShape, size: tuple[int, int], whole: bool
) -> DecodedClip:
    """The clip of a video file: sought first, decoded from its start if that fails."""
    deadline = Deadline(path)
    with open_video(path) as (container, stream):
        timeline, is_fresh = find_timeline(path, container, stream, deadline)
        frames = shown_frames(timeline, shape)
        places = frames.places(timeline)
        shown = WindowFrames(
            places,
            by_order=timeline.ticks is None,
            painter=Painter(size, pixel_shape(stream), whole),
        )
        for route in find_routes(container, stream, timeline, places, is_fresh):
            shown.fill_by(route, stream, deadline)
            if shown.is_full:
                break
    if not shown.is_full:
        with open_video(path) as (container, stream):
            shown.fill(read_packets(container, stream), stream, deadline)
    if not shown.images:
        raise ClipError(f"A video must have a frame that decodes, got none: {path}.")
    return DecodedClip(
        shown.clip(),
        max(shown.damage, timeline.damaged_packets),
        fault_of(timeline, frames, decoded=shown.sound, repeated=shown.repeated),
    )

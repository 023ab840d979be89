"""Which frames of a video does a clip show? A window of its timeline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidnas.errors import ClipError
from vidnas.video.timeline import Timeline

_CUT = 0.05  # share of the listed frames whose lack moves a window


@dataclass(frozen=True, slots=True)
class WindowShape:
    """What is asked of a window.

    Args:
        frames: Number of frames, at least 1.
        frame_stride: Frames from one to the next, of `fps` or of the source.
        fps: Frames per second that a stride counts; None for those of the source.
        start: Place within the slack where the window begins, from 0 to 1.
        begin: Where the part of the video begins [s]; None for its first frame.
        end: Where the part of the video ends [s]; None for its last frame.
    """

    frames: int
    frame_stride: int = 1
    fps: float | None = None
    start: float = 0.5
    begin: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        if self.frames < 1 or self.frame_stride < 1:
            raise ClipError(
                "A window must have at least 1 frame and a frame stride of at least "
                f"1, got {self.frames} and {self.frame_stride}."
            )
        if self.fps is not None and not 0 < self.fps < float("inf"):
            raise ClipError(f"`fps` must be a rate above 0, got {self.fps:g}.")
        begin, end = self.begin or 0.0, self.end
        if not begin < float("inf") or (end is not None and not end > max(0.0, begin)):
            raise ClipError(
                "A part of a video must end after it begins, got "
                f"{begin:g} s to {'the end' if end is None else f'{end:g} s'}."
            )


@dataclass(frozen=True, slots=True, eq=False)
class ShownFrames:
    """Frames of a timeline that a clip shows.

    Args:
        positions: Position in the timeline of each frame `[T]`, rising.
        held: How many of the last ones lie behind the end, and repeat the last frame.
        longest: Longest time for which the video shows one of its frames [s].
    """

    positions: NDArray[np.int64]
    held: int
    longest: float

    def places(self, timeline: Timeline) -> list[int]:
        """Place of each frame: its time, or its number where there is only order."""
        ticks = timeline.ticks
        places: list[int] = (
            self.positions if ticks is None else ticks[self.positions]
        ).tolist()
        return places


def shown_frames(timeline: Timeline, shape: WindowShape) -> ShownFrames:
    """The frames that are shown at the moments of the window.

    A source frame lasts one over the timeline's rate; the window begins with a source
    frame. A window longer than the part holds the last frame, as PySlowFast does.

    Raises:
        ClipError: the part begins behind the end of the video.
    """
    first, last = _part(timeline, shape)
    rate, stride = timeline.rate, shape.frame_stride
    step = stride / rate if shape.fps is None else stride / shape.fps
    # Without `fps` the product of whole numbers, which no rounding shortens.
    steps = (shape.frames - 1) * (stride if shape.fps is None else step * rate)
    slack = max(0, int(timeline.length(first, last) - (steps + 1) + 1e-6))
    offset = round(shape.start * slack)
    moments = timeline.seconds[first] + offset / rate + np.arange(shape.frames) * step
    ends = timeline.seconds[last] + 1 / rate - timeline.tolerance
    shown = np.clip(timeline.shown_at(moments), first, last)
    steps_between = np.diff(timeline.seconds[shown[0] : min(shown[-1], last) + 2])
    return ShownFrames(
        shown,
        held=int((moments > ends).sum()),
        longest=float(steps_between.max(initial=0.0)),
    )


def _part(timeline: Timeline, shape: WindowShape) -> tuple[int, int]:
    """First and last frame of the part."""
    first, last = 0, len(timeline) - 1
    if shape.begin is not None and shape.begin > 0:
        ends = float(timeline.seconds[-1]) + 1 / timeline.rate
        if shape.begin >= ends:
            raise ClipError(
                "A part must begin within its video, got "
                f"{shape.begin:g} s of {ends:.1f} s"
            )
        first = int(timeline.shown_at(np.array([shape.begin]))[0])
    if shape.end is not None:
        before = np.searchsorted(timeline.seconds, shape.end - timeline.tolerance)
        last = max(first, int(before) - 1)
    return first, last


def fault_of(
    timeline: Timeline, shown: ShownFrames, *, decoded: int, repeated: int
) -> str:
    """Why a clip is not what it should be; empty for a sound one.

    The word before the colon is the kind: `still` (one frame takes half of the clip),
    `damaged`, `cut` or `short`. Pixels are not asked: a still scene is sound.

    Args:
        timeline: Moments of the video.
        shown: Frames that the clip shows.
        decoded: How many different frames of the window were decoded without damage.
        repeated: How often the clip shows the frame that it shows most.
    """
    asked, wanted = len(shown.positions), len(set(shown.positions.tolist()))
    if len(timeline) == 1 and asked > 1:
        return "still: one picture"
    reasons = {}
    if decoded < wanted:
        reasons["damaged"] = f"{decoded} of {wanted} frames can be decoded"
    listed = len(timeline) + timeline.missing
    if timeline.missing > _CUT * listed and asked > 1:
        reasons["cut"] = f"{len(timeline)} of {listed} frames are there"
    if shown.held:
        reasons["short"] = f"{shown.held} of {asked} frames lie behind the end"
    most = repeated == asked or (2 * repeated >= asked and not shown.held)
    lasts = shown.longest > 2 / timeline.rate
    if repeated > 1 and most and (reasons or lasts or wanted == 1):
        texts = reasons.values() or [f"one frame is shown for {shown.longest:.1f} s"]
        return f"still: {', '.join(texts)}"
    return f"{next(iter(reasons))}: {', '.join(reasons.values())}" if reasons else ""

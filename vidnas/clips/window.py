"""Which part of a video is one clip? So many frames, by stride or by time."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """The frames of one clip.

    Args:
        frames: Frames of a clip, at least 1.
        frame_stride: Source frames from one to the next; nothing where `fps` is given.
        fps: Frames per second of the clip; None to go by the stride.
    """

    frames: int
    frame_stride: int = 1
    fps: float | None = None

    def seconds(self, rate: float) -> float:
        """Time from the first frame to the end of the last [s].

        Args:
            rate: Frames per second of the video.
        """
        apart = self.frame_stride / rate if self.fps is None else 1 / self.fps
        return (self.frames - 1) * apart + 1 / rate

    @property
    def words(self) -> str:
        """`16 frames`, `8 frames of stride 2` or `16 frames at 8 a second`."""
        text = f"{self.frames} frame{'s' if self.frames != 1 else ''}"
        if self.fps is not None:
            return f"{text} at {self.fps:g} a second"
        return (
            text if self.frame_stride == 1 else f"{text} of stride {self.frame_stride}"
        )


def longest(windows: Iterable[Window], rate: float = 25.0) -> Window:
    """The window that takes most of a video, of those the one with most frames.

    Args:
        windows: Windows to choose from, at least one.
        rate: Frames per second of a usual video, where strides and rates are compared.
    """
    return max(windows, key=lambda window: (window.seconds(rate), window.frames))

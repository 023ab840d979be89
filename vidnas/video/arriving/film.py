"""How do frames become a video file as they come? Each is encoded at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from vidnas.errors import ClipError
from vidnas.video.arriving.frames import ShownFrame
from vidnas.video.display import Painter, orientation_of, size_as_shown
from vidnas.whole_file import unfinished

Image = NDArray[np.uint8]  # [H, W, 3]
SUFFIXES = (".mp4", ".mkv", ".mov")
LONGEST_SIDE = 1280  # pixels of a film
_TICKS = 90_000  # a second, of MPEG
_USUAL = _TICKS // 25  # of a film of one image
_CRF = 20  # x264's scale of loss, on which 18 looks lossless
Add = Callable[[Image, float], None]


@contextmanager
def open_film(path: Path) -> Iterator[Add]:
    """A function that adds images to a video file, which appears when all are there.

    Args:
        path: File to write, ending in one of `SUFFIXES`.

    Returns:
        A function of an image `[H, W, 3]` of even sides, the same for all, and of the
        moment at which it is shown [s], later than the last.

    Raises:
        ClipError: the name ends otherwise.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ClipError(f"A film must end in {', '.join(SUFFIXES)}, got {path}.")
    form = {".mkv": "matroska"}.get(path.suffix.lower(), path.suffix[1:].lower())
    with (
        unfinished(path) as part,
        av.open(str(part), "w", format=form) as container,
    ):
        stream: Any = container.add_stream("libx264", rate=30)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(_CRF), "preset": "veryfast"}
        stream.codec_context.time_base = Fraction(1, _TICKS)
        stream.codec_context.framerate = Fraction(0)  # moments alone tell it
        stream.codec_context.thread_count = 1

        times = [0.0, 0.0]  # of the last two images

        def mux(packets: list[Any]) -> None:
            for packet in packets:  # a last frame without a length is not shown
                packet.duration = round((times[1] - times[0]) * _TICKS) or _USUAL
                container.mux(packet)

        def add(image: Image, seconds: float) -> None:
            if not stream.codec_context.is_open:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round(seconds * _TICKS), Fraction(1, _TICKS)
            times[:] = times[1], seconds
            mux(stream.encode(frame))

        yield add
        mux(stream.encode())


class Projector:
    """Frames as a player shows them, all of one even size of at most `LONGEST_SIDE`."""

    def __init__(self) -> None:
        self._painter: Painter | None = None

    def image(self, shown: ShownFrame) -> Image:
        """A frame upright, as RGB `[H, W, 3]`; the first one decides the size."""
        frame = shown.frame
        if self._painter is None:
            width, height = size_as_shown(
                frame.width, frame.height, shown.pixel_shape, orientation_of(frame)
            )
            scale = min(1.0, LONGEST_SIDE / max(width, height))
            size = _even(height * scale), _even(width * scale)
            self._painter = Painter(size, shown.pixel_shape)
        return np.ascontiguousarray(self._painter.paint(frame))


def _even(length: float) -> int:
    return max(16, 2 * round(length / 2))

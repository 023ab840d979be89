"""What does a player make of a decoded frame? Upright, in proportion, as RGB."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray

from vidnas.errors import ClipError
from vidnas.video.opening import MOST_PIXELS

Image = NDArray[np.uint8]  # [H, W, 3]

_WIDEST = 32.0  # width over height of a pixel that is believed; 4:1 is the widest seen
# What is not tagged is BT.601, and BT.709 from 720 lines on, as players guess.
_HD_WIDTH, _SD_HEIGHT = 1280, 576
_SMALL = 16  # pixels of a frame that stands for another
_UNTAGGED = 2  # AVCOL_SPC_UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a coded frame is turned to stand upright: transposed first, then mirrored.

    Args:
        transposed: Whether rows become columns.
        left_right: Whether it is then mirrored left for right.
        up_down: Whether it is then mirrored top for bottom.
    """

    transposed: bool = False
    left_right: bool = False
    up_down: bool = False

    @property
    def mirrored(self) -> bool:
        """Whether writing in the coded frame reads backwards when upright."""
        return self.transposed ^ self.left_right ^ self.up_down

    @property
    def turned(self) -> int:
        """Clockwise turn to upright [degrees], before a mirror left for right."""
        if self.transposed:
            return 270 if self.up_down else 90
        return 180 if self.up_down else 0

    def apply(self, image: Image) -> Image:
        """The coded `[H, W, 3]` image, upright."""
        upright = image.transpose(1, 0, 2) if self.transposed else image
        rows = slice(None, None, -1 if self.up_down else 1)
        columns = slice(None, None, -1 if self.left_right else 1)
        return upright[rows, columns]


# By the orientation that EXIF has for it.
_OF_EXIF = {
    2: Orientation(False, left_right=True),
    3: Orientation(False, left_right=True, up_down=True),
    4: Orientation(False, up_down=True),
    5: Orientation(True),
    6: Orientation(True, left_right=True),
    7: Orientation(True, left_right=True, up_down=True),
    8: Orientation(True, up_down=True),
}


def orientation_of(frame: Any) -> Orientation:
    """How a player turns a frame; what is no multiple of 90 degrees goes to the next.

    Args:
        frame: Decoded frame; that of a picture has its EXIF orientation as `opaque`.

    Source:
        FFmpeg `libavutil/display.h`: `x' = a x + c y`, `y' = b x + d y`, the matrix
        stored as `a b u c d v x y w`.
    """
    # A frame that was asked for its side data is freed by the next collection of
    # garbage only: a small one is asked, which carries the same.
    small: Any = VideoReformatter().reformat(
        frame, width=_SMALL, height=_SMALL, format="gray", interpolation="POINT"
    )
    try:
        data = small.side_data.get(Type.DISPLAYMATRIX)
    except ValueError:  # PyAV knows less kinds of side data than FFmpeg: EXIF is one
        upright = _OF_EXIF.get(frame.opaque)
        return upright or _turned_clockwise(-frame.rotation)
    if data is None:
        return Orientation()
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(True, left_right=c < 0, up_down=b < 0)
    return Orientation(False, left_right=a < 0, up_down=d < 0)


def _turned_clockwise(degrees: float) -> Orientation:
    return (
        Orientation(),
        Orientation(True, left_right=True),
        Orientation(False, left_right=True, up_down=True),
        Orientation(True, up_down=True),
    )[round(degrees / 90) % 4]


def pixel_shape(stream: Any) -> float:
    """Width over height of a stream's pixels, 1 where it is not said or absurd."""
    ratio = float(stream.sample_aspect_ratio or 1)
    return ratio if 1 / _WIDEST <= ratio <= _WIDEST else 1.0


def size_as_shown(
    width: int, height: int, shape: float, upright: Orientation
) -> tuple[int, int]:
    """Width and height of a coded frame when upright, its smaller scale kept."""
    wide = max(1, round(width * shape)), height
    return (wide[1], wide[0]) if upright.transposed else wide


class Painter:
    """Frames as a player shows them, cut to one size.

    Args:
        size: Height and width that frames are resized to cover, aspect kept, and cut
            to at the centre [pixels].
        shape: Width over height of a coded pixel.
        whole: Whether frames that cover the size are left uncut.
    """

    def __init__(
        self, size: tuple[int, int], shape: float, whole: bool = False
    ) -> None:
        self._size = size
        self._shape = shape
        self._whole = whole
        self._reformatter = VideoReformatter()
        self._upright: dict[tuple[float, Any], Orientation] = {}

    def paint(self, frame: Any) -> Image:
        """A decoded frame as `[H, W, 3]` RGB."""
        upright = self._orientation_of(frame)
        # Sides in the coded, not yet upright, orientation.
        height, width = self._size[::-1] if upright.transposed else self._size
        shown_width = frame.width * self._shape
        scale = max(height / frame.height, width / shown_width)
        wide = max(width, round(shown_width * scale))
        high = max(height, round(frame.height * scale))
        if wide * high > MOST_PIXELS:
            raise ClipError(
                f"A frame must be shown with at most {MOST_PIXELS} pixels, got one of "
                f"{frame.width} x {frame.height} shown as {wide} x {high}"
            )
        cover = self._reformatter.reformat(
            frame,
            width=wide,
            height=high,
            format="rgb24",
            src_colorspace=_colorspace(frame),
            interpolation="BILINEAR",
            threads=1,
        )
        plane = cover.planes[0]  # its rows are padded: a view, not yet a copy
        image: Image = np.ndarray(
            (cover.height, cover.width, 3),
            np.uint8,
            buffer=memoryview(plane),
            strides=(plane.line_size, 3, 1),
        )
        if self._whole:
            return upright.apply(image)
        top = (image.shape[0] - height) // 2
        left = (image.shape[1] - width) // 2
        return upright.apply(image[top : top + height, left : left + width])

    def _orientation_of(self, frame: Any) -> Orientation:
        """How a frame is turned, looked up once for all frames that turn alike."""
        key = frame.rotation, frame.opaque
        if key not in self._upright:
            self._upright[key] = orientation_of(frame)
        return self._upright[key]


def _colorspace(frame: Any) -> int | None:
    """The matrix of a frame's colours; None for the one it is tagged with."""
    if frame.colorspace != _UNTAGGED:
        return None
    is_hd = frame.width >= _HD_WIDTH or frame.height > _SD_HEIGHT
    return int(Colorspace.ITU709 if is_hd else Colorspace.SMPTE170M)

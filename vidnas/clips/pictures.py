"""How do frames become a picture file? JPEG and PNG, and many frames on one sheet."""

import math
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # [H, W, 3]
_GAP = 4  # pixels between the frames of a sheet
_GREY = 127  # between them: neither a light page nor a dark one
_QUALITY = 5  # of mjpeg's 2 to 31, of which 2 looks lossless


def jpeg(image: Pixels) -> bytes:
    """A picture as a JPEG file.

    Args:
        image: Pixels `[H, W, 3]`, uint8 RGB.
    """
    options = {"qmin": str(_QUALITY), "qmax": str(_QUALITY)}
    return _encoded(image, "mjpeg", "yuvj420p", options)


def png(image: Pixels) -> bytes:
    """A picture as a PNG file, every pixel as it is.

    Args:
        image: Pixels `[H, W, 3]`, uint8 RGB.
    """
    return _encoded(image, "png", "rgb24", {})


def contact_sheet(frames: NDArray[np.uint8]) -> Pixels:
    """Frames in rows, first to last as one reads.

    Args:
        frames: Pixels `[T, H, W, 3]`, uint8 RGB.
    """
    T, H, W, _ = frames.shape
    columns = math.ceil(math.sqrt(T))
    rows = math.ceil(T / columns)
    size = (rows * (H + _GAP) + _GAP, columns * (W + _GAP) + _GAP, 3)
    sheet = np.full(size, _GREY, np.uint8)
    for n, frame in enumerate(frames):
        row, column = divmod(n, columns)
        top, left = _GAP + row * (H + _GAP), _GAP + column * (W + _GAP)
        sheet[top : top + H, left : left + W] = frame
    return sheet


def _encoded(image: Pixels, codec: str, form: str, options: dict[str, str]) -> bytes:
    encoder = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width = image.shape[:2]
    encoder.pix_fmt, encoder.time_base = form, Fraction(1)
    encoder.options = options
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    # mjpeg means the full range of levels, which a conversion must be told.
    frame = frame.reformat(format=form)
    frame.pts = 0
    return b"".join(map(bytes, (*encoder.encode(frame), *encoder.encode(None))))

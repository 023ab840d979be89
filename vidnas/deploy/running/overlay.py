"""What does a frame show of a prediction? Names, bars and shares in a corner."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.deploy.running.classes import Named
from vidnas.errors import InputError

Image = NDArray[np.uint8]  # [H, W, 3]
ROWS = 3  # classes that are shown
_SMALLEST = 9  # pixels of letters
_SHARE = 24  # of a frame's height that a letter takes: one of so many
_PANEL = (0, 0, 0, 150)  # red, green, blue, opacity
_BAR = (20, 100, 190, 220)
_LETTERS = (255, 255, 255, 255)


class Overlay:
    """Draws the most probable classes over frames.

    Raises:
        InputError: Pillow, which draws letters, is not installed.
    """

    def __init__(self) -> None:
        try:
            import PIL  # noqa: F401
        except ImportError as missing:
            raise InputError(
                "A video that shows predictions needs Pillow: "
                "pip install 'vidnas[overlay]'."
            ) from missing
        self._fonts: dict[int, Any] = {}

    def draw(self, image: Image, top: Sequence[Named]) -> Image:
        """The image with a panel of the first classes in its lower left corner.

        Args:
            image: RGB bytes `[H, W, 3]`.
            top: Classes to show, the most probable first.
        """
        if not top:
            return image
        from PIL import Image as Pictures
        from PIL import ImageDraw

        picture = Pictures.fromarray(image)
        height, width = image.shape[:2]
        letter = max(_SMALLEST, height // _SHARE)
        row, edge = round(1.5 * letter), letter // 2
        wide = min(width, 22 * letter)
        panel = Pictures.new("RGBA", (wide, row * len(top[:ROWS]) + 2 * edge), _PANEL)
        pen = ImageDraw.Draw(panel)
        for n, one in enumerate(top[:ROWS]):
            up = edge + n * row
            bar = round((wide - 2 * edge) * one.probability)
            pen.rectangle((edge, up, edge + bar, up + row - 3), fill=_BAR)
            words = f"{one.name}  {100 * one.probability:.0f} %"
            pen.text((edge + 2, up), words, fill=_LETTERS, font=self._font(letter))
        picture.paste(panel, (0, height - panel.height), panel)
        return np.asarray(picture)

    def _font(self, size: int) -> Any:
        """A font of the system that has most letters, or the one that Pillow brings."""
        from PIL import ImageFont

        if size not in self._fonts:
            try:
                self._fonts[size] = ImageFont.truetype("DejaVuSans.ttf", size)
            except OSError:
                self._fonts[size] = ImageFont.load_default(size)
        return self._fonts[size]

"""How large is a convolution? Kernels, strides and the rounding of widths."""

import re
from typing import NamedTuple, overload

from vidnas.arrays import Ints, Numbers
from vidnas.errors import ShapeError


def round8(value: float) -> int:
    """Nearest multiple of 8, at least 8, and never below 0.9 of `value`.

    Source:
        The rule of every published MobileNet, MoViNet and X3D width.
    """
    rounded = nearest8(value)
    return rounded + 8 if rounded < 0.9 * value else rounded


def nearest8(value: float) -> int:
    """Nearest multiple of 8 (halves go up), at least 8."""
    return max(8, int(value + 4) // 8 * 8)


@overload
def strided(size: int, stride: int) -> int: ...
@overload
def strided(size: Ints, stride: Ints) -> Ints: ...
@overload
def strided(size: Numbers, stride: Numbers) -> Numbers: ...
def strided(size: Numbers, stride: Numbers) -> Numbers:
    """`ceil(size / stride)`: pixels or frames that a SAME-padded convolution gives."""
    return -(-size // stride)


class Kernel(NamedTuple):
    """A convolution kernel of `frames x side x side` taps, written `5x3x3`."""

    frames: int
    side: int

    @classmethod
    def parse(cls, text: str) -> "Kernel":
        """The kernel that `text` spells.

        Raises:
            ShapeError: `text` is not odd `FRAMESxSIDExSIDE`, such as `5x3x3`.
        """
        match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", text)
        sides = tuple(int(side) for side in match.groups()) if match else ()
        if not sides or sides[1] != sides[2] or any(side % 2 == 0 for side in sides):
            raise ShapeError(
                "A kernel must be odd FRAMESxSIDExSIDE with equal sides, such as "
                f"`5x3x3`, got `{text}`."
            )
        return cls(sides[0], sides[1])

    @property
    def taps(self) -> int:
        """Number of weights per channel pair."""
        return self.frames * self.side * self.side

    @property
    def spatial(self) -> "Kernel":
        """The part that sees one frame: `1xSIDExSIDE`."""
        return Kernel(1, self.side)

    @property
    def temporal(self) -> "Kernel":
        """The part that sees one pixel: `FRAMESx1x1`."""
        return Kernel(self.frames, 1)

    def __str__(self) -> str:
        return f"{self.frames}x{self.side}x{self.side}"

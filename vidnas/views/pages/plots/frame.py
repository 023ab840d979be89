"""Where in a picture does a number stand? A plane with axes, in pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vidnas.views.charts.objectives import Shown
from vidnas.views.charts.ticks import even_ticks, log_ticks
from vidnas.views.pages.plots.strokes import number, path, words

LETTER = 12  # size of letters [pixels]
_LETTER_WIDTH = 0.56 * LETTER  # of one letter, about [pixels]
_ABOVE, _RIGHT, _BELOW = 10, 14, 42  # room outside of the plane [pixels]
_SUFFIXES = ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k"))
_TICK_APART = {"along": 54, "up": 44}  # pixels


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of a picture.

    Args:
        title: Title with the unit.
        low: Number at its beginning.
        high: Number at its end, above the lower.
        log: Whether it spreads ratios rather than differences.
        whole: Whether it counts, so that ticks are whole.
    """

    title: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    @classmethod
    def of(cls, shown: Shown, values: Sequence[float]) -> "Axis":
        """The axis of an objective that has room for all values, in its unit."""
        low, high = min(values), max(values)
        if shown.log and low > 0.0:
            room = max((high / low) ** 0.06, 1.04)
            return cls(f"{shown.title}, log scale", low / room, high * room, log=True)
        room = (high - low) * 0.06 or 1.0
        return cls(shown.title, low - room, high + room)

    @classmethod
    def counted(cls, title: str, high: float, *, whole: bool = False) -> "Axis":
        """An axis from 0 upwards."""
        return cls(title, 0.0, high if high > 0.0 else 1.0, whole=whole)

    def share(self, value: float) -> float:
        """How far along the axis a number stands, 0 at its beginning and 1 at its end.

        What is no number on the axis, such as 0 on one of ratios, stands before it.
        """
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        if value <= 0.0:
            return -1.0
        return math.log(value / self.low) / math.log(self.high / self.low)

    def ticks(self, pixels: float, apart: float) -> list[tuple[float, str]]:
        """Shares and words of ticks, so far apart that words have room.

        Args:
            pixels: Length of the axis [pixels].
            apart: Least distance of two ticks [pixels].
        """
        if self.log:
            found = log_ticks(self.low, self.high)
        else:
            found = even_ticks(self.low, self.high, max(1, int(pixels / apart)))
        if self.whole:
            found = [tick for tick in found if tick == int(tick)]
        told: list[tuple[float, str]] = []
        for tick in found:
            share = self.share(tick)
            if not told or (share - told[-1][0]) * pixels >= apart:
                told.append((share, tick_words(tick)))
        return told


@dataclass(frozen=True, slots=True)
class Frame:
    """A plane between axes, within a picture.

    Args:
        across: Axis from left to right.
        up: Axis from below upwards.
        width: Width of the picture [pixels].
        height: Height of the picture [pixels].
        left: Room for the words of the axis that goes up [pixels].
    """

    across: Axis
    up: Axis
    width: float
    height: float
    left: float = 0.0

    @classmethod
    def of(cls, across: Axis, up: Axis, width: float, height: float) -> "Frame":
        """A frame with room for the words at its axes."""
        bare = cls(across, up, width, height)
        longest = max((len(text) for _, text in bare._ticks_up()), default=1)
        return replace(bare, left=round(longest * _LETTER_WIDTH + 32))

    @property
    def right(self) -> float:
        """Where the plane ends on the right [pixels]."""
        return self.width - _RIGHT

    @property
    def top(self) -> float:
        """Where it ends above [pixels]."""
        return _ABOVE

    @property
    def bottom(self) -> float:
        """Where it begins below [pixels]."""
        return self.height - _BELOW

    def x(self, value: float) -> float:
        """Where a number of the axis along stands [pixels]."""
        return self.left + self.across.share(value) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Where a number of the axis upwards stands [pixels]."""
        return self.bottom - self.up.share(value) * (self.bottom - self.top)

    def axes(self) -> str:
        """Grid, ticks and titles."""
        parts = [self._along(share, text) for share, text in self._ticks_along()]
        parts += [self._upwards(share, text) for share, text in self._ticks_up()]
        middle = (self.top + self.bottom) / 2
        turn = f"rotate(-90 {number(LETTER)} {number(middle)})"
        # Its end stands where the axis ends, however little room is in the middle.
        parts.append(words(self.right, self.height - 6, self.across.title, "t", "end"))
        parts.append(words(LETTER, middle, self.up.title, "t", "middle", turn))
        base = f"M{number(self.left)} {number(self.bottom)}H{number(self.right)}"
        return "".join((*parts, path(base, "axis")))

    def place(self) -> str:
        """Left, top, width and height of the plane [pixels], for the page's script."""
        sizes = (
            self.left,
            self.top,
            self.right - self.left,
            self.bottom - self.top,
        )
        return " ".join(map(number, sizes))

    def _ticks_along(self) -> list[tuple[float, str]]:
        return self.across.ticks(self.right - self.left, _TICK_APART["along"])

    def _ticks_up(self) -> list[tuple[float, str]]:
        return self.up.ticks(self.bottom - self.top, _TICK_APART["up"])

    def _along(self, share: float, text: str) -> str:
        x = self.left + share * (self.right - self.left)
        line = f"M{number(x)} {number(self.top)}V{number(self.bottom)}"
        return path(line, "grid") + words(x, self.bottom + 17, text, "t", "middle")

    def _upwards(self, share: float, text: str) -> str:
        y = self.bottom - share * (self.bottom - self.top)
        line = f"M{number(self.left)} {number(y)}H{number(self.right)}"
        return path(line, "grid") + words(self.left - 7, y + 4, text, "t", "end")


def tick_words(value: float) -> str:
    """A round number as it stands at an axis: `0.5`, `80`, `1.5 k`, `2 M`."""
    size, suffix = next(
        (pair for pair in _SUFFIXES if abs(value) >= pair[0]), (1.0, "")
    )
    return f"{value / size:g}{suffix}"

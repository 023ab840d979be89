"""Where do the names of points stand? Beside them, off each other and off other points.

Places around a point are tried one after another, the nearest first; where all are
taken, the one that covers least is.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vidnas.views.paper.sheet import text_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Box = tuple[float, float, float, float]  # left, bottom, right, top [pixels]
Named = tuple[float, float, str]

POINT = 2.5  # room around a point [pt]
LINE = 0.8  # room beside a line [pt]
# Ways from a point to its name, in units of the distance. A front rises to the right,
# so that a name up there would be nearer to the next point of it.
_WAYS = ((-1, 1), (0, 1.3), (1, -1), (0, -1.3), (1.3, 0), (-1.3, 0), (-1, -1))
_DISTANCES = (3.5, 6.0, 8.0, 13.0, 19.0)  # [pt]
SIDEWAYS = 1.3  # times as far as upwards, as neighbours are sideways
_ACROSS = {-1: "right", 0: "center", 1: "left"}
_UP = {-1: "top", 0: "center", 1: "bottom"}


def draw_labels(
    axes: "Axes",
    named: Sequence[Named],
    points: Sequence[tuple[float, float]],
    lines: Sequence[Box],
    **style: Any,
) -> list[Box]:
    """Writes names beside their points.

    Args:
        axes: Axes whose limits and scales stay as they are.
        named: `x`, `y` and name of each point that has one.
        points: `x` and `y` of all points, which names stay off.
        lines: `x` and `y` of both ends of upright and level lines, which they cross
            only where all else is worse.
        style: Properties of the texts.

    Returns:
        Boxes of the names, in the order of `named`.
    """
    figure = axes.figure.get_figure(root=True)
    assert figure is not None, "the axes stand in a figure"
    figure.draw_without_rendering()  # from now on places on the sheet are known
    pixels = figure.dpi / 72.0
    taken = [
        *_boxes(axes, [(*point, *point) for point in points], POINT * pixels),
        *_boxes(axes, lines, LINE * pixels),
    ]
    found = []
    for x, y, name in named:
        text = axes.annotate(
            text_for(axes, name),
            (x, y),
            xytext=(0, 0),
            textcoords="offset points",
            **style,
        )
        box = _place(axes, text, taken)
        taken.append(box)
        found.append(box)
    return found


def _boxes(axes: "Axes", ends: Sequence[Box], room: float) -> list[Box]:
    """Boxes on the sheet around points or lines [pixels]."""
    each = [(line[:2], line[2:]) for line in ends]
    found = []
    for one, other in (axes.transData.transform(pair).tolist() for pair in each):
        (left, right), (low, high) = map(sorted, zip(one, other, strict=True))
        found.append((left - room, low - room, right + room, high + room))
    return found


def _place(axes: "Axes", text: Any, taken: Sequence[Box]) -> Box:
    """Moves a text to where it covers least, and says where that is."""
    inside = axes.get_window_extent().extents
    best: tuple[float, Any, Box] | None = None
    for across, up in _places():
        text.set(ha=_ACROSS[_sign(across)], va=_UP[_sign(up)])
        text.xyann = (across, up)
        left, bottom, right, top = map(float, text.get_window_extent().extents)
        box = left, bottom, right, top
        cost = sum(_overlap(box, other) for other in taken) + _beyond(box, inside)
        if best is None or cost < best[0]:
            best = cost, (text.xyann, text.get_ha(), text.get_va()), box
        if cost == 0.0:
            return box
    assert best is not None, "there is a place to try"
    (text.xyann, across_word, up_word), box = best[1], best[2]
    text.set(ha=across_word, va=up_word)
    return box


def _places() -> list[tuple[float, float]]:
    """Places around a point, the nearest first [pt]."""
    each = [(x * far, y * far) for far in _DISTANCES for x, y in _WAYS]
    return sorted(each, key=lambda place: math.hypot(SIDEWAYS * place[0], place[1]))


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _overlap(one: Box, other: Box) -> float:
    """Area that two boxes share [pixels^2]."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _beyond(box: Box, inside: Box) -> float:
    """Area of a box outside of another [pixels^2]."""
    whole = (box[2] - box[0]) * (box[3] - box[1])
    return whole - _overlap(box, inside)

"""Where does a name stand beside its point? Where it covers no other, and no point."""

from collections.abc import Sequence
from dataclasses import dataclass

_NEAR, _FAR = 11.0, 30.0  # pixels between a point and the middle of its name's edge
_SIDES = ((-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture [pixels].

    Args:
        left: Its left edge.
        top: Its upper edge.
        right: Its right edge.
        bottom: Its lower edge.
    """

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: float, y: float, reach: float) -> "Box":
        """The square around a point."""
        return cls(x - reach, y - reach, x + reach, y + reach)

    def shared(self, other: "Box") -> float:
        """Area in common with another [square pixels]."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)

    @property
    def area(self) -> float:
        """Its own area [square pixels]."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Name:
    """A name to be placed.

    Args:
        x: Place of its point along the picture [pixels].
        y: Place of its point from above [pixels].
        width: Width of the written name [pixels].
        height: Height of the written name [pixels].
    """

    x: float
    y: float
    width: float
    height: float


def placed_names(
    names: Sequence[Name], within: Box, points: Sequence[Box]
) -> tuple[Box, ...]:
    """A box for each name: near its point, on no other name, inside of the picture.

    Names come in order of importance: the first has the choice.

    Args:
        names: Names to be placed.
        within: Box that they must not leave.
        points: Boxes of points that are better seen.
    """
    taken: list[Box] = []
    for name in names:
        boxes = [
            _box(name, side, apart)
            for apart in (_NEAR, _FAR, 2 * _FAR)
            for side in _SIDES
        ]
        costs = [_cost(box, within, points, taken) + at for at, box in enumerate(boxes)]
        taken.append(boxes[costs.index(min(costs))])
    return tuple(taken)


def _box(name: Name, side: tuple[int, int], apart: float) -> Box:
    """Where a name stands on one side of its point, so far away."""
    along, down = side
    middle_x = name.x + along * (apart + name.width / 2) * (0.8 if down else 1.0)
    middle_y = name.y + down * (apart + name.height / 2) * (0.8 if along else 1.0)
    wide, high = name.width / 2, name.height / 2
    return Box(middle_x - wide, middle_y - high, middle_x + wide, middle_y + high)


def _cost(box: Box, within: Box, points: Sequence[Box], taken: Sequence[Box]) -> float:
    """What speaks against a place: leaving the picture, then names, then points."""
    outside = box.area - box.shared(within)
    names = sum(box.shared(other) for other in taken)
    covered = sum(box.shared(point) for point in points)
    return 100.0 * outside + 30.0 * names + covered

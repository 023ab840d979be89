"""How are points, lines and words of a picture written? As short as a browser takes."""

from collections.abc import Iterable, Sequence

from vidnas.views.text.escaping import escape

Point = tuple[float, float]


def number(pixels: float) -> str:
    """Pixels to a tenth, without a point where there is none: `12`, `3.4`."""
    return f"{round(pixels, 1):g}"


def dots(points: Iterable[Point]) -> str:
    """Data of one path that has a dot at each point, as wide as its stroke.

    A dot takes 11 characters in place of the 60 of an element.
    """
    return "".join(f"M{number(x)} {number(y)}h0" for x, y in points)


def polyline(points: Sequence[Point]) -> str:
    """Data of a path through points; empty for none."""
    if not points:
        return ""
    (x, y), *rest = points
    return f"M{number(x)} {number(y)}" + "".join(
        f"L{number(x)} {number(y)}" for x, y in rest
    )


def stairs(points: Sequence[Point], *, rises_first: bool = False) -> str:
    """Data of a path in steps through points: along first, then up.

    Args:
        points: Points from left to right.
        rises_first: Whether each step goes up first and then along.
    """
    if not points:
        return ""
    (x, y), *rest = points
    steps = "".join(
        f"V{number(y)}H{number(x)}" if rises_first else f"H{number(x)}V{number(y)}"
        for x, y in rest
    )
    return f"M{number(x)} {number(y)}{steps}"


def path(data: str, kind: str, more: str = "") -> str:
    """A path of a kind that the page's style knows; nothing where it is empty.

    Args:
        data: Data of the path.
        kind: Class of the element.
        more: Further attributes, escaped.
    """
    extra = f" {more}" if more else ""
    return f'<path class="{kind}" d="{data}"{extra}/>' if data else ""


def words(
    x: float, y: float, text: object, kind: str, anchor: str = "start", turn: str = ""
) -> str:
    """A line of words.

    Args:
        x: Place of its anchor [pixels].
        y: Its baseline [pixels].
        text: Text of the line.
        kind: Class of the element.
        anchor: `start`, `middle` or `end` of the line is at `x`.
        turn: Transformation, such as `rotate(-90 12 80)`.
    """
    turned = f' transform="{turn}"' if turn else ""
    return (
        f'<text class="{kind}" x="{number(x)}" y="{number(y)}" '
        f'text-anchor="{anchor}"{turned}>{escape(text)}</text>'
    )

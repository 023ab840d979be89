"""How are the elements of a picture written? Every text is escaped."""

from vidnas.views.drawings.colours import GRID, INK, MUTED
from vidnas.views.text.escaping import escape

FONT = "system-ui,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif"


def text_width(words: str, size: float) -> float:
    """About how wide words are [pixels], rather too wide than too narrow.

    Args:
        words: What is written.
        size: Size of the letters [pixels].
    """
    return 0.56 * size * len(words)


def text(
    x: float,
    y: float,
    words: object,
    *,
    size: float = 10,
    muted: bool = True,
    anchor: str = "start",
    turned: bool = False,
    bold: bool = False,
) -> str:
    """A line of words.

    Args:
        x: Where it stands [pixels].
        y: Its baseline [pixels].
        words: What is written.
        size: Size of the letters [pixels].
        muted: Whether it stands back.
        anchor: `start`, `middle` or `end` of the line is at `x`.
        turned: Whether it is read from below.
        bold: Whether it is bold.
    """
    kind, fill = ("vn-muted", MUTED) if muted else ("vn-ink", INK)
    turn = f' transform="rotate(-90 {x:g} {y:g})"' if turned else ""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" class="{kind}" fill="{fill}" font-size="{size:g}" '
        f'text-anchor="{anchor}"{weight}{turn}>{escape(words)}</text>'
    )


def rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    kind: str = "",
    *,
    opacity: float = 1,
) -> str:
    """A filled rectangle; one of a `kind` has another colour on dark paper."""
    of_kind = f' class="{kind}"' if kind else ""
    faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'fill="{fill}"{of_kind}{faint}/>'
    )


def ring(
    x: float, y: float, width: float, height: float, *, dashed: bool = False
) -> str:
    """A frame round what differs, dashed round what the other network lacks."""
    dashes = ' stroke-dasharray="3 2"' if dashed else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2" '
        f'class="vn-line" fill="none" stroke="{INK}" stroke-width="1.5"{dashes}/>'
    )


def line(
    x1: float, y1: float, x2: float, y2: float, kind: str = "vn-grid", ink: str = GRID
) -> str:
    """A straight line, of the grid where nothing else is said."""
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}" '
        f'stroke="{ink}"/>'
    )


def dot(x: float, y: float, radius: float = 2.6) -> str:
    """The mark of a squeeze-excite."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" class="vn-ink" fill="{INK}"/>'

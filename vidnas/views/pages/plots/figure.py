"""How does a picture stand in a page? In a few widths, with what its signs mean.

The page shows the one that fits, so that its letters are as large as other words.
"""

from collections.abc import Callable, Mapping

from vidnas.views.pages.plots.frame import Frame
from vidnas.views.text.escaping import escape

Size = tuple[float, float]  # width and height [pixels]
Sizes = Mapping[str, Size]  # by class of the element, which the page's style knows
# From 62 rem on, from 40 rem up to these and on paper, below 40 rem.
WHOLE: Sizes = {"broad": (1080, 440), "middle": (680, 400), "slim": (360, 330)}
# From 40 rem on and on paper, below 40 rem.
HALF: Sizes = {"roomy": (520, 240), "slim": (360, 230)}

# What stands beside a word of a legend, drawn in a box of 16 x 16 pixels.
SIGNS: Mapping[str, str] = {
    "dot": '<path class="dots" d="M8 8h0"/>',
    "front": '<circle class="front" cx="8" cy="8" r="4.5"/>',
    "family": '<path class="family" d="M8 2L14 8L8 14L2 8Z"/>',
    "baseline": '<rect class="baseline" x="3.5" y="3.5" width="9" height="9"/>',
    "ring": '<circle class="ring" cx="8" cy="8" r="5"/>',
    "bar": '<path class="bar" d="M8 1V15"/>',
    "line": '<path class="line" d="M0 8H16"/>',
    "faint": '<path class="thin" d="M0 8H16"/>',
    "done": '<rect class="work done" x="1" y="4" width="14" height="8"/>',
    "broken": '<rect class="work broken" x="1" y="4" width="14" height="8"/>',
}


def figure(
    name: str,
    draw: Callable[[Size], tuple[Frame, str]],
    told: str,
    *,
    sizes: Sizes = WHOLE,
    legend: Mapping[str, str] | None = None,
    title: str = "",
) -> str:
    """A picture in each size, with its title and legend.

    Args:
        name: The `id` of its element.
        draw: What draws it in one size: its frame, and what is in it.
        told: Words for those who do not see it.
        sizes: Sizes for screens and paper.
        legend: Words by sign; see `SIGNS`.
        title: Words above it; empty for none.
    """
    pictures = "".join(_picture(kind, size, draw, told) for kind, size in sizes.items())
    head = f"<figcaption>{escape(title)}</figcaption>" if title else ""
    return (
        f'<figure class="plot" id="{name}">{head}{_legend(legend or {})}'
        f'<div class="stage">{pictures}</div></figure>'
    )


def _picture(
    kind: str, size: Size, draw: Callable[[Size], tuple[Frame, str]], told: str
) -> str:
    frame, drawn = draw(size)
    wide, high = size
    return (
        f'<svg class="{kind}" viewBox="0 0 {wide:g} {high:g}" role="img" '
        f'aria-label="{escape(told)}" data-plane="{frame.place()}">{drawn}</svg>'
    )


def _legend(legend: Mapping[str, str]) -> str:
    if not legend:
        return ""
    items = "".join(
        f'<li><svg width="16" height="16" aria-hidden="true">{SIGNS[sign]}</svg>'
        f"{escape(words)}</li>"
        for sign, words in legend.items()
    )
    return f'<ul class="legend">{items}</ul>'

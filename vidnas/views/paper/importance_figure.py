"""How does what choices are worth look in print? Shares, and points at equal cost."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vidnas.errors import InputError
from vidnas.trials.choices.factors import option_text
from vidnas.trials.choices.why import Influence, Why
from vidnas.views.paper.column import SIDE_BY_SIDE_MM, require_width
from vidnas.views.paper.sheet import INKS, PALE, text_for, write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6  # choices
FRAME_MM, ROW_MM = 15.0, 4.4  # heights of an axis with its title, and of one name
Interval = tuple[str, float, float, float]  # name, value and its 95 % interval


def write_importance_figure(why: Why, path: Path, width_mm: float) -> Path:
    """Writes what choices explain of accuracy at equal cost, and their options' points.

    Args:
        why: What the study says of its choices.
        path: File to write, `.pdf`, `.svg` or `.pgf`.
        width_mm: Width of the figure [mm]; from 120 on, panels stand side by side.

    Raises:
        InputError: no choice matters beyond luck, or the figure cannot be written; see
            `write_figure`.
    """
    found = why.influences[:MOST]
    if not found:
        raise InputError(
            "A figure of choices needs one that matters beyond luck, the study shows "
            "none."
        )
    shares = [_share(one) for one in found]
    points = [row for one in found for row in _points(one)]
    require_width(width_mm)
    titles = {
        "share at equal cost [%]": shares,
        "points at equal cost": points,
    }
    panels = [partial(_draw, rows, title) for title, rows in titles.items() if rows]
    across = len(panels) if width_mm >= SIDE_BY_SIDE_MM else 1
    heights = [FRAME_MM + ROW_MM * len(rows) for rows in titles.values() if rows]
    ratios = [height * across / width_mm for height in heights]
    return write_figure(panels, path, width_mm, ratios=ratios)


def _share(one: Influence) -> Interval:
    share = one.share
    return one.choice, 100 * share.share, 100 * share.low, 100 * share.high


def _points(one: Influence) -> list[Interval]:
    return [
        (f"{one.choice} = {option_text(e.option)}", e.points, e.low, e.high)
        for e in one.effects
    ]


def _draw(rows: list[Interval], title: str, sheet: "Axes") -> None:
    """A point per name with its interval, the first on top."""
    places = range(len(rows))
    for place, (_, value, low, high) in zip(places, rows, strict=True):
        sheet.plot([low, high], [place, place], color=INKS[0], linewidth=1.0)
        sheet.plot([value], [place], "o", color=INKS[0], markersize=3.5)
    sheet.axvline(0.0, color=PALE, linewidth=0.7, zorder=0)
    sheet.set_yticks(list(places), [text_for(sheet, name) for name, *_ in rows])
    sheet.tick_params(axis="y", length=0, labelsize=7.0)
    sheet.set(ylim=(len(rows) - 0.5, -0.5))
    sheet.spines["left"].set_visible(False)
    sheet.set_xlabel(text_for(sheet, title), loc="right")  # beneath long names

"""How does a comparison look in print? Attainment and hypervolume of its groups."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidnas.views.charts.comparison import attainment_rows, progress_rows
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME
from vidnas.views.comparison.comparison import Comparison
from vidnas.views.comparison.tables import volume_scale
from vidnas.views.paper.sheet import (
    draw_cost_axis,
    ink,
    line_style,
    text_for,
    write_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def write_comparison_figure(found: Comparison, path: Path, width_mm: float) -> Path:
    """Writes attainment and hypervolume of a comparison as a figure for print.

    Args:
        found: Comparison to draw.
        path: File to write, `.pdf`, `.svg` or `.pgf`.
        width_mm: Width of the figure [mm]; from 120 on, panels stand side by side.

    Raises:
        InputError: the figure cannot be written; see `write_figure`.
    """
    panels = (partial(_draw_attainment, found), partial(_draw_progress, found))
    return write_figure(panels, path, width_mm)


def _draw_attainment(found: Comparison, axes: "Axes") -> None:
    across = OBJECTIVES_BY_NAME[found.objectives.cost]
    for number, group in enumerate(found.groups):
        rows = attainment_rows(found, group)
        if not rows:
            continue
        x = [row["x"] for row in rows]
        best, middle, worst = (
            [row[level] for row in rows] for level in ("best", "median", "worst")
        )
        axes.fill_between(
            x, worst, best, step="post", color=ink(number), alpha=0.15, linewidth=0
        )
        axes.step(x, middle, where="post", **_line(axes, group.label, number, len(x)))
    draw_cost_axis(axes, across)
    axes.set_ylabel(text_for(axes, f"best {found.objectives.accuracy.title}"))
    axes.legend(loc="lower right", handlelength=3.0)


def _draw_progress(found: Comparison, axes: "Axes") -> None:
    scale, unit = volume_scale(found)
    for number, group in enumerate(found.groups):
        rows = progress_rows(found, group)
        x = [row["effort"] for row in rows]
        if rows[0]["low"] is not None:
            low, high = ([row[end] / scale for row in rows] for end in ("low", "high"))
            axes.fill_between(
                x, low, high, step="post", color=ink(number), alpha=0.15, linewidth=0
            )
        means = [row["mean"] / scale for row in rows]
        axes.step(x, means, where="post", **_line(axes, group.label, number, len(x)))
    axes.set_xlim(0, found.at)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("hours of training" if found.by == "hours" else found.by)
    axes.set_ylabel(text_for(axes, f"hypervolume [{unit}]"))


def _line(axes: "Axes", label: str, number: int, points: int) -> dict[str, Any]:
    """How the line of a group is drawn, with its name in the legend."""
    return {**line_style(number, points), "label": text_for(axes, label)}

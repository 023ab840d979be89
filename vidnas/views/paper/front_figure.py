"""How does a front look in print? Its step among all trials, with the family named."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES
from vidnas.views.charts.point_rows import (
    BASELINE,
    BEATEN,
    MEMBER,
    ON_FRONT,
    Row,
    axes,
    point_rows,
)
from vidnas.views.paper.labels import Box, draw_labels
from vidnas.views.paper.sheet import (
    INKS,
    MM_PER_INCH,
    PALE,
    draw_cost_axis,
    text_for,
    write_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Marker, fill, edge, area [pt^2] and words of each kind of point: in a print without
# colours they differ in shape, and what is no part of the search is hollow.
_KINDS: dict[str, tuple[str, str, str, float, str]] = {
    BEATEN[0]: ("o", PALE, "none", 7.0, "done trial"),
    ON_FRONT[0]: ("o", INKS[0], "white", 18.0, "on the front"),
    MEMBER[0]: ("D", INKS[1], "white", 24.0, "family"),
    BASELINE[0]: ("s", "white", INKS[0], 20.0, "baseline"),
}
ONE_ROW_MM = 75.0  # width of a figure that has its legend in one row
FITS = 32  # characters of a title that stand beside a panel
NEAR = 15.0  # points above guessing from which on that line only takes room
_LEGEND: dict[str, Any] = {
    "loc": "lower left",
    "bbox_to_anchor": (-0.02, 1.0),
    "borderaxespad": 0.0,
    "fontsize": 7.0,
    "handlelength": 1.0,
    "handletextpad": 0.3,
    "columnspacing": 1.0,
}


def write_front_figure(
    history: History,
    front: Front,
    family: Sequence[Size],
    path: Path,
    width_mm: float,
) -> Path:
    """Writes a front as a figure for print.

    Args:
        history: The study.
        front: Front to draw; its first objective runs along, its last upwards.
        family: Sizes to name `A0` ...; the empty ones are left out.
        path: File to write, `.pdf`, `.svg` or `.pgf`.
        width_mm: Width of the figure [mm].

    Raises:
        InputError: the front has a single objective, or the figure cannot be written;
            see `write_figure`.
    """
    rows = point_rows(history, front, family)
    panel = partial(_draw, history, front, rows)
    return write_figure((panel,), path, width_mm)


def _draw(history: History, front: Front, rows: list[Row], sheet: "Axes") -> None:
    across, up = axes(front)
    steps, bars = _steps(front, rows), _intervals(front, rows)
    for x0, y0, x1, y1 in steps:
        sheet.plot([x0, x1], [y0, y1], color=INKS[0], solid_capstyle="round")
    for x0, y0, x1, y1 in bars:
        sheet.plot([x0, x1], [y0, y1], color=INKS[0], linewidth=0.7, alpha=0.6)
    _draw_points(rows, sheet)
    sheet.margins(x=0.07, y=0.12)
    draw_cost_axis(sheet, across)
    sheet.set_ylabel(text_for(sheet, _upright(up.title)))
    _draw_chance(history, front, rows, sheet)
    sheet.set(xlim=sheet.get_xlim(), ylim=sheet.get_ylim())  # as they are from now on
    wide = sheet.figure.get_figure(root=True).get_figwidth() * MM_PER_INCH
    sheet.legend(ncols=4 if wide >= ONE_ROW_MM else 2, **_LEGEND)
    points = [(row["x"], row["y"]) for row in rows]
    sizes = [(row["x"], row["y"], row["size"]) for row in rows if row["size"]]
    beside = [(r["x"], r["y"], r["baseline"]) for r in rows if r["kind"] == BASELINE[0]]
    if sizes or beside:
        lines = [*steps, *bars]
        draw_labels(sheet, [*sizes, *beside], points, lines, fontsize=7.0)


def _upright(title: str) -> str:
    """A title that fits beside a panel: what is remarked in a long one goes."""
    return title if len(title) <= FITS else title.partition(" (")[0]


def _draw_points(rows: list[Row], sheet: "Axes") -> None:
    for kind, (marker, fill, edge, area, words) in _KINDS.items():
        own = [row for row in rows if row["kind"] == kind]
        if own:
            style: dict[str, Any] = {"facecolors": fill, "edgecolors": edge}
            style |= {"marker": marker, "s": area, "linewidths": 0.6, "zorder": 3}
            xs, ys = [row["x"] for row in own], [row["y"] for row in own]
            sheet.scatter(xs, ys, label=words, **style)


def _steps(front: Front, rows: list[Row]) -> list[Box]:
    """Both ends of each line of the step; of more than two objectives there is none."""
    if len(front.objectives) != 2 or not front.trials:
        return []
    across, up = axes(front)
    corners = [
        (
            trial.value(across.objective.name) / across.unit,
            trial.value(up.objective.name) / up.unit,
        )
        for trial in front.trials
    ]
    backwards = across.objective.maximise
    if not backwards:  # what costs more than the last changes nothing
        corners.append((max(row["x"] for row in rows), corners[-1][1]))
    lines: list[Box] = []
    for (x0, y0), (x1, y1) in pairwise(corners):
        level = y1 if backwards else y0
        lines += [(x0, level, x1, level)]
        lines += [(x0, y0, x0, y1) if backwards else (x1, y0, x1, y1)]
    return lines


def _intervals(front: Front, rows: list[Row]) -> list[Box]:
    """95 % intervals of what stands out, where an accuracy is drawn upwards."""
    if front.objectives[-1].name not in ACCURACIES:
        return []
    known = (r for r in rows if r["kind"] != BEATEN[0] and r["low"] is not None)
    return [(row["x"], row["low"], row["x"], row["high"]) for row in known]


def _draw_chance(
    history: History, front: Front, rows: list[Row], sheet: "Axes"
) -> None:
    """Where guessing would land, if that is near what was found."""
    accuracy = ACCURACIES.get(front.objectives[-1].name)
    if accuracy is None or not rows:
        return
    chance = history.chance_of(accuracy)
    if min(row["y"] for row in rows) > chance.level + NEAR:
        return
    sheet.axhline(chance.level, color=PALE, linestyle=(0, (4, 3)), linewidth=0.7)
    sheet.annotate(
        text_for(sheet, chance.words),
        (1.0, chance.level),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="right",
        fontsize=6.5,
        color="#57606a",
    )

"""How do progress and training look in print? Hypervolume, and curves of the family."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.views.charts.growth import progress_rows
from vidnas.views.comparison.tables import scaled_unit
from vidnas.views.paper.sheet import INKS, line_style, text_for, write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curve = Sequence[tuple[int, float]]  # epoch and value


def write_curves_figure(
    history: History, family: Sequence[Size], path: Path, width_mm: float
) -> Path:
    """Writes hypervolume over trials, and training curves of the family where told.

    Args:
        history: The study, with a trial done in full.
        family: Sizes whose trainings are drawn; the empty ones are left out.
        path: File to write, `.pdf`, `.svg` or `.pgf`.
        width_mm: Width of the figure [mm]; from 120 on, panels stand side by side.

    Raises:
        InputError: the figure cannot be written; see `write_figure`.
    """
    panels = [partial(_draw_progress, history)]
    title, curves = family_curves(history, family)
    if curves:
        panels.append(partial(_draw_trainings, title, curves))
    return write_figure(panels, path, width_mm)


def family_curves(
    history: History, family: Sequence[Size]
) -> tuple[str, dict[str, Curve]]:
    """What trainings of the family told after each epoch: its title, curves by size.

    That is the accuracy on the validation clips where every one of them told it, else
    the loss over the training clips.

    Args:
        history: The study.
        family: Sizes; those that are empty or told nothing are left out.
    """
    told = {
        size.name.upper(): history.curves[size.trial.number]
        for size in family
        if size.trial is not None and size.trial.number in history.curves
    }
    name, title = history.accuracy.name, history.accuracy.title
    reports = [report for curve in told.values() for report in curve.values()]
    if not all(name in report for report in reports):
        name, title = "loss", "training loss"
    curves: dict[str, Curve] = {
        size: [(epoch, float(curve[epoch][name])) for epoch in sorted(curve)]
        for size, curve in told.items()
    }
    return title, curves


def _draw_progress(history: History, sheet: "Axes") -> None:
    rows = progress_rows(history)
    most = max(row["hypervolume"] for row in rows)
    scale, unit = scaled_unit(most, history.objectives)
    xs = [row["finished"] for row in rows]
    volumes = [row["hypervolume"] / scale for row in rows]
    sheet.step(xs, volumes, where="post", color=INKS[0])
    better = [
        (x, y) for x, y, r in zip(xs, volumes, rows, strict=True) if r["improved"]
    ]
    sheet.plot(*zip(*better, strict=True), "o", color=INKS[0], markersize=2.5)
    sheet.set(xlim=(0, max(1, xs[-1])), ylim=(0, None))
    sheet.set_xlabel("finished trials")
    sheet.set_ylabel(f"hypervolume\n{text_for(sheet, f'[{unit}]')}")


def _draw_trainings(title: str, curves: dict[str, Curve], sheet: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    for number, (size, curve) in enumerate(curves.items()):
        epochs, values = zip(*curve, strict=True)
        style = line_style(number, len(curve))
        sheet.plot(epochs, values, label=text_for(sheet, size), **style)
    sheet.xaxis.set_major_locator(MaxNLocator(integer=True))
    sheet.set_xlabel("epoch")
    sheet.set_ylabel(text_for(sheet, title))
    sheet.legend(fontsize=7.0, ncols=2, handlelength=2.5)

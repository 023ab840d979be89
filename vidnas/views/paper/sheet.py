"""How does every figure for print look? As wide as a column, and readable in grey.

matplotlib draws it, which is an extra: `pip install 'vidnas[figures]'`. What differs
does so in dash, marker or fill besides its colour, and greys differ as well.
"""

import io
import math
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidnas.documents.quantity import format_bytes, format_count
from vidnas.documents.visible_text import visible
from vidnas.documents.written_table import latex_text
from vidnas.errors import InputError
from vidnas.views.charts.objectives import MIB, Shown
from vidnas.views.charts.ticks import log_ticks
from vidnas.views.paper.column import SIDE_BY_SIDE_MM, require_width
from vidnas.whole_file import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("pdf", "svg", "pgf")
MM_PER_INCH = 25.4
PANEL_RATIO = 0.68  # height of a panel by its width
# From dark to light, so that a print without colours tells them apart.
INKS = ("#0b2f5c", "#b8400e", "#2a9d6f", "#e0a000", "#9ad0ee", "#000000")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 1.5, 1, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P")
PALE = "#a8aeb5"
FRAME_MM, TICK_MM = 16.0, 9.0  # beside the axes, and between the texts of two ticks
_STYLE: Any = {
    "font.size": 8.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,  # fonts that can be edited and searched
    "svg.fonttype": "none",
    "svg.hashsalt": "vidnas",  # the same figure is the same file
    "pgf.texsystem": "pdflatex",
    "pgf.rcfonts": False,  # the fonts of the document that takes the figure
}
_NO_DATE: dict[str, Any] = {
    "svg": {"metadata": {"Date": None}},
    "pdf": {"metadata": {"CreationDate": None}},
}
Panel = Callable[["Axes"], None]


def write_figure(
    panels: Sequence[Panel],
    path: Path,
    width_mm: float,
    *,
    ratios: Sequence[float] = (),
) -> Path:
    """Writes panels as a figure for print; from 120 mm on they stand side by side.

    Args:
        panels: Functions that each draw one panel on its axes.
        path: File to write, `.pdf`, `.svg` or `.pgf`; a reader sees the old file or the
            new one.
        width_mm: Width of the figure [mm].
        ratios: Height of each panel by its width, where that is not the usual one.

    Raises:
        InputError: matplotlib is not installed, or LaTeX for `.pgf`; the file has
            another ending, or the width is no figure's.
    """
    kind = _format(path)
    require_width(width_mm)
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as wrong:
        raise InputError(
            "A figure for print needs matplotlib, which is not installed. Run "
            "`pip install 'vidnas[figures]'`."
        ) from wrong
    with matplotlib.rc_context(_STYLE):
        heights = list(ratios) or [PANEL_RATIO] * len(panels)
        across = len(panels) if width_mm >= SIDE_BY_SIDE_MM else 1
        rows = [max(heights)] if across > 1 else heights
        width, height = width_mm, sum(rows) * width_mm / across
        figure = Figure(
            figsize=(width / MM_PER_INCH, height / MM_PER_INCH), layout="constrained"
        )
        figure.set_label(kind)  # what a panel asks for
        each = figure.subplots(len(rows), across, squeeze=False, height_ratios=rows)
        for panel, axes in zip(panels, each.flat, strict=True):
            panel(axes)
        raw = io.BytesIO()
        figure.savefig(raw, format=kind, **_NO_DATE.get(kind, {}))
    write_whole(path, raw.getvalue())
    return path


def _format(path: Path) -> str:
    """The format that a file's ending names."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise InputError(
            f"A figure for print must end with .pdf, .svg or .pgf, got {path.name}."
        )
    if kind == "pgf" and shutil.which("pdflatex") is None:
        raise InputError(
            f"A figure such as {path.name} needs LaTeX to measure its texts, "
            "`pdflatex` is not installed. Write .pdf or .svg."
        )
    return kind


def text_for(axes: "Axes", text: str) -> str:
    """A text that no format takes for mathematics or a command.

    Args:
        axes: Axes that the text stands in.
        text: Text of any origin.
    """
    if axes.figure.get_label() == "pgf":
        return latex_text(text)
    return visible(text, keep="").replace("$", r"\$")


def line_style(number: int, points: int) -> dict[str, Any]:
    """How the line of one of several is drawn: ink, dash and some markers.

    Args:
        number: Place among the lines, from 0.
        points: Points of the line.
    """
    return {
        "color": ink(number),
        "linestyle": DASHES[number % len(DASHES)],
        "marker": MARKERS[number % len(MARKERS)],
        "markersize": 3.0,
        "markevery": max(1, points // 6),
    }


def ink(number: int) -> str:
    """The ink of one of several."""
    return INKS[number % len(INKS)]


def draw_cost_axis(axes: "Axes", across: Shown) -> None:
    """Makes the horizontal axis one of an objective, in its own words and unit."""
    if across.log:
        axes.set_xscale("log")
        axes.set_xticks(_ticks_that_fit(axes))
        axes.xaxis.set_major_formatter(lambda value, _: cost_text(value, across.unit))
        axes.minorticks_off()
    axes.set_xlabel(text_for(axes, across.title))


def _ticks_that_fit(axes: "Axes") -> list[float]:
    """Round numbers along a logarithmic axis whose texts do not run together."""
    low, high = axes.get_xlim()
    across = axes.figure.get_figure(root=True).get_figwidth() * MM_PER_INCH
    grid = axes.get_subplotspec()
    panels = 1 if grid is None else grid.get_gridspec().ncols
    per_decade = max(1.0, across / panels - FRAME_MM) / math.log10(high / low)
    usual = log_ticks(low, high)
    powers = [10.0**power for power in range(-6, 19)]
    half = sorted(step * power for power in powers for step in (1.0, 3.0))
    for each in (usual, half, powers):
        ticks = [tick for tick in each if low <= tick <= high]
        gaps = [math.log10(b / a) * per_decade for a, b in pairwise(ticks)]
        if gaps and min(gaps) >= TICK_MM:
            return ticks
    return usual[:: max(1, round(len(usual) * TICK_MM / (across / panels)))]


def cost_text(value: float, unit: float) -> str:
    """A number on the axis of a cost: `8 M`, or `12 MiB`."""
    return format_bytes(value * unit) if unit == MIB else format_count(value)

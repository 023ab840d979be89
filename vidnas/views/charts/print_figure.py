"""How does a comparison look in print? One figure of a column's width, in grey too.

matplotlib draws it, which is an extra: `pip install 'vidnas[figures]'`. Groups differ
in dash and marker besides their colour, and their greys differ as well.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidnas.documents.quantity import format_bytes, format_count
from vidnas.documents.visible_text import visible
from vidnas.errors import InputError
from vidnas.views.charts.comparison import attainment_rows, progress_rows
from vidnas.views.charts.objectives import MIB, OBJECTIVES_BY_NAME
from vidnas.views.charts.ticks import log_ticks
from vidnas.views.comparison.comparison import Comparison
from vidnas.views.comparison.tables import volume_scale
from vidnas.whole_file import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("pdf", "svg")
MM_PER_INCH = 25.4
NARROWEST_MM, WIDEST_MM = 40.0, 400.0
SIDE_BY_SIDE_MM = 120.0
PANEL_RATIO = 0.68  # height of a panel by its width
# From dark to light, so that a print without colours tells them apart.
INKS = ("#0b2f5c", "#b8400e", "#2a9d6f", "#e0a000", "#9ad0ee", "#000000")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 1.5, 1, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P")
_STYLE: Any = {
    "font.size": 8.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # fonts that can be edited and searched
    "svg.fonttype": "none",
    "svg.hashsalt": "vidnas",  # the same figure is the same file
}


def write_figure(found: Comparison, path: Path, width_mm: float) -> Path:
    """Writes attainment and hypervolume of a comparison as a figure for print.

    Args:
        found: Comparison to draw.
        path: File to write, `.pdf` or `.svg`.
        width_mm: Width of the figure [mm]; from 120 on, panels stand side by side.

    Raises:
        InputError: matplotlib is not installed, the file has another ending, or the
            width is no figure's.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise InputError(
            f"A figure for print must end with .pdf or .svg, got {path.name}."
        )
    if not NARROWEST_MM <= width_mm <= WIDEST_MM:
        raise InputError(
            f"A figure must be {NARROWEST_MM:g} to {WIDEST_MM:g} mm wide, got "
            f"{width_mm:g}."
        )
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as wrong:
        raise InputError(
            "A figure for print needs matplotlib, which is not installed. Run "
            "`pip install 'vidnas[figures]'`."
        ) from wrong
    with matplotlib.rc_context(_STYLE):
        wide = width_mm >= SIDE_BY_SIDE_MM
        panel = width_mm / 2 if wide else width_mm
        height = PANEL_RATIO * panel * (1 if wide else 2)
        figure = Figure(
            figsize=(width_mm / MM_PER_INCH, height / MM_PER_INCH), layout="constrained"
        )
        left, right = figure.subplots(*((1, 2) if wide else (2, 1)))
        _draw_attainment(found, left)
        _draw_progress(found, right)
        raw = io.BytesIO()
        no_date = {"Date": None} if kind == "svg" else {"CreationDate": None}
        figure.savefig(raw, format=kind, metadata=no_date)
    write_whole(path, raw.getvalue())
    return path


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
            x, worst, best, step="post", color=_ink(number), alpha=0.15, linewidth=0
        )
        axes.step(x, middle, where="post", **_line(group.label, number, len(x)))
    if across.log:
        axes.set_xscale("log")
        axes.set_xticks(log_ticks(*axes.get_xlim()))
        axes.xaxis.set_major_formatter(lambda value, _: _cost(value, across.unit))
        axes.minorticks_off()
    axes.set_xlabel(across.title)
    axes.set_ylabel(f"best {found.objectives.accuracy.title}")
    axes.legend(loc="lower right", handlelength=3.0)


def _draw_progress(found: Comparison, axes: "Axes") -> None:
    scale, unit = volume_scale(found)
    for number, group in enumerate(found.groups):
        rows = progress_rows(found, group)
        x = [row["effort"] for row in rows]
        if rows[0]["low"] is not None:
            low, high = ([row[end] / scale for row in rows] for end in ("low", "high"))
            axes.fill_between(
                x, low, high, step="post", color=_ink(number), alpha=0.15, linewidth=0
            )
        means = [row["mean"] / scale for row in rows]
        axes.step(x, means, where="post", **_line(group.label, number, len(x)))
    axes.set_xlim(0, found.at)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("hours of training" if found.by == "hours" else found.by)
    axes.set_ylabel(f"hypervolume [{unit}]")


def _line(label: str, number: int, points: int) -> dict[str, Any]:
    """How the line of a group is drawn: ink, dash and some markers."""
    return {
        "color": _ink(number),
        "linestyle": DASHES[number % len(DASHES)],
        "marker": MARKERS[number % len(MARKERS)],
        "markersize": 3.0,
        "markevery": max(1, points // 6),
        "linewidth": 1.2,
        # A dollar would begin mathematics.
        "label": visible(label, keep="").replace("$", r"\$"),
    }


def _ink(number: int) -> str:
    return INKS[number % len(INKS)]


def _cost(value: float, unit: float) -> str:
    return format_bytes(value * unit) if unit == MIB else format_count(value)

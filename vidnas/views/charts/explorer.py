"""Which trials are alike? A front to brush, with the chosen trials' costs below."""

import math
from collections.abc import Collection, Sequence

import altair as alt

from vidnas.documents.quantity import format_bytes, format_count
from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.views.charts.embed import OfflineRows
from vidnas.views.charts.figures import step
from vidnas.views.charts.palette import MUTED
from vidnas.views.charts.point_rows import Row, point_rows
from vidnas.views.charts.points import kind_colour, points, tooltips
from vidnas.views.charts.theme import WIDTH, inline, with_style

# Words under the axis, and the key in a point's row; the accuracy comes last.
PARALLEL = {
    "FLOPs": "flops",
    "parameters": "parameters",
    "inference memory": "inference_bytes",
    "layers": "depth",
}


def explorer_chart(
    history: History,
    family: Sequence[Size] | None = None,
    *,
    front: Front | None = None,
    shown: Collection[int] | None = None,
    within: str = "",
) -> alt.VConcatChart:
    """Brush the front; parallel lines below keep the trials under the brush.

    Args:
        history: The study.
        family: Sizes to mark; the empty ones are left out.
        front: Another front than that of the study's objectives.
        shown: Numbers of the trials that are drawn; None for all.
        within: Limits that these are within, in words; empty for none.

    Raises:
        InputError: the front has a single objective.
    """
    front = history.front() if front is None else front
    rows = point_rows(history, front, family or ())
    rows = [row for row in rows if shown is None or row["trial"] in shown]
    brush = alt.selection_interval(name="brush")
    brushed = points(front, rows).encode(
        opacity=alt.condition(brush, alt.value(1.0), alt.value(0.2))
    )
    line = step(front, rows, to_the_edge=not within)
    title = alt.TitleParams("Drag over trials to choose them", subtitle=within)
    above = alt.layer(*line, brushed.add_params(brush)).properties(
        width=WIDTH, height=230, title=title
    )
    below = _parallel(rows, brush).properties(
        width=WIDTH, height=190, title="The chosen trials"
    )
    both = OfflineRows(vconcat=[above, below], spacing=20)
    return with_style(both.resolve_legend(color="independent", shape="independent"))


def _parallel(rows: list[Row], brush: alt.Parameter) -> alt.LayerChart:
    """A line per trial under the brush; the axes span all trials, so they stay."""
    ticks = alt.Axis(
        labelAngle=0, labelPadding=22, labelFontWeight=600, domain=False, ticks=False
    )
    base = alt.Chart(inline(parallel_rows(rows))).encode(
        x=alt.X(
            "quantity:N",
            sort=list(_quantities(rows)),
            title=None,
            axis=ticks,
            scale=alt.Scale(type="point", padding=0.3),
        ),
        y=alt.Y("share:Q", axis=None, scale=alt.Scale(domain=[0, 1])),
    )
    lines = base.transform_filter("datum.words == null").transform_filter(brush)
    ends = base.transform_filter("datum.words != null")
    highest = ends.transform_filter("datum.share == 1").mark_text(dy=-9, color=MUTED)
    lowest = ends.transform_filter("datum.share == 0").mark_text(dy=11, color=MUTED)
    return alt.layer(
        ends.mark_line(color=MUTED, opacity=0.4).encode(detail="quantity:N"),
        lines.mark_line(strokeWidth=1.8, opacity=0.8).encode(
            detail="trial:N",
            color=kind_colour(rows).legend(None),
            tooltip=tooltips(rows),
        ),
        highest.encode(text="words:N"),
        lowest.encode(text="words:N"),
    )


def parallel_rows(rows: list[Row]) -> list[Row]:
    """A row per trial and quantity, `share` from the lowest at 0 to the highest at 1.

    Costs spread by their ratios. Two more rows per quantity carry the `words` at the
    ends of its axis.
    """
    parallel: list[Row] = []
    for quantity, key in _quantities(rows).items():
        having = [row for row in rows if row[key] is not None]
        values = [_spread(key, row[key]) for row in having]
        if not having:
            continue
        low, span = min(values), (max(values) - min(values)) or 1.0
        for row, value in zip(having, values, strict=True):
            share = (value - low) / span
            parallel.append(
                {**row, "quantity": quantity, "share": share, "words": None}
            )
        for share, choose in ((0.0, min), (1.0, max)):
            words = _words(key, choose(row[key] for row in having))
            parallel.append({"quantity": quantity, "share": share, "words": words})
    return parallel


def _quantities(rows: list[Row]) -> dict[str, str]:
    """The quantities with an axis, the accuracy by its own name."""
    accuracies = {row["accuracy_title"]: "accuracy" for row in rows}
    return {**PARALLEL, **accuracies}


def _spread(key: str, value: float) -> float:
    return value if key in ("depth", "accuracy") else math.log(value)


def _words(key: str, value: float) -> str:
    if key == "accuracy":
        return f"{value:.1f}"
    return format_bytes(value) if key.endswith("_bytes") else format_count(value)

"""How do charts look in a notebook? Dark on light, in the colours of all pictures."""

from typing import Any

import altair as alt

from vidnas.views.charts.objectives import Shown
from vidnas.views.charts.palette import FONT, GRID, INK, MUTED
from vidnas.views.charts.ticks import log_ticks

WIDTH, HEIGHT = 560, 264  # with axes, title and legend 640 x 400
SHORT = "format(datum.value, datum.value < 1000 ? '~g' : '~s')"  # 0.5, 200, 1.5M


class Rows(alt.InlineData):  # type: ignore[misc]  # altair is untyped
    """Rows that are never copied, and not checked cell by cell against a schema.

    Altair copies a chart's data whenever it puts a chart into another, and nobody
    changes these; plain rows of plain values fit any schema.
    """

    _class_is_valid_at_instantiation = False

    def __deepcopy__(self, memo: Any) -> "Rows":
        return self


def inline(rows: list[dict[str, Any]]) -> Rows:
    """Rows as they are: no frame is needed, and no limit on their number applies."""
    return Rows(values=rows)


def axis_channel(shown: Shown, values: list[float]) -> dict[str, Any]:
    """Title, scale and axis of a position; logarithmic axes get ticks at 1, 2 and 5.

    Args:
        shown: Objective along the axis.
        values: Values that the axis must hold, in the shown unit.
    """
    if not shown.log or not values or min(values) <= 0:
        scale = alt.Scale(zero=False, nice=True, padding=6)
        return {"title": shown.title, "scale": scale, "axis": alt.Axis(grid=True)}
    low, high = min(values) / 1.15, max(values) * 1.15
    return {
        "title": f"{shown.title}, log scale",
        "scale": alt.Scale(type="log", domain=[low, high], nice=False),
        "axis": alt.Axis(
            labelExpr=SHORT, values=log_ticks(low, high), labelOverlap=True
        ),
    }


def with_style(chart: Any) -> Any:
    """The chart with our fonts, colours and margins; the last step of every figure."""
    return (
        chart.configure(background="white", padding=12, font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            gridColor=GRID,
            domainColor=MUTED,
            tickColor=MUTED,
            labelColor=INK,
            titleColor=INK,
            labelFontSize=12,
            titleFontSize=12.5,
            titleFontWeight=600,
            titlePadding=10,
        )
        .configure_legend(labelColor=INK, labelFontSize=12, padding=0, offset=8)
        .configure_title(
            anchor="start",
            color=INK,
            fontSize=16,
            fontWeight=600,
            subtitleColor=MUTED,
            subtitleFontSize=12,
            subtitlePadding=5,
            offset=10,
        )
    )

"""How is a done trial drawn? A point with its place, its kind and its tooltip."""

from typing import Any

import altair as alt

from vidnas.trials.front import Front
from vidnas.views.charts.point_rows import BEATEN, KINDS, Row, axes
from vidnas.views.charts.theme import axis_channel, inline

_TOOLTIPS = {
    "trial": "trial",
    "size": "family",
    "baseline": "baseline",
    "known": "known from",
    "continued": "continued from",
    "standing": "over the objectives",
    "arch_id": "arch_id",
    "flops_words": "FLOPs (multiply-adds)",
    "parameters_words": "parameters",
    "memory_words": "inference memory",
    "sure": "belongs to the front",
    "mark": "accuracy",
    "clip": "clip",
    "widths": "widths, stem first",
    "depths": "layers per stage",
    "kernels": "kernels (layers)",
}

# Left out where no point has one.
_RARE = ("size", "baseline", "known", "continued", "standing", "sure", "mark")


def place(front: Front, rows: list[Row]) -> dict[str, Any]:
    """The `x` and `y` channels that hold all of these rows."""
    across, up = axes(front)
    return {
        "x": alt.X("x:Q", **axis_channel(across, [row["x"] for row in rows])),
        "y": alt.Y("y:Q", **axis_channel(up, [row["y"] for row in rows])),
    }


def points(front: Front, rows: list[Row]) -> alt.Chart:
    """The rows as points: kinds by colour, shape and area, the rest in the tooltip."""
    names, _, shapes, _ = zip(*_kinds_in(rows), strict=True)
    return (
        alt.Chart(inline(rows))
        .mark_point(filled=True, opacity=1, stroke="white", strokeWidth=0.8)
        .encode(
            **place(front, rows),
            color=kind_colour(rows),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=shapes)),
            size=alt.Size("area:Q", scale=None, legend=None),
            tooltip=tooltips(rows),
        )
    )


def kind_colour(rows: list[Row]) -> alt.Color:
    """The colour channel of the kinds among the rows, with a legend above."""
    names, colours, *_ = zip(*_kinds_in(rows), strict=True)
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolSize=80)
    return alt.Color(
        "kind:N", scale=alt.Scale(domain=names, range=colours), legend=legend
    )


def tooltips(rows: list[Row]) -> list[alt.Tooltip]:
    """What a point says under the pointer."""
    title = rows[0]["accuracy_title"] if rows else ""
    shown = {**_TOOLTIPS, "accuracy_words": f"{title}, 95 % interval"}
    last = ("mark", "clip", "widths", "depths", "kernels")
    keys = [*(key for key in shown if key not in last), *last]
    return [
        alt.Tooltip(f"{key}:N", title=shown[key])
        for key in keys
        if key not in _RARE or any(row[key] for row in rows)
    ]


def _kinds_in(rows: list[Row]) -> list[tuple[str, str, str, int]]:
    here = {row["kind"] for row in rows}
    return [kind for kind in KINDS if kind[0] in here] or [BEATEN]

"""What did a study reach? The front over its objectives, and how it grew."""

import math
from collections.abc import Sequence

import altair as alt

from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES
from vidnas.views.charts.embed import OfflineLayers
from vidnas.views.charts.front_words import front_words, has_intervals
from vidnas.views.charts.growth import progress_rows
from vidnas.views.charts.objectives import volume_unit
from vidnas.views.charts.palette import BLUE, INK, MUTED
from vidnas.views.charts.point_rows import (
    BASELINE,
    BEATEN,
    Row,
    axes,
    point_rows,
    probable_rows,
)
from vidnas.views.charts.points import place, points
from vidnas.views.charts.theme import HEIGHT, SHORT, WIDTH, inline, with_style


def front_chart(
    history: History,
    family: Sequence[Size] | None = None,
    *,
    front: Front | None = None,
    within: str = "",
) -> alt.LayerChart:
    """All done trials over two objectives, the front as a step, some of them named.

    Family members and baselines are; a baseline is on the step only where the front
    counts it.

    Args:
        history: The study.
        family: Sizes to label `A0` ...; the empty ones are left out.
        front: Another front than that of the study's objectives; its first objective
            runs along the picture, its last upwards.
        within: Limits that its trials are within, in words; empty for none.

    Raises:
        InputError: the front has a single objective.
    """
    front = history.front() if front is None else front
    rows = point_rows(history, front, family or ())
    layers = [
        *_chance(history, front, rows),
        *step(front, rows, to_the_edge=not within),
        *_intervals(front, rows),
        points(front, rows),
        *_probable(front, rows),
        *_labels(front, rows),
        *_baseline_labels(front, rows),
    ]
    return with_style(
        OfflineLayers(layer=layers).properties(
            width=WIDTH,
            height=HEIGHT,
            title=alt.TitleParams(
                f"Front of {history.head.name}",
                subtitle=[front_words(history, front), within]
                if within
                else front_words(history, front),
            ),
        )
    )


def step(front: Front, rows: list[Row], *, to_the_edge: bool = True) -> list[alt.Chart]:
    """The best reached within each cost, as a step.

    With three objectives the front is no line in the plane, so none is drawn.

    Args:
        front: Front over two objectives.
        rows: Points of the picture.
        to_the_edge: Whether it goes on beyond the front, to the last point; not where
            limits keep dearer trials off the front.
    """
    if len(front.objectives) != 2 or not front.trials:
        return []
    across, up = axes(front)
    corners = [
        {
            "x": trial.value(across.objective.name) / across.unit,
            "y": trial.value(up.objective.name) / up.unit,
        }
        for trial in front.trials
    ]
    # A dearer clip than the last on the front changes nothing, so the line goes on.
    if to_the_edge and across.objective.maximise:
        corners.insert(0, {**corners[0], "x": min(row["x"] for row in rows)})
    elif to_the_edge:
        corners.append({**corners[-1], "x": max(row["x"] for row in rows)})
    line = alt.Chart(inline(corners)).mark_line(
        interpolate="step-before" if across.objective.maximise else "step-after",
        color=BLUE,
        strokeWidth=2,
        opacity=0.85,
    )
    return [line.encode(**place(front, rows), order="x:Q")]


def progress_chart(history: History) -> alt.LayerChart:
    """Hypervolume after each finished trial, in order of proposal."""
    rows = progress_rows(history)
    chart = alt.Chart(inline(rows)).encode(
        x=alt.X(
            "finished:Q",
            title="finished trials",
            scale=alt.Scale(domain=[0, max(1, len(rows) - 1)], nice=False),
            axis=alt.Axis(tickMinStep=1, tickCount=8, format="d", grid=False),
        ),
        y=alt.Y(
            "hypervolume:Q",
            title=["hypervolume", f"[{volume_unit(history.objectives)}]"],
            axis=alt.Axis(labelExpr=SHORT, tickCount=5),
        ),
    )
    improved = chart.transform_filter("datum.improved").encode(
        tooltip=[
            alt.Tooltip("finished:Q", title="finished trials"),
            alt.Tooltip("hypervolume:Q", format=".4s"),
            alt.Tooltip("front:Q", title="trials on the front"),
        ]
    )
    point = history.objectives.point_text(history.reference)
    subtitle = f"Volume between the front and the reference point at {point}"
    layers = OfflineLayers(
        layer=[
            chart.mark_area(interpolate="step-after", color=BLUE, opacity=0.12),
            chart.mark_line(interpolate="step-after", color=BLUE, strokeWidth=2.5),
            improved.mark_circle(size=46, color=BLUE, opacity=1),
        ]
    )
    return with_style(
        layers.properties(
            width=WIDTH,
            height=170,
            title=alt.TitleParams("Progress", subtitle=subtitle),
        )
    )


def _intervals(front: Front, rows: list[Row]) -> list[alt.Chart]:
    """95 % intervals of the front members, where an accuracy is drawn upwards."""
    known = [r for r in rows if r["kind"] != BEATEN[0] and r["low"] is not None]
    if not has_intervals(front) or not known:
        return []
    bars = alt.Chart(inline(known)).mark_rule(color=INK, strokeWidth=1.2, opacity=0.4)
    return [bars.encode(x="x:Q", y="low:Q", y2="high:Q")]


def _probable(front: Front, rows: list[Row]) -> list[alt.Chart]:
    """Rings around trials beside the front that may belong to it, the likelier darker.

    They take the pointer of no point.
    """
    beside = [{**row, "opacity": row["probability"]} for row in probable_rows(rows)]
    if not beside:
        return []
    rings = alt.Chart(inline(beside)).mark_circle(
        filled=False, color=BLUE, size=90, strokeWidth=1.6, tooltip=None
    )
    shade = alt.Opacity(
        "opacity:Q", scale=alt.Scale(domain=[0, 0.5], range=[0.25, 1]), legend=None
    )
    return [rings.encode(**place(front, rows), opacity=shade)]


def _labels(front: Front, rows: list[Row]) -> list[alt.Chart]:
    """Names of family members, dark over white so that they read over any point."""
    named = [row for row in rows if row["size"]]
    if not named:
        return []
    base = alt.Chart(inline(named)).encode(**place(front, rows), text="size:N")
    text = {"dx": -13, "dy": -11, "fontSize": 13, "fontWeight": 700}
    return [
        base.mark_text(**text, stroke="white", strokeWidth=4, strokeJoin="round"),
        base.mark_text(**text, color=INK),
    ]


def _baseline_labels(front: Front, rows: list[Row]) -> list[alt.Chart]:
    """Names of baselines beside their marks, towards the middle of the picture."""
    named = [row for row in rows if row["kind"] == BASELINE[0]]
    if not named:
        return []
    across, _ = axes(front)
    middle = _middle([row["x"] for row in rows], across.log)
    layers = []
    for align, right in (("left", False), ("right", True)):
        here = [row for row in named if (row["x"] > middle) == right]
        if not here:
            continue
        base = alt.Chart(inline(here)).encode(**place(front, rows), text="baseline:N")
        text = {"align": align, "dx": -9 if right else 9, "fontSize": 11.5}
        layers += [
            base.mark_text(**text, stroke="white", strokeWidth=4, strokeJoin="round"),
            base.mark_text(**text, color=INK),
        ]
    return layers


def _middle(values: list[float], log: bool) -> float:
    low, high = min(values), max(values)
    return math.sqrt(low * high) if log else (low + high) / 2


def _chance(history: History, front: Front, rows: list[Row]) -> list[alt.Chart]:
    """Where guessing would land, where an accuracy is drawn upwards."""
    accuracy = ACCURACIES.get(front.objectives[-1].name)
    if accuracy is None or not rows:
        return []
    chance = history.chance_of(accuracy)
    share, told = chance.level, chance.words
    base = alt.Chart(inline([{"y": share, "words": told}]))
    words = base.mark_text(align="right", dy=-7, dx=-4, color=MUTED, fontSize=11)
    return [
        base.mark_rule(color=MUTED, strokeDash=[4, 4]).encode(y="y:Q"),
        words.encode(y="y:Q", x=alt.value(WIDTH), text="words:N"),
    ]

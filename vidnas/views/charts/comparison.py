"""What do groups of studies attain, and how fast? Pictures of a comparison."""

from typing import Any

import altair as alt

from vidnas.arrays import Floats
from vidnas.errors import InputError
from vidnas.statistics.attainment import middle_row
from vidnas.statistics.seeds import halves_over_seeds
from vidnas.views.charts.embed import OfflineLayers
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME, volume_unit
from vidnas.views.charts.palette import BLUE, GREEN, INK, MUTED, VERMILION
from vidnas.views.charts.theme import (
    HEIGHT,
    SHORT,
    WIDTH,
    axis_channel,
    inline,
    with_style,
)
from vidnas.views.comparison.comparison import Comparison, Group

Row = dict[str, Any]

# The first three are those of every figure; Okabe and Ito 2008.
COLOURS = (BLUE, VERMILION, GREEN, "#cc79a7", "#e69f00", "#56b4e9", INK)
DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [7, 3, 2, 3])


def attainment_chart(found: Comparison) -> alt.LayerChart:
    """Best accuracy within each budget: the median seed, between best and worst.

    Raises:
        InputError: no group has found a network that is better than guessing.
    """
    rows = [row for group in found.groups for row in attainment_rows(found, group)]
    if not rows:
        raise InputError(
            f"A picture needs a network better than {found.chance.words}, no study has "
            "one."
        )
    across = OBJECTIVES_BY_NAME[found.objectives.cost]
    x = alt.X("x:Q", **axis_channel(across, [row["x"] for row in rows]))
    title = f"best {found.objectives.accuracy.title}"
    y = alt.Y("median:Q", title=title, scale=alt.Scale(zero=False, padding=6))
    base = alt.Chart(inline(rows)).encode(x=x, color=_colour(found, "group:N"))
    layers = [
        base.mark_area(interpolate="step-after", opacity=0.15).encode(
            y=alt.Y("worst:Q", title=title, scale=alt.Scale(zero=False)), y2="best:Q"
        ),
        base.mark_line(interpolate="step-after", strokeWidth=2.5).encode(
            y=y, strokeDash=_dash(found)
        ),
        base.mark_point(filled=True, size=30, opacity=0.01).encode(
            y=y,
            tooltip=[
                "group:N",
                alt.Tooltip("x:Q", title=across.title, format=".3s"),
                *(alt.Tooltip(f"{n}:Q", format=".1f") for n in _LEVELS),
            ],
        ),
        *_chance(found, rows),
    ]
    words = f"after {found.at:g} {found.by}: median seed, shaded from worst to best"
    return _titled(layers, "Attained within a budget", words, HEIGHT)


_LEVELS = ("best", "median", "worst")


def attainment_rows(found: Comparison, group: Group) -> list[Row]:
    """`best`, `median` and `worst` seed of a group at each budget where one changes.

    Empty where no seed has found a network that is better than guessing.
    """
    budgets, attained = found.attainment(group)
    unit = OBJECTIVES_BY_NAME[found.objectives.cost].unit
    if (attained[0] <= found.chance.level).all():
        return []
    middle = attained[middle_row(len(attained))]
    columns = zip(budgets / unit, attained[0], middle, attained[-1], strict=True)
    return [
        {
            "group": group.label,
            "x": float(x),
            "best": float(best),
            "median": float(median),
            "worst": float(worst),
        }
        for x, best, median, worst in columns
    ]


def progress_chart(found: Comparison) -> alt.LayerChart:
    """Hypervolume over effort: the mean over seeds, with its 95 % interval."""
    rows = [row for group in found.groups for row in progress_rows(found, group)]
    titles = {"trials": "finished trials", "epochs": "epochs trained"}
    y_title = ["hypervolume", f"[{volume_unit(found.objectives)}]"]
    y = alt.Y("mean:Q", title=y_title, axis=alt.Axis(labelExpr=SHORT, tickCount=5))
    base = alt.Chart(inline(rows)).encode(
        x=alt.X(
            "effort:Q",
            title=titles.get(found.by, "hours of training"),
            scale=alt.Scale(domain=[0, found.at], nice=False),
            axis=alt.Axis(tickCount=8, grid=False),
        ),
        color=_colour(found, "group:N"),
    )
    shade = (
        base.transform_filter("isValid(datum.low)")
        .mark_area(interpolate="step-after", opacity=0.15, clip=True)
        .encode(y=alt.Y("low:Q", title=y_title), y2="high:Q")
    )
    layers = [
        # Of single seeds there is none, and a scale of nothing is warned of.
        *([shade] if any(row["low"] is not None for row in rows) else []),
        base.mark_line(interpolate="step-after", strokeWidth=2.5).encode(
            y=y,
            strokeDash=_dash(found),
            tooltip=[
                "group:N",
                alt.Tooltip("effort:Q", title=found.by),
                *(alt.Tooltip(f"{n}:Q", format=".4s") for n in ("mean", "low", "high")),
            ],
        ),
    ]
    words = "mean over seeds; shaded are 95 % intervals, each effort by itself"
    return _titled(layers, "Hypervolume over effort", words, 200)


def progress_rows(found: Comparison, group: Group) -> list[Row]:
    """`mean`, `low` and `high` hypervolume of a group at each effort.

    Of one seed the limits are None. None is below 0, as no hypervolume is.
    """
    efforts, volumes = found.progress(group)
    means, halves = volumes.mean(axis=0), halves_over_seeds(volumes)
    known = len(volumes) > 1
    return [
        {
            "group": group.label,
            "effort": effort,
            "mean": mean,
            "low": max(0.0, mean - half) if known else None,
            "high": mean + half if known else None,
        }
        for effort, mean, half in _listed(efforts, means, halves)
    ]


def _listed(*columns: Floats) -> list[tuple[float, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _colour(found: Comparison, field: str) -> alt.Color:
    labels = [group.label for group in found.groups]
    colours = [COLOURS[n % len(COLOURS)] for n in range(len(labels))]
    scale = alt.Scale(domain=labels, range=colours)
    return alt.Color(field, scale=scale, legend=_legend())


def _dash(found: Comparison) -> alt.StrokeDash:
    labels = [group.label for group in found.groups]
    dashes = [DASHES[n % len(DASHES)] for n in range(len(labels))]
    scale = alt.Scale(domain=labels, range=dashes)
    return alt.StrokeDash("group:N", scale=scale, legend=_legend())


def _legend() -> alt.Legend:
    """A legend of lines, as dark as they are."""
    return alt.Legend(
        title=None,
        orient="top",
        direction="horizontal",
        symbolType="stroke",
        symbolOpacity=1,
        symbolStrokeWidth=2.5,
        symbolSize=300,
    )


def _chance(found: Comparison, rows: list[Row]) -> list[alt.Chart]:
    """Where guessing would land, where that is near what was found."""
    level = found.chance.level
    if min(row["worst"] for row in rows) > level + 15:
        return []
    base = alt.Chart(inline([{"y": level, "words": found.chance.words}]))
    words = base.mark_text(align="right", dy=-7, dx=-4, color=MUTED, fontSize=11)
    return [
        base.mark_rule(color=MUTED, strokeDash=[4, 4]).encode(y="y:Q"),
        words.encode(y="y:Q", x=alt.value(WIDTH), text="words:N"),
    ]


def _titled(
    layers: list[alt.Chart], title: str, subtitle: str, height: int
) -> alt.LayerChart:
    return with_style(
        OfflineLayers(layer=layers).properties(
            width=WIDTH,
            height=height,
            title=alt.TitleParams(title, subtitle=subtitle),
        )
    )

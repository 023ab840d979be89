"""Which networks have these costs and these choices? Panels that are brushed together.

Each panel shows accuracy over a cost or a choice. A brush in any of them leaves only
what lies under it, and under every other brush, dark in all of them.
"""

import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError
from vidnas.study.history import History
from vidnas.trials.choices.factors import Factor, factors_of, option_text
from vidnas.trials.trial import Trial
from vidnas.views.charts.embed import OfflineRows
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME
from vidnas.views.charts.palette import GREY
from vidnas.views.charts.point_rows import Row, point_rows
from vidnas.views.charts.points import kind_colour, tooltips
from vidnas.views.charts.script_text import script_text
from vidnas.views.charts.theme import axis_channel, inline, with_style

COSTS = ("flops", "parameters", "inference_bytes")
ACROSS = 3  # panels beside each other
PANELS = 6  # choices, where none are named
SIDE = 200
Channels = dict[str, Any]
HOW = "Drag in any panel; drag again to move, click beside to let go"
PALE = 0.12


def linked_chart(history: History, choices: Sequence[str] = ()) -> alt.VConcatChart:
    """Accuracy over costs and choices, brushed together.

    Args:
        history: The study, with a trial done in full.
        choices: Names of choices, of layers that of the stage and the kind such as
            `stage2.kernel`; none for those that matter most in the study, and then
            others that differ.

    Raises:
        InputError: no trial is done, or there is no such choice.
    """
    rows = point_rows(history, history.front(), history.family())
    done = [t for t in history.compared if t.state == "done" and t.candidate]
    if not done:
        raise InputError(f"A picture needs a done trial, {history.folder} has none.")
    factors = _chosen(history, done, choices)
    _add_choices(rows, done, factors)
    costs = list(dict.fromkeys((*COSTS, *history.objectives.costs)))
    costs = [name for name in costs if _add_cost(rows, done, name)]
    data, title = inline(rows), rows[0]["accuracy_title"]
    whole = alt.selection_interval(name="brush", resolve="intersect")
    # Of choices the option alone, whatever accuracy the brush spans.
    option = alt.selection_interval(name="pick", resolve="intersect", encodings=["x"])
    looks = {
        "y": alt.Y("accuracy:Q", title=title, scale=alt.Scale(zero=False, padding=6)),
        "color": alt.condition(whole & option, kind_colour(rows), alt.value(GREY)),
        "opacity": alt.condition(whole & option, alt.value(1.0), alt.value(PALE)),
        "tooltip": tooltips(rows),
    }
    panels = [_panel(data, _cost_axis(rows, name), looks, whole) for name in costs]
    panels += [_panel(data, _choice_axis(one), looks, option) for one in factors]
    return with_style(_grid(panels))


def _grid(panels: Sequence[alt.Chart]) -> alt.VConcatChart:
    """Panels in rows; a brush of one name is the same brush in all of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Automatically deduplicated", UserWarning)
        lines = [
            alt.hconcat(*panels[at : at + ACROSS], spacing=24).resolve_scale(
                xOffset="independent"
            )
            for at in range(0, len(panels), ACROSS)
        ]
        return (
            OfflineRows(vconcat=lines, spacing=18)
            .resolve_scale(xOffset="independent")
            .properties(title=alt.TitleParams(HOW, fontSize=12))
        )


def _chosen(
    history: History, done: Sequence[Trial], names: Sequence[str]
) -> list[Factor]:
    """The choices to show."""
    matrix = np.array([trial.candidate for trial in done], np.int64)
    every = {f.name: f for f in factors_of(history.experiment.read_space(), matrix)}
    for name in names:
        if name not in every:
            raise InputError(
                f"A choice must be one of {', '.join(every)}, got `{name}`."
                f"{nearest(name, every)}"
            )
    if names:
        return [every[name] for name in dict.fromkeys(names)]
    from vidnas.views.insight.asked import why_of

    told = [one.choice for one in why_of(history).influences if one.choice in every]
    differ = [name for name, f in every.items() if f.tried.sum() > 1]
    return [every[name] for name in [*dict.fromkeys((*told, *differ))][:PANELS]]


def _add_cost(rows: list[Row], done: Sequence[Trial], name: str) -> bool:
    """Adds a cost in its shown unit to every row; whether all have it."""
    if not all(trial.has(name) for trial in done):
        return False
    unit = OBJECTIVES_BY_NAME[name].unit
    values = {trial.number: trial.value(name) / unit for trial in done}
    for row in rows:
        row[f"cost {name}"] = values.get(row["trial"])
    return True


def _add_choices(
    rows: list[Row], done: Sequence[Trial], factors: Sequence[Factor]
) -> None:
    """Adds what each network chose, and a place beside others that chose the same."""
    at = {trial.number: n for n, trial in enumerate(done)}
    for row in rows:
        digest = hashlib.sha256(row["arch_id"].encode()).digest()
        row["aside"] = digest[0] / 255  # which nothing but the network decides
        for factor in factors:
            n = at.get(row["trial"])
            row[f"choice {factor.name}"] = None if n is None else _option(factor, n)


def _option(factor: Factor, at: int) -> str | None:
    """The option that a network took, of layers the one that most of them did."""
    shares = factor.shares[at]
    return option_text(factor.options[int(shares.argmax())]) if shares.any() else None


def _cost_axis(rows: list[Row], name: str) -> Channels:
    field = f"cost {name}"
    values = [row[field] for row in rows if row[field] is not None]
    return {"x": alt.X(f"{field}:Q", **axis_channel(OBJECTIVES_BY_NAME[name], values))}


def _choice_axis(factor: Factor) -> Channels:
    # A name with points would be a path into a row.
    spelled = f"choice {factor.name}".replace(".", r"\.")
    title = factor.name + (", of most layers" if factor.layers > 1 else "")
    tried = zip(factor.options, factor.tried, strict=True)
    order = [option_text(option) for option, is_tried in tried if is_tried]
    scale, axis = alt.Scale(domain=order), alt.Axis(labelAngle=0)
    x = alt.X(f"{spelled}:O", title=title, sort=None, scale=scale, axis=axis)
    aside = alt.XOffset("aside:Q", scale=alt.Scale(domain=[0, 1]))
    return {"x": x, "xOffset": aside}


def _panel(
    data: Any, along: Channels, looks: Channels, brush: alt.Parameter
) -> alt.Chart:
    """Accuracy of the networks that have a value on the axis."""
    field = along["x"].shorthand[:-2].replace("\\", "")
    return (
        alt.Chart(data)
        .transform_filter(f"isValid(datum[{script_text(field)}])")
        .mark_circle(size=42, stroke="white", strokeWidth=0.5)
        .encode(**along, **looks)
        .properties(width=SIDE, height=SIDE * 0.8)
        .add_params(brush)
    )

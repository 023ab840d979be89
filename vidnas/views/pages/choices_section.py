"""By what may trials be chosen? A picture of parallel axes: costs, size and choices.

A line is a trial. Dragging along an axis chooses those that pass there, in the table
and in the front too.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from vidnas.documents.quantity import format_cost, format_count
from vidnas.study.history import History
from vidnas.trials.choices.factors import factors_of, option_text
from vidnas.trials.choices.why import Why
from vidnas.trials.trial import Trial
from vidnas.views.pages.markup import cost_title, paragraph, shown_costs
from vidnas.views.pages.trials_section import Lane

MOST_CHOICES = 6
WORDS = (
    "A line is a trial, dark on the front. Drag along an axis to choose trials by it, "
    "also in the table and in the front; a click on the axis takes that back."
)


def lanes_of(history: History, why: Why) -> tuple[Lane, ...]:
    """The axes of a study: its accuracy, costs and layers, and the choices that matter.

    An axis on which all trials are alike is left out.

    Args:
        history: The study.
        why: What it says of its choices.
    """
    done = [trial for trial in history.compared if trial.state == "done"]
    objectives, accuracy = history.objectives, history.accuracy
    lanes = [
        _cost_lane(name, [trial for trial in done if trial.has(name)])
        for name in shown_costs(objectives)
    ]
    lanes += [
        _lane("layers", {t.number: float(t.architecture.depth) for t in done}),
        _lane("frames", {t.number: float(t.architecture.clip.frames) for t in done}),
        _lane(
            "pixels", {t.number: float(t.architecture.clip.resolution) for t in done}
        ),
        *_choice_lanes(history, done, why),
        _lane(accuracy.title, {t.number: t.value(accuracy.name) for t in done}),
    ]
    return tuple(lane for lane in lanes if lane is not None)


def choices_figure(lanes: Sequence[Lane]) -> str:
    """Where the page's script draws the axes; nothing where there are few."""
    if len(lanes) < 2:
        return ""
    return (
        f'<div class="lanes" hidden>{paragraph(WORDS)}'
        '<div class="wide"><div id="lanes"></div></div></div>'
    )


def _cost_lane(name: str, trials: Sequence[Trial]) -> Lane | None:
    """A cost spreads by its ratios."""
    values = {trial.number: trial.value(name) for trial in trials}
    if not values or min(values.values()) <= 0.0:
        return None
    logs = {number: math.log(value) for number, value in values.items()}
    ends = min(values.values()), max(values.values())
    told = (format_cost(name, ends[0]), format_cost(name, ends[1]))
    return _lane(cost_title(name), logs, told)


def _choice_lanes(
    history: History, done: Sequence[Trial], why: Why
) -> list[Lane | None]:
    """The choices that accuracy depends on beyond luck, the weightiest first.

    Of the same choice of many layers it is the mean over them.
    """
    named = [one.choice for one in why.influences[:MOST_CHOICES]]
    if not named or not done:
        return []
    space = history.experiment.read_space()
    rows = np.array([trial.candidate for trial in done], np.int64)
    factors = {one.name: one for one in factors_of(space, rows)}
    lanes = []
    for factor in (factors[name] for name in named if name in factors):
        taken = factor.shares @ np.arange(len(factor.options))
        values = {
            trial.number: float(value)
            for trial, value, made in zip(done, taken, factor.made, strict=True)
            if made
        }
        ends = option_text(factor.options[0]), option_text(factor.options[-1])
        lanes.append(_lane(factor.name, values, ends, len(factor.options) - 1.0))
    return lanes


def _lane(
    name: str,
    values: Mapping[int, float],
    ends: tuple[str, str] = ("", ""),
    most: float | None = None,
) -> Lane | None:
    """An axis from the least value to the greatest; None where all are one.

    Args:
        name: What is along it.
        values: Values by number of trial.
        ends: Words at its ends; empty for the values themselves.
        most: Value at its end where that begins at 0; None for the greatest.
    """
    if len(set(values.values())) < 2:
        return None
    low = min(values.values()) if most is None else 0.0
    high = max(values.values()) if most is None else most
    told = ends if any(ends) else (format_count(low), format_count(high))
    span = high - low
    return Lane(name, told, {n: round((v - low) / span, 3) for n, v in values.items()})

"""What have studies found so far, in one small picture? Quickly, without a library."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vidnas.documents.quantity import format_cost
from vidnas.trials.front import Front
from vidnas.trials.objectives import Objectives, cost_text, cost_word
from vidnas.views.charts.ticks import even_ticks, log_ticks
from vidnas.views.drawings.svg import line, text
from vidnas.views.text.escaping import escape

LEFT, RIGHT, ABOVE, BELOW = 44, 12, 18, 34  # margins [pixels]
# Okabe and Ito 2008: any colour vision tells them apart. Markers differ besides.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
OTHER = "#8b949e"  # of every study beyond these
_MARKERS = (
    "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0",
    "M-3.6,-3.6h7.2v7.2h-7.2z",
    "M0,-4.6L4.4,3.4H-4.4z",
    "M0,-5L5,0L0,5L-5,0z",
    "M0,4.6L4.4,-3.4H-4.4z",
    "M-4,-1.4h2.6v-2.6h2.8v2.6h2.6v2.8h-2.6v2.6h-2.8v-2.6h-2.6z",
)


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a cost and an accuracy stand in the picture [pixels]."""

    width: float
    height: float
    costs: tuple[float, float]
    accuracies: tuple[float, float]

    def x(self, cost: float) -> float:
        low, high = self.costs
        part = math.log(cost / low) / math.log(high / low)
        return LEFT + part * (self.width - LEFT - RIGHT)

    def y(self, accuracy: float) -> float:
        low, high = self.accuracies
        part = (accuracy - low) / (high - low)
        return self.height - BELOW - part * (self.height - ABOVE - BELOW)


def colour_of(place: int) -> str:
    """The colour of the study that stands at a place of several."""
    return COLOURS[place] if place < len(COLOURS) else OTHER


def swatch(place: int) -> str:
    """The mark of the study that stands at a place of several, as a picture."""
    return (
        '<svg class="vl-swatch" width="14" height="14" viewBox="-7 -7 14 14" '
        f'aria-hidden="true">{_mark(place, 0, 0)}</svg>'
    )


def front_sketch(
    fronts: Mapping[str, Front],
    objectives: Objectives,
    *,
    width: int = 640,
    height: int = 250,
) -> str:
    """Fronts over the first cost and the accuracy, as SVG; empty without any trial.

    Args:
        fronts: Fronts of studies that improve the same, by the studies' names.
        objectives: What they improve.
        width: Width of the picture [pixels].
        height: Height of the picture [pixels].
    """
    cost, accuracy = objectives.cost, objectives.accuracy.name
    points = [
        (trial.value(cost), trial.value(accuracy))
        for front in fronts.values()
        for trial in front
    ]
    points = [point for point in points if point[0] > 0]  # the axis is logarithmic
    if not points:
        return ""
    axes = _Axes(
        width,
        height,
        _spread([point[0] for point in points]),
        _room([point[1] for point in points], objectives.accuracy.is_percent),
    )
    drawn = [_grid(axes, objectives)]
    for place, (name, front) in enumerate(fronts.items()):
        drawn.append(_front(axes, place, name, front, objectives))
    words = f"{objectives.accuracy.label} over {cost_word(cost)}"
    return (
        f'<svg class="vl-sketch" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(words)}" width="{width}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(drawn)}</svg>'
    )


def _spread(costs: list[float]) -> tuple[float, float]:
    """Limits of a logarithmic axis, at least a factor of two apart."""
    low, high = min(costs), max(costs)
    widen = max(1.12, math.sqrt(2 * low / high))
    return low / widen, high * widen


def _room(accuracies: list[float], is_percent: bool) -> tuple[float, float]:
    """Limits of the other axis, at least four points apart where it is in percent."""
    low, high = min(accuracies), max(accuracies)
    apart = max(high - low, 4.0 if is_percent else abs(high) * 0.1 or 1.0)
    middle = (low + high) / 2
    return middle - 0.6 * apart, middle + 0.6 * apart


def _grid(axes: _Axes, objectives: Objectives) -> str:
    cost, accuracy = objectives.cost, objectives.accuracy
    right, bottom = axes.width - RIGHT, axes.height - BELOW
    drawn = [text(LEFT - 8, 12, accuracy.title, size=11)]
    for tick in even_ticks(*axes.accuracies, most=6):
        y = axes.y(tick)
        drawn.append(line(LEFT, y, right, y))
        drawn.append(text(LEFT - 6, y + 4, f"{tick:g}", size=11, anchor="end"))
    before = -math.inf
    for tick in log_ticks(*axes.costs):
        x, words = axes.x(tick), format_cost(cost, tick)
        drawn.append(line(x, bottom, x, bottom + 4))
        half = 3.4 * len(words)
        if x - half > before + 6 and x + half < axes.width:
            drawn.append(text(x, bottom + 17, words, size=11, anchor="middle"))
            before = x + half
    label = f"{cost_word(cost)}, log scale"
    drawn.append(text(right, axes.height - 3, label, size=11, anchor="end"))
    return "".join(drawn)


def _front(
    axes: _Axes, place: int, name: str, front: Front, objectives: Objectives
) -> str:
    cost, accuracy = objectives.cost, objectives.accuracy
    trials = [trial for trial in front if trial.value(cost) > 0]
    at = [(axes.x(t.value(cost)), axes.y(t.value(accuracy.name))) for t in trials]
    drawn = []
    if len(objectives.costs) == 1 and at:  # over more costs it is no line
        path = f"M{at[0][0]:.1f},{at[0][1]:.1f}" + "".join(
            f"H{x:.1f}V{y:.1f}" for x, y in at[1:]
        )
        drawn.append(
            f'<path d="{path}H{axes.width - RIGHT:.1f}" fill="none" '
            f'stroke="{colour_of(place)}" stroke-width="1.5"/>'
        )
    for trial, (x, y) in zip(trials, at, strict=True):
        said = (
            f"{name}, trial {trial.label}: {accuracy.text(trial.value(accuracy.name))} "
            f"{accuracy.label} at {cost_text(cost, trial.value(cost))}"
        )
        drawn.append(_mark(place, x, y, said))
    return f'<g class="vl-front">{"".join(drawn)}</g>'


def _mark(place: int, x: float, y: float, said: str = "") -> str:
    """A marker, with words that a pointer over it shows."""
    words = f"<title>{escape(said)}</title>" if said else ""
    return (
        f'<path d="{_MARKERS[place % len(_MARKERS)]}" fill="{colour_of(place)}" '
        f'transform="translate({x:.1f} {y:.1f})">{words}</path>'
    )

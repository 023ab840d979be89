"""Which objectives does an experiment state, and from which point do they count?"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from vidnas.budgets.price import BUDGETED, LATENCY
from vidnas.documents.node import Node
from vidnas.documents.quantity import unit_of
from vidnas.errors import InputError
from vidnas.trials.objectives import (
    ACCURACIES,
    ESTIMATES,
    STANDARD,
    Accuracy,
    Objectives,
)

SPARSE = "stream_state_values"  # 0 for most networks, so no ladder is made of it
LOWERED = (*BUDGETED, LATENCY)


def read_objectives(node: Node, has_latency: bool, score: str = "") -> Objectives:
    """The objectives that a list of names states.

    Args:
        node: List of one accuracy and at least one cost.
        has_latency: Whether the experiment has the table of a device.
        score: Name of the score in the accuracy's place; empty where networks are
            trained.

    Raises:
        InputError: a name is unknown, a kind is missing, or there is no such table.
    """
    names = [item.text() for item in node.items()]
    try:
        objectives = Objectives.named(names, LOWERED, _raised(score))
    except InputError as wrong:
        raise node.complaint(str(wrong)) from wrong
    if LATENCY in names and not has_latency:
        raise node.complaint(
            f"the objective `{LATENCY}` needs `latency`, the table of a device that "
            "`vidnas latency measure` wrote."
        )
    if objectives.cost == SPARSE:
        raise node.complaint(
            f"the first cost among the objectives makes the ladder, and `{SPARSE}` is "
            "0 for most networks; name another one before it."
        )
    return objectives


def scored_objectives(score: str) -> Objectives:
    """The objectives of a study by a score that names none: FLOPs and the score."""
    return Objectives(accuracy=ESTIMATES[score])


def _raised(score: str) -> Mapping[str, Accuracy]:
    return {score: ESTIMATES[score]} if score else ACCURACIES


def read_reference(node: Node, objectives: Objectives | None) -> dict[str, float]:
    """What a `front.reference` states; the rest is known with the clips.

    Args:
        node: Mapping of objectives to the worst values that still count.
        objectives: Objectives of the experiment; None where the clips decide.
    """
    accuracies = tuple(ACCURACIES) if objectives is None else ()
    names = (*(objectives or STANDARD).names, *accuracies)
    point = node.fields(*dict.fromkeys(names))
    scores = () if objectives is None or objectives.accuracy.is_percent else names[-1:]
    return {name: _worst(point.child(name), name, scores) for name in point.value}


def _worst(node: Node, name: str, scores: Sequence[str]) -> float:
    if name in scores:
        return node.number(minimum=-math.inf)
    if name in ACCURACIES:
        return node.number(maximum=100.0)
    return node.quantity(unit_of(name))


def recorded_objectives(experiment: Mapping[str, Any]) -> Objectives:
    """The objectives of an experiment document, as a study's journal holds it.

    Documents of before have none, and mean FLOPs and top-1.

    Raises:
        InputError: they are none.
    """
    names = experiment.get("objectives")
    if names is None:
        return STANDARD
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise InputError(f"`objectives` must be a list of names, got {names!r}.")
    return Objectives.named(names, LOWERED, _raised(recorded_score(experiment)))


def recorded_score(experiment: Mapping[str, Any]) -> str:
    """Name of the score in an experiment document; empty where networks are trained.

    Raises:
        InputError: it is none.
    """
    score = experiment.get("score", "")
    score = score.get("name") if isinstance(score, Mapping) else score
    if score != "" and score not in ESTIMATES:
        raise InputError(
            f"`score` must be one of {', '.join(ESTIMATES)}, got {score!r}."
        )
    return str(score)

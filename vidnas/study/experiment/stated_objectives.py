"""Which objectives does an experiment state, and from which point do they count?"""

from collections.abc import Mapping
from typing import Any

from vidnas.budgets.price import BUDGETED, LATENCY
from vidnas.documents.node import Node
from vidnas.documents.quantity import unit_of
from vidnas.errors import InputError
from vidnas.trials.objectives import ACCURACIES, STANDARD, Objectives

SPARSE = "stream_state_values"  # 0 for most networks, so no ladder is made of it
LOWERED = (*BUDGETED, LATENCY)


def read_objectives(node: Node, has_latency: bool) -> Objectives:
    """The objectives that a list of names states.

    Args:
        node: List of one accuracy and at least one cost.
        has_latency: Whether the experiment has the table of a device.

    Raises:
        InputError: a name is unknown, a kind is missing, or there is no such table.
    """
    names = [item.text() for item in node.items()]
    try:
        objectives = Objectives.named(names, LOWERED)
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


def read_reference(node: Node, objectives: Objectives | None) -> dict[str, float]:
    """What a `front.reference` states; the rest is known with the clips.

    Args:
        node: Mapping of objectives to the worst values that still count.
        objectives: Objectives of the experiment; None where the clips decide.
    """
    accuracies = tuple(ACCURACIES) if objectives is None else ()
    names = (*(objectives or STANDARD).names, *accuracies)
    point = node.fields(*dict.fromkeys(names))
    return {
        name: point.child(name).number(maximum=100.0)
        if name in ACCURACIES
        else point.child(name).quantity(unit_of(name))
        for name in point.value
    }


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
    return Objectives.named(names, LOWERED)

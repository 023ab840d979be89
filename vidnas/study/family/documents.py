"""What does a family file say? The network, what it costs, and where it is from."""

from collections.abc import Sequence
from typing import Any

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA, Architecture
from vidnas.documents.quantity import rounded
from vidnas.study.family.networks import Twin
from vidnas.study.history import History
from vidnas.trials.chance import Chance, accuracy_claims
from vidnas.trials.family import Size
from vidnas.trials.filling import Filling
from vidnas.trials.trial import Trial

SCALED, TWIN_OF = "scaled", "twin_of"  # keys of what was not found by the search


def size_document(
    history: History, size: Size, sizes: Sequence[Size] = ()
) -> dict[str, Any] | None:
    """The document of a size's file; None of an empty one.

    Args:
        history: The study.
        size: Size of its family.
        sizes: All sizes, so that the file says the whole ladder.
    """
    if size.trial is not None:
        return family_document(history, size, size.trial, sizes)
    if size.filling is None:
        return None
    filling = size.filling
    return {
        **_network(filling.architecture, filling.costs),
        "found": {
            **_study(history),
            SCALED: _scaled(filling),
            "size": size.name,
            **_budgets(size, sizes),
            "classes": len(history.classes),
            "vidnas": history.head.vidnas,
        },
    }


def family_document(
    history: History, size: Size, trial: Trial, sizes: Sequence[Size] = ()
) -> dict[str, Any]:
    """The network, its cost, its measured accuracy, and where it came from."""
    return {
        **_network(trial.architecture, trial.costs),
        "measured": _measured(trial, history.chance),
        "found": {
            **_study(history),
            "trial": trial.number,
            **({"known": trial.taken_over_from} if trial.taken_over_from else {}),
            **_continued(trial),
            "size": size.name,
            **_budgets(size, sizes),
            "classes": len(history.classes),
            "space": history.head.identity.space,
            "fidelity": trial.fidelity.to_document(),
            "seed": trial.seed,
            "vidnas": history.head.vidnas,
        },
    }


def twin_document(history: History, twin: Twin) -> dict[str, Any]:
    """The causal twin of a size's network, and what it costs; nothing measured it."""
    network, trial = twin.size.network, twin.size.trial
    assert network is not None, "a twin is one of a network"
    return {
        **_network(twin.architecture, twin.costs),
        "found": {
            **_study(history),
            TWIN_OF: {
                "size": twin.size.name,
                "arch_id": network.arch_id,
                **({"trial": trial.number} if trial else {}),
            },
            "size": twin.name,
            "classes": len(history.classes),
            "vidnas": history.head.vidnas,
        },
    }


def _network(network: Architecture, costs: Any) -> dict[str, Any]:
    return {
        "schema": ARCHITECTURE_SCHEMA,
        "arch_id": network.arch_id,
        **network.to_document(),
        "cost": {name: rounded(value) for name, value in costs.items()},
    }


def _study(history: History) -> dict[str, str]:
    return {"study": history.head.name, "study_id": history.study_id}


def _scaled(filling: Filling) -> dict[str, Any]:
    return {
        "of": filling.of,
        "trial": filling.trial.number,
        **{axis: rounded(by) for axis, by in filling.factors.items()},
    }


def _budgets(size: Size, sizes: Sequence[Size]) -> dict[str, Any]:
    """Budgets of a size by cost, and those of the whole ladder."""
    own = {f"budget_{limit.cost}": rounded(limit.budget) for limit in size.limits}
    if not sizes:
        return own
    ladder = {
        cost: [rounded(one.limits[at].budget) for one in sizes]
        for at, cost in enumerate(size.costs)
    }
    return {**own, "ladder": ladder}


def _continued(trial: Trial) -> dict[str, int]:
    lower = trial.continued_from
    return {} if lower is None else {"continued_from": lower}


def _measured(trial: Trial, chance: Chance) -> dict[str, Any]:
    measured: dict[str, Any] = {k: rounded(v) for k, v in trial.measured.items()}
    accuracy = chance.accuracy
    interval = accuracy.interval(trial)
    if interval is not None:
        limits = [round(bound, 2) for bound in interval]
        measured[f"{accuracy.name}_interval"] = limits
    return measured | accuracy_claims(trial, chance)

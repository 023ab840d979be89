"""How is a family shown on a page or in a notebook? Its sizes, and streams beside."""

from collections.abc import Sequence

from vidnas.documents.quantity import format_cost
from vidnas.study.family.networks import Twin
from vidnas.study.history import History
from vidnas.trials.chance import Chance
from vidnas.trials.family import Size
from vidnas.trials.noise.equal_budgets import BaselineWithin, baselines_within
from vidnas.trials.noise.family_doubt import SizeDoubt
from vidnas.trials.objectives import Objectives, cost_word
from vidnas.views.pages.markup import (
    STAGES,
    Cell,
    Columns,
    accuracy_cell,
    accuracy_title,
    cost_title,
    shown_costs,
    stages_cell,
    table,
)

_OF_STREAM = {
    "flops_per_frame": "FLOPs per frame",
    "stream_state_values": "state values",
    "weights_bytes": "weights",
    "inference_bytes": "memory of a frame",
    "latency_ms": "latency",
}


def family_table(sizes: Sequence[Size], history: History) -> str:
    """One row per size; one that is empty or not above chance says so in words.

    The best baseline within the budgets of a size stands beside it.
    """
    if not sizes:
        return ""
    marks = ["" if size.trial else "empty" for size in sizes]
    accuracy, costs = history.accuracy, _costs(sizes, history.objectives)
    budgets = [(_budget_title(limit.cost), True) for limit in sizes[0].limits]
    baseline = ("best baseline within it", False)
    beside = baselines_within(sizes, history.baselines, accuracy)
    columns: Columns = (
        ("", False),
        *budgets,
        *((cost_title(cost), True) for cost in costs),
        (accuracy_title(accuracy), True),
        ("stays", False),
        *([baseline] if any(one.trial for one in beside) else []),
        ("architecture", False),
        (STAGES, False),
    )
    doubts = history.doubts(sizes)
    has_baseline = any(one.trial for one in beside)
    rows = [
        _size_cells(size, doubt, one if has_baseline else None, costs, history)
        for size, doubt, one in zip(sizes, doubts, beside, strict=True)
    ]
    return table(columns, rows, marks)


def _costs(sizes: Sequence[Size], objectives: Objectives) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*shown_costs(objectives), *sizes[0].costs)))


def _budget_title(cost: str) -> str:
    return "FLOP budget" if cost == "flops" else f"budget, {cost_title(cost)}"


def _size_cells(
    size: Size,
    doubt: SizeDoubt,
    baseline: BaselineWithin | None,
    costs: Sequence[str],
    history: History,
) -> Sequence[Cell]:
    name, network = size.name.upper(), size.network
    if network is None:
        return name, f"{size.emptiness}."
    budgets = [format_cost(one.cost, one.budget) for one in size.limits]
    beside = [] if baseline is None else [baseline.text(history.accuracy)]
    return (
        name,
        *budgets,
        *(_cost(size, cost) for cost in costs),
        _accuracy(size, doubt, history.chance),
        _stays(doubt),
        *beside,
        network.arch_id,
        stages_cell(network),
    )


def _cost(size: Size, cost: str) -> str:
    if size.trial is not None:
        has = size.trial.has(cost)
        return format_cost(cost, size.trial.value(cost)) if has else "-"
    known = size.filling.costs if size.filling else {}
    return format_cost(cost, known[cost]) if cost in known else "-"


def _accuracy(size: Size, doubt: SizeDoubt, chance: Chance) -> str:
    """The accuracy with what is to be said of it; of a scaled network, what it is."""
    if size.trial is None:
        return f"-, {size.filling}"
    near = doubt.within_error_of.upper()
    words = (accuracy_cell(size.trial, chance), near and f"within error of {near}")
    return ", ".join(filter(None, words))


def _stays(doubt: SizeDoubt) -> str:
    """`62 %, else trial 41 in 30 %`: how often a size takes the same network."""
    if doubt.stays is None:
        return "-"
    others = (f"trial {t.label} in {100 * share:.0f} %" for t, share in doubt.rivals)
    named = ", ".join(others)
    return f"{100 * doubt.stays:.0f} %{f', else {named}' if named else ''}"


def twins_table(twins: Sequence[Twin]) -> str:
    """One row per streaming twin with what it costs; nothing where there are none."""
    if not twins:
        return ""
    known = [name for name in _OF_STREAM if any(name in t.costs for t in twins)]
    columns: Columns = (
        ("stream", False),
        *((_OF_STREAM[name], True) for name in known),
        ("trained", False),
        ("architecture", False),
        (STAGES, False),
    )
    rows = [
        (
            twin.name,
            *(_of_stream(twin, name) for name in known),
            "as found" if twin.is_found else "no",
            twin.architecture.arch_id,
            stages_cell(twin.architecture),
        )
        for twin in twins
    ]
    return table(columns, rows)


def budgets_words(sizes: Sequence[Size]) -> str:
    """`FLOPs`, or `FLOPs and parameters`: what the budgets are of."""
    return " and ".join(cost_word(cost) for cost in sizes[0].costs)


def _of_stream(twin: Twin, name: str) -> str:
    """A cost of a twin; a time is known only where the table has its operators."""
    known = name in twin.costs
    return format_cost(name, twin.costs[name]) if known else "-"

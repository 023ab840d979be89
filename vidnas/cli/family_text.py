"""What is said of a family? Its sizes as a table and as plain data."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidnas.budgets.network_scaling import FARTHEST
from vidnas.cli.front_rows import front_row, marks
from vidnas.cli.output import ABSENT, table, trial_cells, trial_columns
from vidnas.documents.quantity import format_cost
from vidnas.study.family.networks import Twin, WholeFamily
from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.trials.noise.equal_budgets import BaselineWithin, baselines_within
from vidnas.trials.noise.family_doubt import SizeDoubt, settling_text
from vidnas.trials.objectives import Objectives

STAYS, BASELINE = "stays [%]", "best baseline"
_OF_STREAM = {
    "flops_per_frame": "FLOPs per frame",
    "stream_state_values": "state values",
    "weights_bytes": "weights",
    "inference_bytes": "memory",
    "latency_ms": "latency_ms",
}


def family_facts(
    family: WholeFamily, history: History, folder: Path | None
) -> list[dict[str, Any]]:
    """The sizes of a family as plain data, with the files that they lie in.

    Args:
        family: Family of the study.
        history: The study.
        folder: Folder of the files; None where they were not written.
    """
    twins = {twin.size.name: twin for twin in family.twins}
    beside = _baselines(family.sizes, history)
    doubts = history.doubts(family.sizes)
    rows = []
    for size, doubt, baseline in zip(family.sizes, doubts, beside, strict=True):
        row = _size_row(size, doubt, history, folder)
        if history.baselines:
            row["baseline"] = _baseline_facts(baseline, history)
        if size.name in twins:
            row["stream"] = _twin_facts(twins[size.name], folder)
        rows.append(row)
    return rows


def _size_row(
    size: Size, doubt: SizeDoubt, history: History, folder: Path | None
) -> dict[str, Any]:
    budgets = {f"budget_{limit.cost}": limit.budget for limit in size.limits}
    row: dict[str, Any] = {"name": size.name, **budgets}
    file = None if folder is None else str(folder / f"{size.name}.yaml")
    if size.trial is None:
        row |= {"trial": None, "reason": size.emptiness}
        return row if size.filling is None else {**row, **_filled(size), "file": file}
    facts = front_row(size.trial, history)
    costs = {c: size.trial.value(c) for c in size.costs if c not in facts}
    return {**row, **facts, **costs, **_doubt_facts(doubt), "file": file}


def _filled(size: Size) -> dict[str, Any]:
    """What fills an empty size, as plain data."""
    filling = size.filling
    assert filling is not None, "filled ones alone"
    return {
        "arch_id": filling.architecture.arch_id,
        **filling.costs,
        "scaled": {
            "of": filling.of,
            "trial": filling.trial.number,
            **filling.factors,
        },
    }


def _doubt_facts(doubt: SizeDoubt) -> dict[str, Any]:
    """How firmly a size stands, as plain data."""
    return {
        "stays": doubt.stays,
        "rivals": {trial.number: share for trial, share in doubt.rivals},
        "within_error_of": doubt.within_error_of or None,
    }


def _baseline_facts(
    baseline: BaselineWithin, history: History
) -> dict[str, Any] | None:
    trial, name = baseline.trial, history.accuracy.name
    if trial is None:
        return None
    sure = baseline.is_sure
    return {
        "name": trial.label,
        name: trial.value(name),
        "ahead": baseline.ahead,
        "within_error": None if sure is None else not sure,
    }


def _twin_facts(twin: Twin, folder: Path | None) -> dict[str, Any]:
    name = twin.size.name if twin.is_found else twin.name
    return {
        "arch_id": twin.architecture.arch_id,
        **twin.costs,
        "file": None if folder is None else str(folder / f"{name}.yaml"),
    }


def family_text(family: WholeFamily, history: History) -> str:
    """The family as tables; what is empty, filled or in doubt is said below."""
    sizes = family.sizes
    doubts = history.doubts(sizes)
    titles, rows = _table(sizes, doubts, history)
    notes = [_size_notes(*pair, history) for pair in zip(sizes, doubts, strict=True)]
    text = [table(titles, rows), *filter(None, notes)]
    if family.unfilled:
        text.append(
            f"not filled: {', '.join(family.unfilled)}; no network of another size, "
            f"scaled by up to {FARTHEST} doublings, keeps to their budgets"
        )
    if STAYS in titles:
        text.append(
            "stays: share of draws of the accuracies, within the noise of "
            f"{history.doubt.noise}, in which the size takes the same network"
        )
    if BASELINE in titles:
        text.append(
            f"{BASELINE}: the most accurate within the size's budgets, trained by the "
            "same recipe, and by how much the size is ahead of it"
        )
    clips = history.head.identity.clips.val
    folder = shlex.quote(str(history.folder))
    text.append(settling_text(doubts, sizes, folder, clips))
    text.append(twins_text(family.twins))
    return "\n".join(filter(None, text))


def _table(
    sizes: Sequence[Size], doubts: Sequence[SizeDoubt], history: History
) -> tuple[list[str], list[list[str]]]:
    """Titles and rows; a column that says nothing of any size is left out."""
    over = _shown(sizes, history.objectives)
    costs = trial_columns(over)
    titles = ["", "budget", *costs, STAYS, BASELINE, "trial", "arch_id"]
    beside = _baselines(sizes, history)
    rows = [
        [
            size.name,
            size.budget_text,
            *_cells(size, over),
            _stays(doubt),
            baseline.text(history.accuracy),
            ABSENT if size.trial is None else size.trial.label,
            ABSENT if size.network is None else size.network.arch_id,
        ]
        for size, doubt, baseline in zip(sizes, doubts, beside, strict=True)
    ]
    silent = [
        at
        for at, title in enumerate(titles)
        if title in (STAYS, BASELINE) and all(row[at] == ABSENT for row in rows)
    ]
    for at in reversed(silent):
        for row in (titles, *rows):
            del row[at]
    return titles, rows


def _shown(sizes: Sequence[Size], own: Objectives) -> Objectives:
    """The study's objectives, with the costs that the ladder limits."""
    costs = (*own.costs, *(sizes[0].costs if sizes else ()))
    return replace(own, costs=tuple(dict.fromkeys(costs)))


def _cells(size: Size, over: Objectives) -> list[str]:
    """Costs and accuracy of a size's network; of one that fills it, its costs."""
    if size.trial is not None:
        return trial_cells(size.trial, over)
    filling = size.filling
    if filling is None:
        return [ABSENT] * len(trial_columns(over))
    scaled = replace(
        filling.trial,
        architecture=filling.architecture,
        costs=filling.costs,
        measured={},
    )
    return trial_cells(scaled, over)


def _baselines(sizes: Sequence[Size], history: History) -> tuple[BaselineWithin, ...]:
    return baselines_within(sizes, history.baselines, history.accuracy)


def _stays(doubt: SizeDoubt) -> str:
    return ABSENT if doubt.stays is None else f"{100 * doubt.stays:.0f}"


def _size_notes(size: Size, doubt: SizeDoubt, history: History) -> str:
    """`a1 within error of a0; not above chance (50 %)`, or nothing."""
    if size.trial is None:
        return size.emptiness
    words = "; ".join(filter(None, (marks(size.trial, history), doubt.words)))
    return words and f"{size.name} {words}"


def twins_text(twins: Sequence[Twin]) -> str:
    """The streaming twins as a table of what they cost; empty without any."""
    if not twins:
        return ""
    known = [name for name in _OF_STREAM if any(name in t.costs for t in twins)]
    rows = [
        [
            twin.size.name if twin.is_found else twin.name,
            *(_of_stream(twin, name) for name in known),
            twin.architecture.arch_id,
        ]
        for twin in twins
    ]
    titles = ["stream", *(_OF_STREAM[name] for name in known), "arch_id"]
    found = [twin.size.name for twin in twins if twin.is_found]
    said = f"{', '.join(found)} {'is a stream' if len(found) == 1 else 'are streams'}"
    own = f"; {said} as found" if found else ""
    return (
        f"\n{table(titles, rows)}\n"
        f"streams: causal twins, a frame at a time; nobody trained them{own}"
    )


def _of_stream(twin: Twin, name: str) -> str:
    """A cost of a twin; a time is known only where the table has its operators."""
    known = name in twin.costs
    return format_cost(name, twin.costs[name]) if known else ABSENT

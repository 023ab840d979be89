"""`vidnas front --objectives --budget --knee`: what another front is said by."""

import argparse
from collections.abc import Sequence
from typing import Any

from vidnas.cli.front_rows import (
    baseline_row,
    front_row,
    noted_table,
    nothing_done,
    with_candidates,
    write_csv,
)
from vidnas.cli.front_slice import FrontSlice
from vidnas.cli.output import accuracy_text, note, say, say_json
from vidnas.costs.scores import SCORES
from vidnas.documents.quantity import format_cost
from vidnas.study.history import History
from vidnas.trials.chance import Chance, claims_text
from vidnas.trials.objectives import ACCURACIES
from vidnas.trials.trial import Objective, Trial
from vidnas.views.charts.objectives import require_values
from vidnas.views.slices import nothing_within
from vidnas.views.text.scores import agreement_of, agreement_text


def show_other_front(
    history: History, objectives: Sequence[Objective], chosen: argparse.Namespace
) -> None:
    """The front over other objectives or within budgets, baselines beside it."""
    require_values(history.trials, objectives)
    seen = FrontSlice.of(history, objectives, chosen.budget, chosen.knee)
    if not seen.trials:
        bounds = seen.bounds
        note(nothing_within(history, bounds) if bounds else nothing_done(history))
    names = [objective.name for objective in objectives]
    if not (chosen.json or chosen.csv):
        if seen.trials or seen.beside():
            say(_text(seen, names))
        return
    chance = _chance(history, names)
    rows = [_row(front_row(t, history), t, names, chance) for t in seen.trials]
    beside = [
        _row(baseline_row(one, history), one.trial, names, chance)
        for one in seen.beside()
    ]
    if chosen.csv:
        write_csv(rows, beside)
        return
    facts = seen.facts(with_candidates(rows, seen.trials, history), beside)
    say_json({**facts, **_agreements(history, names)})


def _chance(history: History, names: Sequence[str]) -> Chance:
    """What guessing reaches by the accuracy among the objectives, or the study's."""
    named = [ACCURACIES[name] for name in names if name in ACCURACIES]
    return history.chance_of(named[0] if named else history.accuracy)


def _row(
    row: dict[str, Any], trial: Trial, names: Sequence[str], chance: Chance
) -> dict[str, Any]:
    return row | _values_of(trial, names) | {"above_chance": chance.is_beaten(trial)}


def _text(seen: FrontSlice, names: Sequence[str]) -> str:
    """The front as a table, baselines among it; what is to be said of it below."""
    history, trials = seen.history, seen.trials
    chance = _chance(history, names)
    is_claimed = any(name in ACCURACIES for name in names)
    listed = [
        (trial, seen.words(trial, chance.mark(trial) if is_claimed else ""))
        for trial in trials
    ]
    listed += [(standing.trial, standing.words) for standing in seen.beside()]
    listed.sort(key=lambda pair: pair[0].value(names[0]))
    cells = [
        [trial.label, *(_value_text(trial, name) for name in names), trial.arch_id]
        for trial, _ in listed
    ]
    words = [word for _, word in listed]
    text = noted_table(["trial", *names, "arch_id"], cells, words)
    if trials:
        text.append(claims_text(trials, chance) if is_claimed else "")
        text.append(seen.volume_text())
        scores = [name for name in names if name in SCORES]
        if scores:
            text.append(f"{', '.join(scores)}: of the structure alone, no accuracy")
        text += [agreement_text(history, score) for score in scores]
    return "\n".join(filter(None, text))


def _agreements(history: History, names: Sequence[str]) -> dict[str, Any]:
    """How each score among the objectives ranks what was trained, where known."""
    found = [agreement_of(history, name) for name in names if name in SCORES]
    told = {one.score: one.to_document() for one in found if one is not None}
    return {"rank_agreement": told} if told else {}


def _values_of(trial: Trial, names: Sequence[str]) -> dict[str, Any]:
    """Numbers of a trial by name; those of accuracies with their intervals."""
    values: dict[str, Any] = {}
    for name in names:
        known = ACCURACIES.get(name)
        values |= known.columns(trial) if known else {name: trial.value(name)}
    return values


def _value_text(trial: Trial, name: str) -> str:
    known = ACCURACIES.get(name)
    return (
        accuracy_text(trial, known) if known else format_cost(name, trial.value(name))
    )

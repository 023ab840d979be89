"""`vidnas front`: what a study found."""

import argparse
from collections.abc import Sequence
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.front_slice import FrontSlice, budget_of
from vidnas.cli.output import (
    accuracy_text,
    note,
    say,
    say_csv,
    say_json,
    table,
    trial_cells,
    trial_columns,
)
from vidnas.costs.scores import SCORES
from vidnas.documents.quantity import format_cost, format_count
from vidnas.files.mirror import study_named, study_path
from vidnas.space.candidate_text import candidate_text
from vidnas.study.history import History, load_history
from vidnas.study.standings import Standing, standings
from vidnas.trials.chance import claims_text
from vidnas.trials.noise.repeats import seeds_of
from vidnas.trials.objectives import ACCURACIES, cost_text, cost_word
from vidnas.trials.trial import Objective, Trial
from vidnas.views.charts.objectives import objectives_named, require_values
from vidnas.views.slices import nothing_within
from vidnas.views.text.scores import agreement_of, agreement_text

PROBABLE = 0.1  # from which on a trial beside the front is named
SHOWN = 6  # of these


def add_commands(commands: Any) -> None:
    """Adds `front`."""
    front = commands.add_parser(
        "front",
        **described(
            "Prints the trials that no other beats, by FLOPs, and baselines among "
            "them.",
            "vidnas front runs/quickstart",
            "vidnas front runs/quickstart --objectives parameters,top1 --csv",
            "vidnas front runs/quickstart --budget flops=5M --knee",
        ),
    )
    study_argument(front)
    front.add_argument(
        "--objectives",
        metavar="NAME,NAME",
        help="what is traded off, such as flops,entropy_score (default: the study's)",
    )
    front.add_argument(
        "--budget",
        metavar="NAME=LIMIT",
        action="append",
        type=budget_of,
        default=[],
        help="what if a network might cost no more, such as flops=50M (of an accuracy, "
        "reach no less); may be given several times",
    )
    front.add_argument(
        "--knee",
        action="store_true",
        help="only the trial beyond which more cost buys least",
    )
    form = front.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")
    front.set_defaults(run=show_front)


def study_argument(command: argparse.ArgumentParser) -> None:
    """Adds the study folder that a command reads."""
    command.add_argument(
        "study",
        metavar="STUDY",
        type=study_named,
        help="study folder, or its address in an object store",
    )


def show_front(chosen: argparse.Namespace) -> None:
    """Prints the front, and the baselines beside it, as a table, CSV or JSON."""
    history = load_history(study_path(chosen.study))
    own = history.objectives.each
    named = chosen.objectives and chosen.objectives.split(",")
    objectives = objectives_named(named) if named else own
    if objectives != own or chosen.budget or chosen.knee:
        _show_other_front(history, objectives, chosen)
        return
    if not history.front().trials:
        note(nothing_done(history))
    if chosen.json:
        say_json(front_facts(history))
    elif chosen.csv:
        _write_csv(*_front_rows(history))
    elif history.front().trials or history.baselines:
        say(front_text(history))


def nothing_done(history: History) -> str:
    """Why a front is empty: no trial is done, and what the others came to."""
    counts = ", ".join(f"{n} {word}" for word, n in sorted(history.states.items()))
    return (
        f"A front needs a trial done at {history.fidelity}, {history.folder} has none"
        f"{f' ({counts})' if counts else ''}."
    )


def front_facts(history: History) -> dict[str, Any]:
    """The front, the baselines beside it and its hypervolume, as plain data."""
    rows, beside = _front_rows(history)
    return {
        "front": _with_candidates(rows, history.front().trials, history),
        "baselines": beside,
        "fidelity": history.fidelity.to_document(),
        "hypervolume": history.front().hypervolume(history.reference),
        "reference": history.reference,
        "chance": history.chance.level if history.accuracy.is_percent else None,
    }


def _front_rows(
    history: History,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the front members, and of the baselines beside them."""
    rows = [front_row(trial, history) for trial in history.front().trials]
    return rows, [_baseline_row(standing, history) for standing in standings(history)]


def _show_other_front(
    history: History, objectives: Sequence[Objective], chosen: argparse.Namespace
) -> None:
    """The front over other objectives or within budgets, without baselines."""
    require_values(history.trials, objectives)
    seen = FrontSlice.of(history, objectives, chosen.budget, chosen.knee)
    trials = seen.trials
    if not trials:
        bounds = seen.bounds
        note(nothing_within(history, bounds) if bounds else nothing_done(history))
    names = [objective.name for objective in objectives]
    named = [ACCURACIES[name] for name in names if name in ACCURACIES]
    chance = history.chance_of(named[0] if named else history.accuracy)
    rows = [
        front_row(trial, history)
        | _values_of(trial, names)
        | {"above_chance": chance.is_beaten(trial)}
        for trial in trials
    ]
    if chosen.json:
        facts = seen.facts(_with_candidates(rows, trials, history))
        say_json({**facts, **_agreements(history, names)})
    elif chosen.csv:
        _write_csv(rows, [])
    elif trials:
        cells = [
            [t.label, *(_value_text(t, name) for name in names), t.arch_id]
            for t in trials
        ]
        marks_of = [chance.mark(trial) if named else "" for trial in trials]
        words = [seen.words(t, mark) for t, mark in zip(trials, marks_of, strict=True)]
        say("\n".join(_noted_table(["trial", *names, "arch_id"], cells, words)))
        claims = claims_text(trials, chance) if named else ""
        if claims:
            say(claims)
        say(seen.volume_text())
        scores = [name for name in names if name in SCORES]
        if scores:
            say(f"{', '.join(scores)}: of the structure alone, no accuracy")
        for told in filter(None, (agreement_text(history, s) for s in scores)):
            say(told)


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


def _with_candidates(
    rows: Sequence[dict[str, Any]], trials: Sequence[Trial], history: History
) -> list[dict[str, Any]]:
    """The rows with the text of each candidate, which `space decode` reads."""
    space = history.experiment.read_space()
    return [
        {**row, "candidate": candidate_text(space, trial.candidate)}
        for row, trial in zip(rows, trials, strict=True)
    ]


def _write_csv(
    rows: Sequence[dict[str, Any]], beside: Sequence[dict[str, Any]]
) -> None:
    """Front members, whose `baseline` is empty, then the baselines that are done."""
    done = [row for row in beside if row["state"] == "done"]
    if not rows and not done:
        return
    own = ["baseline", "dominated_by", "exceeds"]
    columns = [*(name for name in (*rows, *done)[0] if name not in _BESIDE), *own]
    joined = ({**row, "exceeds": " ".join(row["exceeds"])} for row in (*rows, *done))
    say_csv(columns, joined)


# What the row of a baseline has beside that of a front member.
_BESIDE = ("baseline", "state", "reason", "dominated_by", "exceeds")


def _baseline_row(standing: Standing, history: History) -> dict[str, Any]:
    trial = standing.trial
    return {
        "baseline": trial.baseline,
        **front_row(trial, history),
        "state": trial.state,
        "reason": trial.reason,
        "dominated_by": standing.dominated_by,
        "exceeds": list(standing.exceeds),
    }


def front_row(trial: Trial, history: History) -> dict[str, Any]:
    """A trial as plain data: its costs, its accuracy, what it exceeds."""
    continues = history.head.identity.continues
    return {
        "trial": trial.number,
        **({"known": trial.taken_over_from} if trial.taken_over_from else {}),
        "arch_id": trial.arch_id,
        "flops": int(trial.value("flops")),
        "parameters": int(trial.value("parameters")),
        "inference_bytes": int(trial.value("inference_bytes")),
        **{name: trial.value(name) for name in _more_costs(trial, history)},
        **history.accuracy.columns(trial),
        **({"continued_from": trial.continued_from} if continues else {}),
        "above_chance": history.chance.is_beaten(trial),
        **_noise_facts(trial, history),
        "exceeds": list(history.exceeds(trial)),
    }


def _noise_facts(trial: Trial, history: History) -> dict[str, Any]:
    """How probably it is on the front, and its trainings, where either is known."""
    share = None if trial.baseline else history.on_front.get(trial.number)
    probable = {"front_probability": share} if history.on_front else {}
    return {**probable, "seeds": seeds_of(trial)} if history.repeats else probable


def _more_costs(trial: Trial, history: History) -> list[str]:
    """Costs that the study lowers, beside those of every row."""
    every = ("flops", "parameters", "inference_bytes")
    costs = history.objectives.costs
    return [name for name in costs if name not in every and trial.has(name)]


def front_text(history: History) -> str:
    """The front as a table by cost, baselines among it; its own hypervolume."""
    front = history.front()
    beside = standings(history)
    listed = [(trial, marks(trial, history)) for trial in front.trials]
    listed += [(standing.trial, standing.words) for standing in beside]
    aims = history.objectives
    listed.sort(key=lambda pair: pair[0].value(aims.cost))
    sure = history.on_front
    rows = [
        [t.label, *trial_cells(t, aims), _sure(t, history), t.arch_id]
        for t, _ in listed
    ]
    titles = ["trial", *trial_columns(aims), "sure [%]", "arch_id"]
    if not sure:  # nobody knows how noisy accuracies are
        rows = [[*row[:-2], row[-1]] for row in rows]
        titles.remove("sure [%]")
    text = _noted_table(titles, rows, [words for _, words in listed])
    at = history.reference
    volume = format_count(front.hypervolume(at))
    if history.has_rungs:
        text.append(
            f"at {history.fidelity}: "
            f"{len(history.compared) - len(history.taken_over)} of "
            f"{history.candidates} candidates were trained so far"
        )
    unit = "%" if aims.accuracy.is_percent else aims.accuracy.label
    text.append(
        f"hypervolume {volume} {' x '.join(map(cost_word, aims.costs))} x {unit} "
        f"(reference {', '.join(cost_text(name, at[name]) for name in aims.costs)}, "
        f"{at[aims.accuracy.name]:g} {unit})"
    )
    if sure and front.trials:
        text.append(_sure_text(history))
    if not aims.accuracy.is_percent:
        text.append(f"estimated: {aims.accuracy.name} is of the structure alone")
    claims = claims_text(front.trials, history.chance)
    return "\n".join([*text, claims] if claims else text)


def _sure(trial: Trial, history: History) -> str:
    """Probability [%] that a trial belongs to the front; `-` of a baseline."""
    share = history.on_front.get(trial.number)
    return "-" if share is None or trial.baseline else f"{100 * share:.0f}"


def _sure_text(history: History) -> str:
    """What the probabilities are of, and which trials beside the front may be on it."""
    on_front = {trial.number for trial in history.front().trials}
    beside = {
        number: share
        for number, share in history.on_front.items()
        if number not in on_front and share >= PROBABLE
    }
    text = "sure: how probably it belongs to the front, by the noise of "
    text += history.doubt.noise
    if not beside:
        return text
    likely = sorted(beside, key=lambda number: (-beside[number], number))
    named = ", ".join(f"{n} ({100 * beside[n]:.0f} %)" for n in likely[:SHOWN])
    more = f" and {len(likely) - SHOWN} more" if len(likely) > SHOWN else ""
    return f"{text}\nmay belong to it too: {named}{more}"


def _noted_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str]
) -> list[str]:
    """Lines of a table, with a column of notes where there are any."""
    header, *lines = table(titles, rows).splitlines()
    head = f"{header}  notes" if any(notes) else header
    noted = zip(lines, notes, strict=True)
    return [head, *(f"{line}  {words}".rstrip() for line, words in noted)]


def marks(trial: Trial, history: History) -> str:
    """`exceeds training_bytes; not above chance (50 %)`, or nothing."""
    exceeded = history.exceeds(trial)
    over = f"exceeds {', '.join(exceeded)}" if exceeded else ""
    return "; ".join(filter(None, (over, history.chance.mark(trial))))

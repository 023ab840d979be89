"""`vidnas front`: what a study found."""

import argparse
from typing import Any

from vidnas.cli.arguments import study_argument as study_argument  # others ask here
from vidnas.cli.command_help import described
from vidnas.cli.front_rows import (
    baseline_row,
    front_row,
    marks,
    noted_table,
    nothing_done,
    with_candidates,
    write_csv,
)
from vidnas.cli.front_slice import budget_of
from vidnas.cli.other_front import show_other_front
from vidnas.cli.output import (
    note,
    say,
    say_json,
    trial_cells,
    trial_columns,
)
from vidnas.documents.quantity import format_count
from vidnas.files.mirror import study_path
from vidnas.study.history import History, load_history
from vidnas.study.standings import standings
from vidnas.trials.chance import claims_text
from vidnas.trials.objectives import cost_text, cost_word
from vidnas.trials.trial import Trial
from vidnas.views.charts.objectives import objectives_named

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


def show_front(chosen: argparse.Namespace) -> None:
    """Prints the front, and the baselines beside it, as a table, CSV or JSON."""
    history = load_history(study_path(chosen.study))
    own = history.objectives.each
    named = chosen.objectives and chosen.objectives.split(",")
    objectives = objectives_named(named) if named else own
    if objectives != own or chosen.budget or chosen.knee:
        show_other_front(history, objectives, chosen)
        return
    if not history.front().trials:
        note(nothing_done(history))
    if chosen.json:
        say_json(front_facts(history))
    elif chosen.csv:
        write_csv(*_front_rows(history))
    elif history.front().trials or history.baselines:
        say(front_text(history))


def front_facts(history: History) -> dict[str, Any]:
    """The front, the baselines beside it and its hypervolume, as plain data."""
    rows, beside = _front_rows(history)
    return {
        "front": with_candidates(rows, history.front().trials, history),
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
    return rows, [baseline_row(standing, history) for standing in standings(history)]


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
    text = noted_table(titles, rows, [words for _, words in listed])
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

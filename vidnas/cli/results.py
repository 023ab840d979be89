"""`vidnas front`, `family` and `report`: what a study found."""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidnas.cli.text import TRIAL_COLUMNS, note, say, say_json, table, trial_cells
from vidnas.core.errors import InputError
from vidnas.core.family import Rung
from vidnas.core.quantity import format_count, parse_quantity
from vidnas.core.trial import Trial
from vidnas.runs.families import top1_interval, write_family
from vidnas.runs.replay import History, load_history

FAMILY_FOLDER = "family"
REPORT_FILE = "report.html"


def add_commands(commands: Any) -> None:
    """Adds `front`, `family` and `report`."""
    front = commands.add_parser("front", help="the Pareto front of a study")
    _study_argument(front)
    form = front.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")
    front.set_defaults(run=show_front)

    family = commands.add_parser("family", help="A0..A5 by a ladder of FLOP budgets")
    _study_argument(family)
    family.add_argument(
        "--ladder",
        metavar="B0,B1,...",
        help="rising FLOP budgets, such as 2M,5M,10M (default: the experiment's)",
    )
    family.add_argument(
        "--to", metavar="FOLDER", type=Path, help="default STUDY/family"
    )
    family.add_argument("--json", action="store_true")
    family.set_defaults(run=show_family)

    report = commands.add_parser("report", help="one self-contained page on a study")
    _study_argument(report)
    report.add_argument(
        "--to", metavar="FILE", type=Path, help="default STUDY/report.html"
    )
    report.set_defaults(run=make_report)


def _study_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument("study", metavar="STUDY", type=Path, help="study folder")


def show_front(chosen: argparse.Namespace) -> None:
    """Prints the front as a table, CSV or JSON."""
    history = load_history(chosen.study)
    rows = [_front_row(trial) for trial in history.front().trials]
    if chosen.json:
        say_json(
            {
                "front": rows,
                "hypervolume": history.front().hypervolume(history.reference),
                "reference": history.reference,
            }
        )
    elif chosen.csv:
        if rows:
            writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    else:
        say(front_text(history))


def _front_row(trial: Trial) -> dict[str, Any]:
    interval = top1_interval(trial) or (None, None)
    return {
        "trial": trial.number,
        "arch_id": trial.arch_id,
        "flops": int(trial.value("flops")),
        "parameters": int(trial.value("parameters")),
        "inference_bytes": int(trial.value("inference_bytes")),
        "top1": trial.value("top1"),
        "top1_low": interval[0],
        "top1_high": interval[1],
    }


def front_text(history: History) -> str:
    """The front as a table, with its hypervolume."""
    front = history.front()
    rows = [
        [str(trial.number), *trial_cells(trial), trial.arch_id]
        for trial in front.trials
    ]
    text = table(["trial", *TRIAL_COLUMNS, "arch_id"], rows)
    at = history.reference
    volume = front.hypervolume(at)
    return (
        f"{text}\nhypervolume {format_count(volume)} FLOPs x % (reference "
        f"{format_count(at['flops'])} FLOPs, {at['top1']:g} %)"
    )


def show_family(chosen: argparse.Namespace) -> None:
    """Writes the family and prints it."""
    history = load_history(chosen.study)
    ladder = _ladder(chosen.ladder) if chosen.ladder else None
    rungs = history.family(ladder)
    folder = chosen.to or chosen.study / FAMILY_FOLDER
    write_family(history, rungs, folder)
    if chosen.json:
        say_json([_rung_row(rung, folder) for rung in rungs])
        return
    say(family_text(rungs))
    note(f"wrote {folder}")


def _ladder(text: str) -> list[float]:
    budgets = []
    for word in text.split(","):
        budget = parse_quantity(word)
        if budget is None:
            raise InputError(
                f"`--ladder` must be FLOP budgets such as 2M,5M,10M, got `{word}`."
            )
        budgets.append(budget)
    return budgets


def _rung_row(rung: Rung, folder: Path) -> dict[str, Any]:
    row: dict[str, Any] = {"name": rung.name, "budget_flops": rung.budget}
    if rung.trial is None:
        return {**row, "trial": None, "reason": rung.emptiness}
    return {**row, **_front_row(rung.trial), "file": str(folder / f"{rung.name}.yaml")}


def family_text(rungs: Sequence[Rung]) -> str:
    """The family as a table; empty rungs say so below it."""
    rows = []
    for rung in rungs:
        cells = ["-"] * (len(TRIAL_COLUMNS) + 2)
        if rung.trial is not None:
            number = str(rung.trial.number)
            cells = [*trial_cells(rung.trial), number, rung.trial.arch_id]
        rows.append([rung.name, format_count(rung.budget), *cells])
    text = table(["", "budget", *TRIAL_COLUMNS, "trial", "arch_id"], rows)
    empty = [rung.emptiness for rung in rungs if rung.trial is None]
    return "\n".join([text, *empty])


def make_report(chosen: argparse.Namespace) -> None:
    """Writes the report page."""
    history = load_history(chosen.study)
    path = chosen.to or chosen.study / REPORT_FILE
    write_page(history, path)
    say(str(path))


def write_page(history: History, path: Path) -> None:
    """Writes the report page of a study."""
    from vidnas.views.report import write_report  # loads the drawing library

    write_report(history, path)

"""`vidnas family`: the sizes of a study as files."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import (
    note,
    say,
    say_json,
    table,
    trial_cells,
    trial_columns,
)
from vidnas.cli.results import front_row, marks, study_argument
from vidnas.documents.quantity import format_cost, parse_quantity, unit_of
from vidnas.errors import InputError
from vidnas.files.mirror import publish, study_path
from vidnas.study.family_files import FamilyFiles, ladder_folder, write_family
from vidnas.study.history import History, load_history
from vidnas.trials.family import Size

FAMILY_FOLDER = "family"


def add_commands(commands: Any) -> None:
    """Adds `family`."""
    family = commands.add_parser(
        "family",
        **described(
            "Writes the most accurate network within each budget of the study's first "
            "cost (FLOPs, unless its objectives say otherwise) as a file, and says "
            "each file.",
            "vidnas family runs/quickstart",
            "vidnas family runs/quickstart --ladder 1M,2M,4M,6M,8M,12M",
        ),
    )
    study_argument(family)
    family.add_argument(
        "--ladder",
        metavar="B0,B1,...",
        help="rising budgets, such as 2M,5M,10M (default: the experiment's)",
    )
    family.add_argument(
        "--to",
        metavar="FOLDER",
        type=Path,
        help="default STUDY/family, or STUDY/family-2M-5M-10M for a ladder of your own",
    )
    family.add_argument("--json", action="store_true")
    family.set_defaults(run=show_family)


def show_family(chosen: argparse.Namespace) -> None:
    """Writes the family and prints it."""
    study = study_path(chosen.study, whole=True)
    history = load_history(study)
    cost = history.objectives.cost
    ladder = None if chosen.ladder is None else _ladder(chosen.ladder, cost)
    sizes = history.family(ladder)
    folder = chosen.to or study / _family_folder(history, ladder)
    files = write_family(history, sizes, folder)
    if chosen.json:
        say_json(family_facts(sizes, history, folder))
    else:
        say(family_text(sizes, history))
    note_family(files)
    store = publish(study)
    if store is not None and not chosen.to:
        note(f"uploaded to {store}")


def _family_folder(history: History, ladder: Sequence[float] | None) -> str:
    """`family` for the experiment's own ladder; others have folders of their own."""
    own = history.experiment.ladder
    if ladder is None or (own is not None and tuple(ladder) == tuple(own)):
        return FAMILY_FOLDER
    return ladder_folder(ladder)


def note_family(files: FamilyFiles) -> None:
    """Says each file of a family that was written or removed."""
    for path in files.written:
        note(f"wrote {path}")
    for path in files.removed:
        note(f"removed {path}, of an earlier family of this study")
    if not files.written:
        note("wrote nothing: every size is empty")


def _ladder(text: str, cost: str) -> list[float]:
    budgets = []
    for word in text.split(","):
        budget = parse_quantity(word, unit_of(cost))
        if budget is None or budget <= 0:
            what = "FLOP budgets" if cost == "flops" else f"budgets of {cost}"
            such = "2MiB,5MiB" if cost.endswith("_bytes") else "2M,5M,10M"
            raise InputError(f"`--ladder` must be {what} such as {such}, got `{word}`.")
        budgets.append(budget)
    return budgets


def family_facts(
    sizes: Sequence[Size], history: History, folder: Path | None
) -> list[dict[str, Any]]:
    """The sizes of a family as plain data, with the files that they lie in.

    Args:
        sizes: Family of the study.
        history: The study.
        folder: Folder of the files; None where they were not written.
    """
    return [_size_row(size, history, folder) for size in sizes]


def _size_row(size: Size, history: History, folder: Path | None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": size.name, f"budget_{size.cost}": size.budget}
    if size.trial is None:
        return {**row, "trial": None, "reason": size.emptiness}
    facts = front_row(size.trial, history)
    file = None if folder is None else str(folder / f"{size.name}.yaml")
    return {**row, **facts, "file": file}


def family_text(sizes: Sequence[Size], history: History) -> str:
    """The family as a table; empty sizes say so below it."""
    rows, columns = [], trial_columns(history.objectives)
    for size in sizes:
        cells = ["-"] * (len(columns) + 2)
        if size.trial is not None:
            number = size.trial.label
            priced = trial_cells(size.trial, history.objectives)
            cells = [*priced, number, size.trial.arch_id]
        rows.append([size.name, format_cost(size.cost, size.budget), *cells])
    text = table(["", "budget", *columns, "trial", "arch_id"], rows)
    notes = [
        size.emptiness
        if size.trial is None
        else f"{size.name} {marks(size.trial, history)}"
        for size in sizes
        if size.trial is None or marks(size.trial, history)
    ]
    return "\n".join([text, *notes])

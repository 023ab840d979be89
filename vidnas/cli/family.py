"""`vidnas family`: the sizes of a study as files."""

import argparse
import shlex
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
from vidnas.trials.noise.family_doubt import SizeDoubt, settling_text

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
    doubts = history.doubts(sizes)
    return [
        _size_row(size, doubt, history, folder)
        for size, doubt in zip(sizes, doubts, strict=True)
    ]


def _size_row(
    size: Size, doubt: SizeDoubt, history: History, folder: Path | None
) -> dict[str, Any]:
    row: dict[str, Any] = {"name": size.name, f"budget_{size.cost}": size.budget}
    if size.trial is None:
        return {**row, "trial": None, "reason": size.emptiness}
    facts = front_row(size.trial, history)
    file = None if folder is None else str(folder / f"{size.name}.yaml")
    return {**row, **facts, **_doubt_facts(doubt), "file": file}


def _doubt_facts(doubt: SizeDoubt) -> dict[str, Any]:
    """How firmly a size stands, as plain data."""
    return {
        "stays": doubt.stays,
        "rivals": {trial.number: share for trial, share in doubt.rivals},
        "within_error_of": doubt.within_error_of or None,
    }


def family_text(sizes: Sequence[Size], history: History) -> str:
    """The family as a table; empty sizes say so below it."""
    rows, columns = [], trial_columns(history.objectives)
    doubts = history.doubts(sizes)
    for size, doubt in zip(sizes, doubts, strict=True):
        cells = ["-"] * (len(columns) + 3)
        if size.trial is not None:
            number = size.trial.label
            priced = trial_cells(size.trial, history.objectives)
            cells = [*priced, _stays(doubt), number, size.trial.arch_id]
        rows.append([size.name, format_cost(size.cost, size.budget), *cells])
    titles = ["", "budget", *columns, "stays [%]", "trial", "arch_id"]
    if all(doubt.stays is None for doubt in doubts):  # noise is not known
        rows = [[*row[:-3], *row[-2:]] for row in rows]
        titles.remove("stays [%]")
    notes = [_size_notes(*pair, history) for pair in zip(sizes, doubts, strict=True)]
    text = [table(titles, rows), *filter(None, notes)]
    if "stays [%]" in titles:
        text.append(
            "stays: share of draws of the accuracies, within the noise of "
            f"{history.doubt.noise}, in which the size takes the same network"
        )
    clips = history.head.identity.clips.val
    folder = shlex.quote(str(history.folder))
    text.append(settling_text(doubts, sizes, folder, clips))
    return "\n".join(filter(None, text))


def _stays(doubt: SizeDoubt) -> str:
    return "-" if doubt.stays is None else f"{100 * doubt.stays:.0f}"


def _size_notes(size: Size, doubt: SizeDoubt, history: History) -> str:
    """`a1 within error of a0; not above chance (50 %)`, or nothing."""
    if size.trial is None:
        return size.emptiness
    words = "; ".join(filter(None, (marks(size.trial, history), doubt.words)))
    return words and f"{size.name} {words}"

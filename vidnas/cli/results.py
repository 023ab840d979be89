"""`vidnas front`, `family` and `report`: what a study found."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import (
    TRIAL_COLUMNS,
    note,
    say,
    say_csv,
    say_json,
    table,
    trial_cells,
)
from vidnas.costs.scores import SCORES
from vidnas.documents.quantity import COUNT, format_cost, format_count, parse_quantity
from vidnas.errors import InputError
from vidnas.space.candidate_text import candidate_text
from vidnas.study.family_files import FamilyFiles, ladder_folder, write_family
from vidnas.study.history import History, load_history
from vidnas.study.standings import Standing, standings
from vidnas.trials.chance import claims_text
from vidnas.trials.family import Size
from vidnas.trials.trial import FLOPS, TOP1, Objective, Trial, top1_interval
from vidnas.views.charts.objectives import objectives_named, require_values
from vidnas.views.pages.page_owner import require_own_report

FAMILY_FOLDER = "family"
REPORT_FILE = "report.html"


def add_commands(commands: Any) -> None:
    """Adds `front`, `family` and `report`."""
    front = commands.add_parser(
        "front",
        help="the Pareto front of a study",
        **described(
            "Prints the trials that no other beats, by FLOPs, and baselines among "
            "them.",
            "vidnas front runs/quickstart",
            "vidnas front runs/quickstart --objectives parameters,top1 --csv",
        ),
    )
    _study_argument(front)
    front.add_argument(
        "--objectives",
        metavar="NAME,NAME",
        default="flops,top1",
        help="what is traded off, such as flops,entropy_score (default %(default)s)",
    )
    form = front.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")
    front.set_defaults(run=show_front)

    family = commands.add_parser(
        "family",
        help="A0..A5 by a ladder of FLOP budgets",
        **described(
            "Writes the most accurate network within each FLOP budget as a file, and "
            "says each file.",
            "vidnas family runs/quickstart",
            "vidnas family runs/quickstart --ladder 1M,2M,4M,6M,8M,12M",
        ),
    )
    _study_argument(family)
    family.add_argument(
        "--ladder",
        metavar="B0,B1,...",
        help="rising FLOP budgets, such as 2M,5M,10M (default: the experiment's)",
    )
    family.add_argument(
        "--to",
        metavar="FOLDER",
        type=Path,
        help="default STUDY/family, or STUDY/family-2M-5M-10M for a ladder of your own",
    )
    family.add_argument("--json", action="store_true")
    family.set_defaults(run=show_family)

    report = commands.add_parser(
        "report",
        help="one self-contained page on a study",
        **described(
            "Writes what a study found as one page that opens anywhere, without a "
            "network.",
            "vidnas report runs/quickstart",
            "vidnas report runs/quickstart --to quickstart.html",
        ),
    )
    _study_argument(report)
    report.add_argument(
        "--to", metavar="FILE", type=Path, help="default STUDY/report.html"
    )
    report.set_defaults(run=make_report)


def _study_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument("study", metavar="STUDY", type=Path, help="study folder")


def show_front(chosen: argparse.Namespace) -> None:
    """Prints the front, and the baselines beside it, as a table, CSV or JSON."""
    history = load_history(chosen.study)
    objectives = objectives_named(chosen.objectives.split(","))
    if objectives != (FLOPS, TOP1):
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
        "chance": history.chance.top1,
    }


def _front_rows(
    history: History,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the front members, and of the baselines beside them."""
    rows = [_front_row(trial, history) for trial in history.front().trials]
    return rows, [_baseline_row(standing, history) for standing in standings(history)]


def _show_other_front(
    history: History, objectives: Sequence[Objective], chosen: argparse.Namespace
) -> None:
    """The front over other objectives; without baselines and hypervolume."""
    require_values(history.trials, objectives)
    trials = history.front(objectives).trials
    if not trials:
        note(nothing_done(history))
    names = [objective.name for objective in objectives]
    rows = [
        _front_row(trial, history) | {name: trial.value(name) for name in names}
        for trial in trials
    ]
    if chosen.json:
        say_json(
            {"objectives": names, "front": _with_candidates(rows, trials, history)}
        )
    elif chosen.csv:
        _write_csv(rows, [])
    elif trials:
        cells = [
            [t.label, *(format_cost(n, t.value(n)) for n in names), t.arch_id]
            for t in trials
        ]
        say(table(["trial", *names, "arch_id"], cells))
        scores = [name for name in names if name in SCORES]
        if scores:
            say(f"{', '.join(scores)}: of the structure alone, no accuracy")


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
        **_front_row(trial, history),
        "state": trial.state,
        "reason": trial.reason,
        "dominated_by": standing.dominated_by,
        "exceeds": list(standing.exceeds),
    }


def _front_row(trial: Trial, history: History) -> dict[str, Any]:
    interval = top1_interval(trial) or (None, None)
    return {
        "trial": trial.number,
        **({"known": trial.taken_over_from} if trial.taken_over_from else {}),
        "arch_id": trial.arch_id,
        "flops": int(trial.value("flops")),
        "parameters": int(trial.value("parameters")),
        "inference_bytes": int(trial.value("inference_bytes")),
        "top1": trial.measured.get("top1"),
        "top1_low": interval[0],
        "top1_high": interval[1],
        "above_chance": history.chance.is_beaten(trial),
        "exceeds": list(history.exceeds(trial)),
    }


def front_text(history: History) -> str:
    """The front as a table by FLOPs, baselines among it; its own hypervolume."""
    front = history.front()
    beside = standings(history)
    listed = [(trial, _marks(trial, history)) for trial in front.trials]
    listed += [(standing.trial, standing.words) for standing in beside]
    listed.sort(key=lambda pair: pair[0].value("flops"))
    rows = [[trial.label, *trial_cells(trial), trial.arch_id] for trial, _ in listed]
    header, *lines = table(["trial", *TRIAL_COLUMNS, "arch_id"], rows).splitlines()
    noted = "baseline" if beside else "notes"
    text = [f"{header}  {noted}" if any(words for _, words in listed) else header]
    for (_, words), line in zip(listed, lines, strict=True):
        text.append(f"{line}  {words}".rstrip())
    at = history.reference
    volume = format_count(front.hypervolume(at))
    if history.has_rungs:
        text.append(
            f"at {history.fidelity}: "
            f"{len(history.compared) - len(history.taken_over)} of "
            f"{history.candidates} candidates were trained so far"
        )
    text.append(
        f"hypervolume {volume} FLOPs x % (reference "
        f"{format_count(at['flops'])} FLOPs, {at['top1']:g} %)"
    )
    claims = claims_text(front.trials, history.chance)
    return "\n".join([*text, claims] if claims else text)


def _marks(trial: Trial, history: History) -> str:
    """`exceeds training_bytes; not above chance (50 %)`, or nothing."""
    exceeded = history.exceeds(trial)
    over = f"exceeds {', '.join(exceeded)}" if exceeded else ""
    return "; ".join(filter(None, (over, history.chance.mark(trial))))


def show_family(chosen: argparse.Namespace) -> None:
    """Writes the family and prints it."""
    history = load_history(chosen.study)
    ladder = None if chosen.ladder is None else _ladder(chosen.ladder)
    sizes = history.family(ladder)
    folder = chosen.to or chosen.study / _family_folder(history, ladder)
    files = write_family(history, sizes, folder)
    if chosen.json:
        say_json(family_facts(sizes, history, folder))
    else:
        say(family_text(sizes, history))
    note_family(files)


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


def _ladder(text: str) -> list[float]:
    budgets = []
    for word in text.split(","):
        budget = parse_quantity(word, COUNT)
        if budget is None or not 0 < budget < math.inf:
            raise InputError(
                f"`--ladder` must be FLOP budgets such as 2M,5M,10M, got `{word}`."
            )
        budgets.append(budget)
    return budgets


def family_facts(
    sizes: Sequence[Size], history: History, folder: Path
) -> list[dict[str, Any]]:
    """The sizes of a family as plain data, with the files that they lie in."""
    return [_size_row(size, history, folder) for size in sizes]


def _size_row(size: Size, history: History, folder: Path) -> dict[str, Any]:
    row: dict[str, Any] = {"name": size.name, "budget_flops": size.budget}
    if size.trial is None:
        return {**row, "trial": None, "reason": size.emptiness}
    facts = _front_row(size.trial, history)
    return {**row, **facts, "file": str(folder / f"{size.name}.yaml")}


def family_text(sizes: Sequence[Size], history: History) -> str:
    """The family as a table; empty sizes say so below it."""
    rows = []
    for size in sizes:
        cells = ["-"] * (len(TRIAL_COLUMNS) + 2)
        if size.trial is not None:
            number = size.trial.label
            cells = [*trial_cells(size.trial), number, size.trial.arch_id]
        rows.append([size.name, format_count(size.budget), *cells])
    text = table(["", "budget", *TRIAL_COLUMNS, "trial", "arch_id"], rows)
    notes = [
        size.emptiness
        if size.trial is None
        else f"{size.name} {_marks(size.trial, history)}"
        for size in sizes
        if size.trial is None or _marks(size.trial, history)
    ]
    return "\n".join([text, *notes])


def make_report(chosen: argparse.Namespace) -> None:
    """Writes the report page."""
    history = load_history(chosen.study)
    path = chosen.to or chosen.study / REPORT_FILE
    write_page(history, path)
    say(str(path))


def write_page(history: History, path: Path) -> None:
    """Writes the report page of a study.

    Raises:
        StudyError: another file is there.
    """
    require_own_report(path, history)
    from vidnas.views.pages.report import write_report  # loads the drawing library

    write_report(history, path)

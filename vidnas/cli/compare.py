"""`vidnas compare`: seeds, strategies and studies side by side."""

import argparse
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import positive_number
from vidnas.cli.command_help import described
from vidnas.cli.job_options import pairs
from vidnas.cli.output import note, say, say_json, table
from vidnas.documents.written_table import Table
from vidnas.files.place import is_address
from vidnas.trials.objectives import cost_text
from vidnas.views.compare import ComparisonView, compare
from vidnas.views.comparison.compared_study import EFFORTS
from vidnas.views.comparison.comparison import Comparison
from vidnas.views.comparison.facts import comparison_facts
from vidnas.views.comparison.tables import (
    differences_table,
    groups_table,
    sizes_table,
)
from vidnas.views.paper.column import COLUMN_MM


def add_commands(commands: Any) -> None:
    """Adds `compare`."""
    command = commands.add_parser(
        "compare",
        **described(
            "Compares studies of one task: hypervolume and best accuracy within "
            "budgets, as means over seeds with intervals, and which differences are "
            "more than noise. Studies that differ in their seed alone are one group.",
            "vidnas compare runs/quickstart-seed1 runs/quickstart-seed2",
            "vidnas compare ladder=runs/a ladder=runs/b random=runs/c random=runs/d",
            "vidnas compare runs/a runs/b --html comparison.html --figure fig.pdf",
        ),
    )
    command.add_argument(
        "studies",
        metavar="STUDY",
        nargs="+",
        type=_labelled,
        help="study folder or address, or LABEL=STUDY to group it yourself",
    )
    command.add_argument(
        "--by", choices=EFFORTS, default="", help="effort that is the same for all"
    )
    command.add_argument(
        "--at",
        type=positive_number,
        metavar="N",
        help="so much of it; default the least that a study has spent",
    )
    command.add_argument(
        "--reference",
        metavar="NAME=WORST,...",
        default="",
        help="reference point of the hypervolume, as flops=50M,top1=12.5",
    )
    command.add_argument(
        "--ladder",
        metavar="B0,B1,...",
        default="",
        help="rising budgets, such as 2M,5M,10M (default: the experiments')",
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--markdown", action="store_true", help="print Markdown tables")
    form.add_argument("--latex", action="store_true", help="print LaTeX tables")
    command.add_argument(
        "--html", type=Path, metavar="FILE", help="write it as one page, too"
    )
    command.add_argument(
        "--figure",
        type=Path,
        metavar="FILE",
        help="write a figure for print, .pdf, .svg or .pgf, too; needs vidnas[figures]",
    )
    command.add_argument(
        "--width",
        type=positive_number,
        metavar="MM",
        default=COLUMN_MM,
        help="width of the figure, default %(default)g",
    )
    command.set_defaults(run=run_compare)


def run_compare(chosen: argparse.Namespace) -> None:
    """Prints the comparison, and writes page and figure where they are asked for."""
    groups: dict[str, list[str]] = {}
    for label, study in chosen.studies:
        groups.setdefault(label, []).append(study)
    reference = chosen.reference.split(",") if chosen.reference else []
    view = compare(
        groups,
        by=chosen.by,
        at=chosen.at,
        reference=dict(pairs(reference, "--reference")),
        ladder=chosen.ladder.split(",") if chosen.ladder else (),
    )
    if chosen.json:
        say_json(comparison_facts(view.comparison))
    elif chosen.markdown or chosen.latex:
        say(view.markdown() if chosen.markdown else view.latex())
    else:
        say(comparison_text(view.comparison))
    _write(view, chosen)


def _write(view: ComparisonView, chosen: argparse.Namespace) -> None:
    if chosen.html is not None:
        view.report(chosen.html)
        note(f"page        {chosen.html}")
    if chosen.figure is not None:
        view.figure(chosen.figure, width_mm=chosen.width)
        note(f"figure      {chosen.figure}")


def comparison_text(found: Comparison) -> str:
    """The comparison as aligned tables, with what a reader must know below."""
    accuracy, cost = found.objectives.accuracy, found.objectives.cost
    limits = [cost_text(name, found.reference[name]) for name in found.objectives.costs]
    tables = [
        _text(groups_table(found)),
        f"best {accuracy.title} within each budget\n{_text(sizes_table(found))}",
    ]
    if found.differences:
        tables.append(_text(differences_table(found)))
    lines = [
        "reference point "
        f"{', '.join(limits)}, {found.reference[accuracy.name]:g} %; "
        f"ladder: mean best {accuracy.label} within 48 budgets from "
        f"{cost_text(cost, found.budgets[0])} to {cost_text(cost, found.budgets[-1])}",
        "± is half of a 95 % interval over seeds; it does not cover the chance of the "
        "validation clips",
        *found.notes,
    ]
    return "\n\n".join([*tables, "\n".join(lines)])


def _text(rows: Table) -> str:
    return table(rows.titles, rows.rows)


def _labelled(text: str) -> tuple[str, str]:
    """Label, or "", and study."""
    label, equals, study = text.partition("=")
    if not equals or is_address(text) or Path(text).exists():
        return "", text
    if not label or not study:
        raise ArgumentTypeError(f"must be a study or LABEL=STUDY, got `{text}`")
    return label, study

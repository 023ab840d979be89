"""`vidnas paper`: what a paper takes from a study, in a folder."""

import argparse
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import positive_number
from vidnas.cli.command_help import described
from vidnas.cli.output import note, say
from vidnas.cli.results import study_argument
from vidnas.files.mirror import publish, study_path
from vidnas.study.history import load_history
from vidnas.views.paper.column import COLUMN_MM

FOLDER = "paper"


def add_commands(commands: Any) -> None:
    """Adds `paper`."""
    command = commands.add_parser(
        "paper",
        **described(
            "Writes figures of front, curves and choices at the width of a column, "
            "tables of front and family in LaTeX and Markdown, and a paragraph of "
            "methods. Needs vidnas[figures].",
            "vidnas paper runs/quickstart",
            "vidnas paper runs/quickstart --to figures --width 174 --formats pdf,pgf",
        ),
    )
    study_argument(command)
    command.add_argument(
        "--to", metavar="FOLDER", type=Path, help="default STUDY/paper"
    )
    command.add_argument(
        "--width",
        type=positive_number,
        metavar="MM",
        default=COLUMN_MM,
        help="width of each figure, default %(default)g",
    )
    command.add_argument(
        "--formats",
        metavar="NAME,NAME",
        default="pdf",
        help="formats of each figure, of pdf, svg and pgf (default: %(default)s)",
    )
    command.set_defaults(run=make_paper)


def make_paper(chosen: argparse.Namespace) -> None:
    """Writes the folder; prints its files, and the methods to read at once."""
    folder = study_path(chosen.study, whole=True)
    history = load_history(folder)
    from vidnas.views.paper.folder import write_paper  # loads the drawing library
    from vidnas.views.paper.methods import methods_of

    formats = [name.strip() for name in chosen.formats.split(",")]
    to = chosen.to or folder / FOLDER
    for file in write_paper(history, to, width_mm=chosen.width, formats=formats):
        say(str(file))
    publish(folder)
    note(f"\n{methods_of(history)}")

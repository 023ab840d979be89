"""`vidnas data`: motion clips to search on, and what is done with one's own."""

import argparse
from pathlib import Path
from typing import Any

from vidnas.cli import data_check, data_show
from vidnas.cli.arguments import positive, whole
from vidnas.cli.command_help import described, show_help_alone
from vidnas.cli.data_cache import add_cache
from vidnas.cli.data_index import add_index
from vidnas.cli.output import say, table
from vidnas.clips.check import ClipReport, check_clips
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource
from vidnas.documents.visible_text import shown_name


def add_commands(commands: Any) -> None:
    """Adds `data` with its verbs."""
    data = commands.add_parser(
        "data",
        **described(
            "Generates clips to search on, and checks folders of your own.",
            "vidnas data motion data/motion",
            "vidnas data check my_videos",
        ),
    )
    show_help_alone(data)
    verbs = data.add_subparsers(metavar="VERB")
    motion = verbs.add_parser(
        "motion",
        help="generate labelled motion clips",
        **described(
            "Writes videos of eight classes of motion into a new folder, as train and "
            "val, and counts them.",
            "vidnas data motion data/motion",
            "vidnas data motion data/small --train 20 --val 8 --seed 1",
        ),
    )
    motion.add_argument("folder", metavar="FOLDER", type=Path)
    motion.add_argument("--seed", type=whole, default=0, help="default %(default)s")
    motion.add_argument(
        "--train", type=positive, default=80, help="per class (default 80)"
    )
    motion.add_argument(
        "--val", type=positive, default=32, help="per class (default 32)"
    )
    motion.set_defaults(run=make_motion)

    add_index(verbs)
    data_check.add_command(verbs)
    data_show.add_command(verbs)
    add_cache(verbs)


def make_motion(chosen: argparse.Namespace) -> None:
    """Writes the clips and prints what the folder holds."""
    write_motion(
        chosen.folder,
        seed=chosen.seed,
        train_per_class=chosen.train,
        val_per_class=chosen.val,
    )
    say(clips_text(check_clips(ClipSource.of(chosen.folder))))


def clips_text(report: ClipReport) -> str:
    """Readable clips by class and split."""
    splits = list(report.readable)
    rows = [
        [shown_name(name), *[str(report.readable[split][label]) for split in splits]]
        for label, name in enumerate(report.classes)
    ]
    total = ["all", *[str(report.count(split)) for split in splits]]
    return table(["class", *splits], [*rows, total])

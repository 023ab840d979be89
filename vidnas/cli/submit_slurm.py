"""`vidnas submit slurm`: a batch script, and the command that sends it."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described
from vidnas.cli.job_options import (
    add_job,
    add_machines,
    job_folder,
    node_shape,
    read_job,
    write_job,
)
from vidnas.cli.output import say
from vidnas.study.cluster.node_groups import node_groups
from vidnas.study.cluster.slurm import SCRIPT, SlurmOptions, slurm_scripts
from vidnas.study.experiment.reader import load_experiment


def add_slurm(verbs: Any) -> None:
    """Adds `slurm`."""
    slurm = verbs.add_parser(
        "slurm",
        help="write a batch script",
        **described(
            "Writes a batch script that starts Ray on the nodes of a job and runs the "
            "study there, into a folder that the nodes must see. Before its time is "
            "up the search is stopped and the job sent again.",
            "vidnas submit slurm experiments/quickstart.yaml --time 8:00:00",
            "vidnas submit slurm experiments/quickstart.yaml --time 8:00:00 --nodes 1 "
            "--partition long --venv .venv --to jobs/long",
        ),
    )
    add_job(slurm, "slurm")
    add_machines(slurm)
    slurm.add_argument(
        "--time", required=True, help="the longest that the job may run, as 1-00:00:00"
    )
    slurm.add_argument("--partition", default="", help="partition of the job")
    slurm.add_argument("--account", default="", help="account that pays")
    slurm.add_argument(
        "--warning",
        type=positive,
        default=120,
        metavar="SECONDS",
        help="before the end, when the search is stopped (default 120)",
    )
    slurm.add_argument(
        "--module",
        action="append",
        default=[],
        metavar="NAME",
        help="environment module to load; may be repeated",
    )
    slurm.add_argument("--venv", default="", metavar="FOLDER", help="its environment")
    slurm.add_argument(
        "--sbatch",
        action="append",
        default=[],
        metavar="OPTION",
        help="a further option, as --sbatch=--qos=high; may be repeated",
    )
    slurm.set_defaults(run=submit_slurm)


def submit_slurm(chosen: argparse.Namespace) -> None:
    """Writes the scripts and says what sends them."""
    job = read_job(chosen)
    groups = node_groups(load_experiment(chosen.experiment).workers, node_shape(chosen))
    options = SlurmOptions(
        chosen.time,
        chosen.partition,
        chosen.account,
        chosen.warning,
        tuple(chosen.module),
        _absolute(chosen.venv),
        tuple(chosen.sbatch),
    )
    folder = job_folder(job, chosen, "slurm")
    words = ("--trials", str(chosen.trials)) if chosen.trials else ()
    scripts = slurm_scripts(job, groups, options, str(folder), words)
    write_job(job, chosen, "slurm", scripts)
    say(shlex.join(["sbatch", f"--chdir={folder}", f"{folder}/{SCRIPT}"]))


def _absolute(folder: str) -> str:
    return str(Path(folder).absolute()) if folder else ""

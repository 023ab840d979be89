"""Which words do all launches share? The experiment, where it lies, where files go."""

import argparse
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import place, positive, whole
from vidnas.cli.output import note
from vidnas.cli.study_folder import project_folder, seeded, study_folder
from vidnas.cluster.job_files import JobFiles, Moves, job_files
from vidnas.cluster.node_groups import NodeShape
from vidnas.documents.quantity import BYTES, parse_quantity
from vidnas.errors import InputError
from vidnas.study.experiment.reader import experiment_file, load_experiment
from vidnas.whole_file import write_whole

JOBS = "jobs"  # a folder of a project that holds launch files


def add_job(parser: Any, kind: str) -> None:
    """Adds the words of every launch.

    Args:
        parser: Parser of the launch.
        kind: Where it launches, the last part of its folder.
    """
    parser.add_argument(
        "experiment",
        metavar="EXPERIMENT",
        type=Path,
        help="experiment file, or the name of one that vidnas ships",
    )
    parser.add_argument(
        "--study",
        metavar="FOLDER",
        help="study folder as the cluster sees it, a path or an address; default "
        "runs/NAME beside the experiment",
    )
    parser.add_argument(
        "--at",
        action="append",
        default=[],
        type=_move,
        metavar="HERE=THERE",
        help="a folder here, and where the cluster sees it; may be repeated",
    )
    parser.add_argument(
        "--to",
        type=place,
        metavar="FOLDER",
        help=f"folder of the launch files, default {JOBS}/NAME/{kind}",
    )
    parser.add_argument(
        "--trials", type=positive, metavar="N", help="effort: candidates, in all"
    )
    parser.add_argument(
        "--seed",
        type=whole,
        metavar="N",
        help="seed in place of the experiment's; the study is NAME-seedN",
    )


def add_machines(parser: Any) -> None:
    """Adds what a user says of machines."""
    parser.add_argument(
        "--nodes",
        type=positive,
        metavar="N",
        help="machines; default as many as the workers of the experiment need",
    )
    for name, word in (("cpus", "cores"), ("gpus", "GPUs")):
        parser.add_argument(
            f"--{name}-per-node",
            type=positive,
            metavar="N",
            help=f"{word} of a machine; default those of its workers",
        )
    parser.add_argument(
        "--memory-per-node",
        type=_bytes,
        metavar="BYTES",
        help="memory of a machine, as 64 GiB; default that of its workers",
    )


def node_shape(chosen: argparse.Namespace) -> NodeShape:
    """What a user said of machines."""
    return NodeShape(
        chosen.nodes,
        chosen.cpus_per_node,
        chosen.gpus_per_node,
        chosen.memory_per_node,
    )


def read_job(chosen: argparse.Namespace) -> JobFiles:
    """The files of a job, as the words ask for them.

    Raises:
        InputError: a place is relative, which no two machines take alike.
    """
    experiment = seeded(load_experiment(chosen.experiment), chosen.seed)
    file, folder = experiment_file(chosen.experiment)
    moves = Moves(dict(chosen.at))
    study = chosen.study or moves.there(str(study_folder(experiment).resolve()))
    if "://" not in study and not study.startswith("/"):
        study = moves.there(str(Path(study).resolve()))
    return job_files(experiment, file, folder, study, moves)


def write_job(
    job: JobFiles, chosen: argparse.Namespace, kind: str, scripts: dict[str, str]
) -> Path:
    """Writes the files of a job and its scripts; says where.

    Args:
        job: Files of the job; they lie in `files` below the folder.
        chosen: Words that were typed.
        kind: Where the job runs.
        scripts: Texts by file name.

    Returns:
        The folder.
    """
    folder = job_folder(job, chosen, kind)
    for name, content in job.files.items():
        write_whole(folder / "files" / name, content)
    for name, text in scripts.items():
        write_whole(folder / name, text)
    note(f"written     {folder}: {', '.join([*scripts, 'files/'])}")
    note(f"study       {job.study}")
    for where in job.places:
        note(f"clips       {where}, as the cluster sees it")
    return folder


def job_folder(job: JobFiles, chosen: argparse.Namespace, kind: str) -> Path:
    """Folder of the launch files, absolute."""
    if chosen.to is not None:
        return Path(chosen.to).absolute()
    return project_folder(chosen.experiment).absolute() / JOBS / job.name / kind


def _move(text: str) -> tuple[str, str]:
    here, equals, there = text.partition("=")
    if not (here and equals and there):
        raise ArgumentTypeError(f"must be HERE=THERE, got `{text}`")
    if "://" not in there and not there.startswith("/"):
        raise ArgumentTypeError(f"must lead to an absolute path, got `{there}`")
    return str(Path(here).expanduser().resolve()), there


def _bytes(text: str) -> int:
    value = parse_quantity(text, BYTES)
    if value is None or value <= 0:
        raise ArgumentTypeError(f"must be a size such as 64 GiB, got `{text}`")
    return int(value)


def pairs(texts: list[str], word: str) -> dict[str, str]:
    """Words `NAME=VALUE` as a mapping.

    Raises:
        InputError: one is none, or a name stands twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value) or name in found:
            raise InputError(f"`{word}` must be NAME=VALUE, each once, got `{text}`.")
        found[name] = value
    return found

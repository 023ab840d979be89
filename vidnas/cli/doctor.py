"""`vidnas doctor`: is this machine, and every node of a cluster, fit for a study?"""

import argparse
import dataclasses
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import note, say, say_json
from vidnas.cli.study_folder import study_folder
from vidnas.cluster.checks import PACKAGES, Check, Machine, Wanted, checks
from vidnas.cluster.job_server import require_server
from vidnas.cluster.node_facts import look
from vidnas.cluster.ray_token import ray_token
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import EvaluationError, InputError, VidnasError
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.reader import load_experiment
from vidnas.study.workers.machine import cluster_address

SAMPLE = 20  # clips that every machine opens


def add_commands(commands: Any) -> None:
    """Adds `doctor`."""
    doctor = commands.add_parser(
        "doctor",
        **described(
            "Checks this machine, and with an address every node of a Ray cluster: "
            "versions, TensorFlow, GPUs, clips, study folder, disk, memory, clocks, "
            "token, ports. Says of each what to do. Exit code 1 where one fails.",
            "vidnas doctor experiments/quickstart.yaml",
            "vidnas doctor experiments/quickstart.yaml --address auto",
        ),
    )
    doctor.add_argument(
        "experiment",
        nargs="?",
        type=Path,
        metavar="EXPERIMENT",
        help="experiment whose clips, study and workers are checked too",
    )
    doctor.add_argument("--study", type=Path, metavar="FOLDER", help="study folder")
    doctor.add_argument(
        "--address", help="a running Ray cluster: auto, HOST:PORT or http://HEAD:8265"
    )
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.set_defaults(run=run_doctor)


def run_doctor(chosen: argparse.Namespace) -> None:
    """Prints every check.

    Raises:
        EvaluationError: one failed.
    """
    experiment = load_experiment(chosen.experiment) if chosen.experiment else None
    folder = chosen.study
    if folder is None and experiment is not None:
        folder = study_folder(experiment)
    address = cluster_address(chosen.address)
    with _marked(folder) as (study, marker):
        found = list(_checks(experiment, study, marker, address))
    failed = sum(check.verdict == "fail" for check in found)
    if chosen.json:
        listed = [dataclasses.asdict(check) for check in found]
        say_json({"failed": failed, "checks": listed})
    else:
        for check in found:
            say(_line(check))
    if failed:
        raise EvaluationError(f"{failed} of {len(found)} checks failed.")


def _checks(
    experiment: Experiment | None, study: str, marker: str, address: str | None
) -> Iterator[Check]:
    asked, unread = _asked(experiment, study, marker)
    yield from unread
    note("looking at this machine")
    here = Machine("here", look({**asked, "node": "here"}))
    wanted = _wanted(experiment, study, address)
    if address is None:
        yield from checks(here, [here], wanted)
        return
    if "://" in address:
        yield _server(address, here)
        yield from checks(here, [here], dataclasses.replace(wanted, is_cluster=False))
        return
    yield from _on_cluster(asked, here, wanted, address)


def _on_cluster(
    asked: dict[str, Any], here: Machine, wanted: Wanted, address: str
) -> Iterator[Check]:
    from vidnas.cluster.ask_nodes import ask_nodes, joined  # loads Ray

    note(f"looking at every node of {address}")
    try:
        with joined(address):
            machines, silent = ask_nodes(asked, wanted.gpus)
    except VidnasError as wrong:
        yield _unreachable(address, str(wrong))
        yield from checks(here, [here], dataclasses.replace(wanted, is_cluster=False))
        return
    yield Check("ok", "Ray", "", f"{len(machines)} nodes answer at {address}")
    yield from silent
    yield from checks(here, machines, wanted)


def _server(address: str, here: Machine) -> Check:
    """Whether a job server takes this user, and is of the same Ray."""
    try:
        told = require_server(address, ray_token())
    except InputError as wrong:
        return _unreachable(address, str(wrong))
    found, must = str(told["ray_version"]), here.facts["versions"]["ray"]
    if found != must:
        remedy = f"here: pip install ray=={found}"
        return Check("fail", "Ray", "", f"{found} at {address}", must, remedy)
    return Check(
        "ok", "Ray", "", f"{found} at {address}; nodes are checked from one of them"
    )


def _unreachable(address: str, reason: str) -> Check:
    return Check(
        "fail",
        "Ray",
        "",
        reason.rstrip("."),
        "a cluster answers and takes this user",
        "start it, run this on one of its nodes, with its RAY_AUTH_TOKEN",
    )


def _wanted(experiment: Experiment | None, study: str, address: str | None) -> Wanted:
    gpus, memory = 0.0, None
    if experiment is not None:
        groups = experiment.workers.groups
        gpus = min((g.gpus or 0.0 for g in groups if g.gpus != 0.0), default=0.0)
        known = [g.memory for g in groups if g.memory is not None and g.gpus == 0.0]
        memory = min(known, default=None)
    auth = "token" if ray_token() else "none"
    if os.environ.get("RAY_AUTH_MODE", "").lower() == "disabled":
        auth = "disabled"
    return Wanted(gpus, memory, study, auth, address is not None)


def _asked(
    experiment: Experiment | None, study: str, marker: str
) -> tuple[dict[str, Any], list[Check]]:
    """What every machine is asked, and what cannot be read here."""
    asked: dict[str, Any] = {"packages": PACKAGES, "study": study}
    asked["marker"] = (marker, marker)
    if (
        experiment is None
        or not experiment.clips.source
        or (experiment.clips.motion and not _has_clips(experiment))
    ):
        return asked, []  # motion clips are made when the search begins
    source = experiment.clips.source
    protocols = {
        str(value).partition("://")[0]
        for value in source.values()
        if "://" in str(value)
    }
    asked["protocols"] = sorted(protocols - {"file", "local"})
    try:
        index = read_index(ClipSource.of(source))
    except (VidnasError, OSError) as wrong:
        must, remedy = "they are read", "mount them here, or mend the experiment"
        return asked, [Check("fail", "clips", "here", str(wrong), must, remedy)]
    paths = [str(entry.path) for entries in index.splits.values() for entry in entries]
    step = max(1, len(paths) // SAMPLE)
    local = [path for path in paths[::step][:SAMPLE] if "://" not in path]
    asked["files"] = [(path, _size(path)) for path in local]
    return asked, []


def _has_clips(experiment: Experiment) -> bool:
    return experiment.clips.place.exists()


def _size(path: str) -> int | None:
    file = Path(path)
    return file.stat().st_size if file.is_file() else None


@contextmanager
def _marked(folder: Path | None) -> Iterator[tuple[str, str]]:
    """A study folder with a file by which other machines know it; both go again."""
    marker = f".doctor-{secrets.token_hex(8)}"
    if folder is None or "://" in str(folder):
        yield "", marker
        return
    folder = folder.absolute()
    made = [p for p in (folder, *folder.parents) if not p.exists()]
    with suppress(OSError):  # the checks say so
        folder.mkdir(parents=True, exist_ok=True)
        (folder / marker).write_text(marker, encoding="utf-8")
    try:
        yield str(folder), marker
    finally:
        with suppress(OSError):
            for left in folder.glob(f"{marker}*"):
                left.unlink()
            for path in made:
                path.rmdir()


def _line(check: Check) -> str:
    where = f" ({check.where})" if check.where else ""
    line = f"{check.verdict:<4}  {check.name}{where}: {check.found}"
    if check.must:
        line += f"; must be: {check.must}"
    return f"{line}. To do: {check.remedy}." if check.remedy else line

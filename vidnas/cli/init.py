"""`vidnas init`: a first experiment for one's own clips, to be edited."""

import argparse
import json
import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidnas.cli.clips_found import note_left_out
from vidnas.cli.command_help import described
from vidnas.cli.named_source import named_source
from vidnas.cli.output import note, say
from vidnas.datasets.motion.scenes import MOTIONS
from vidnas.datasets.source import read_index
from vidnas.datasets.survey import survey_clips
from vidnas.errors import InputError
from vidnas.files.shipped import NOTEBOOKS, shipped
from vidnas.study.experiment.defaults import MOTION
from vidnas.study.experiment.proposal import ClipsSeen, Machine, propose
from vidnas.study.workers.machine import gpu_memories, machine_memory

NOTEBOOK = "front"
_STUDY = '"../../runs/quickstart"'  # that the notebook reads unless told otherwise


def add_commands(commands: Any) -> None:
    """Adds `init`."""
    init = commands.add_parser(
        "init",
        **described(
            "Looks at videos and at this machine, and writes an experiment, a space "
            "and a notebook to begin with. Nothing is overwritten.",
            "vidnas init my_videos",
            "vidnas init --to first_search",
        ),
    )
    init.add_argument(
        "clips",
        metavar="CLIPS",
        type=Path,
        nargs="?",
        help="class folders, an index (.parquet), or a .csv or .txt with labels; "
        "without them, generated motion clips",
    )
    init.add_argument(
        "--to",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where the files go (default: here)",
    )
    init.set_defaults(run=write_beginning)


def write_beginning(chosen: argparse.Namespace) -> None:
    """Writes an experiment, its space and a notebook; overwrites nothing."""
    if chosen.to.suffix in (".yaml", ".yml"):
        raise InputError(
            f"`--to` must be a folder, which takes an experiment, a space and a "
            f"notebook, got the name of a file: {chosen.to}."
        )
    clips = _seen(chosen.clips, chosen.to)
    name = _name(chosen.clips)
    experiment, space, notebook = (
        chosen.to / f"{name}{ending}" for ending in (".yaml", "_space.yaml", ".ipynb")
    )
    _require_new((experiment, space, notebook))
    proposal = propose(name, clips, _machine())
    _write_all(
        {
            space: proposal.space_text(),
            experiment: proposal.experiment_text(space.name),
            notebook: _notebook_text(name),
        }
    )
    say(f"clips       {_clips_text(clips)}")
    say(f"space       {space}: {proposal.space.count():.3g} candidates")
    say(
        f"experiment  {experiment}: {proposal.workers} workers, "
        f"{proposal.epochs} epochs each"
    )
    say(f"notebook    {notebook}: the front, once there is one")
    note(f"next        vidnas search {shlex.quote(str(experiment))}")


def _seen(folder: Path | None, to: Path) -> ClipsSeen:
    if folder is None:
        train = len(MOTIONS) * MOTION["train_per_class"]
        return ClipsSeen("data/motion", len(MOTIONS), train, 16, 64, 8.0, True)
    if not folder.exists():
        raise InputError(
            f"`vidnas init` needs a folder of clips, {folder} is not there. Without a "
            "folder it begins with generated clips."
        )
    source = named_source(folder)
    note_left_out(read_index(source).left_out)
    found = survey_clips(source)
    place, here = _absolute(folder), _absolute(to)
    inside = place.is_relative_to(here.parent)
    return ClipsSeen(
        os.path.relpath(place, here) if inside else str(place),
        len(found.classes),
        found.train,
        found.frames,
        found.side,
        found.rate,
        kind=source.kind,
    )


def _name(folder: Path | None) -> str:
    """The clips' folder as the name of an experiment and of files."""
    if folder is None:
        return "motion"
    plain = re.sub(r"[^A-Za-z0-9]+", "_", _stem(_absolute(folder))).strip("_")
    return plain.lower() or "clips"


def _stem(path: Path) -> str:
    """The name of a folder, or of a file without its suffix."""
    return path.name if path.is_dir() else path.stem


def _absolute(path: Path) -> Path:
    """The path as it was typed, from the root; `..` has to follow links."""
    return path.resolve() if ".." in path.parts else path.absolute()


def _machine() -> Machine:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return Machine(cores or os.cpu_count() or 1, machine_memory(), len(gpu_memories()))


def _require_new(files: tuple[Path, ...]) -> None:
    there = [str(file) for file in files if os.path.lexists(file)]
    if there:
        raise InputError(
            f"`vidnas init` must overwrite nothing, {' and '.join(there)} "
            f"{'is' if len(there) == 1 else 'are'} there already. `--to FOLDER` writes "
            "elsewhere."
        )


def _write_all(texts: Mapping[Path, str]) -> None:
    """All files, or none of them."""
    written: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _notebook_text(name: str) -> str:
    """The shipped notebook, which opens this experiment's study."""
    text = shipped(NOTEBOOKS)[NOTEBOOK].read_text(encoding="utf-8")
    before, after = (json.dumps(path)[1:-1] for path in (_STUDY, f'"runs/{name}"'))
    assert text.count(before) == 1, "the notebook names one study"
    return text.replace(before, after)


def _clips_text(clips: ClipsSeen) -> str:
    generated = ", generated by the search" if clips.generated else ""
    return (
        f"{clips.train} to train on, {clips.classes} classes, some {clips.frames} "
        f"frames of {clips.side} pixels at {clips.rate:g} a second{generated}"
    )

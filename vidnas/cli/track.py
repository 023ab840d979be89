"""`vidnas track`: a study shown in TensorBoard, MLflow or Weights & Biases."""

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import say
from vidnas.cli.results import study_argument
from vidnas.errors import EvaluationError, InputError, VidnasError
from vidnas.files.mirror import study_path
from vidnas.integrations.trackers.tracked import TrackedStudy, TrackedTrial
from vidnas.space.space import Space
from vidnas.study.history import History, load_history
from vidnas.trials.trial import Trial

NEXT = {
    "tensorboard": "tensorboard --logdir {}",
    "mlflow": "mlflow ui --backend-store-uri {}",
    "wandb": "wandb sync --sync-all {}/wandb",
}


def add_commands(commands: Any) -> None:
    """Adds `track`."""
    track = commands.add_parser(
        "track",
        **described(
            "Writes what the journal of a study tells for a tracker: choices, numbers "
            "and curves of every trial. It needs the tracker's own library.",
            "vidnas track runs/quickstart --to tensorboard --out tracked",
            "vidnas track runs/quickstart --to mlflow --out tracked",
        ),
    )
    study_argument(track)
    track.add_argument("--to", choices=tuple(NEXT), required=True, help="tracker")
    track.add_argument(
        "--out", type=Path, metavar="FOLDER", required=True, help="a new folder"
    )
    track.set_defaults(run=run_track)


def run_track(chosen: argparse.Namespace) -> None:
    """Writes for the tracker, and says how to look at it."""
    out: Path = chosen.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"`--out` must be a new or empty folder, {out} is there: points that are "
            "written twice would be shown twice."
        )
    study = tracked(load_history(study_path(chosen.study)))
    module = import_module(f"vidnas.integrations.trackers.{chosen.to}")
    write: Callable[[TrackedStudy, Path], None]
    write = getattr(module, f"write_{chosen.to}")
    try:
        write(study, out)
    except VidnasError:
        raise
    except Exception as wrong:  # a library's own; the study is read and never written
        words = next(iter(str(wrong).splitlines()), "")
        raise EvaluationError(
            f"{chosen.to} did not write {out}: {type(wrong).__name__}: {words}"
        ) from wrong
    say(f"tracked {len(study.trials)} trials in {out}")
    say(f"next    {NEXT[chosen.to].format(out)}")


def tracked(history: History) -> TrackedStudy:
    """A study as trackers show it."""
    space = history.experiment.read_space()
    return TrackedStudy(
        history.head.name,
        history.study_id,
        tuple(_tracked(trial, history, space) for trial in history.own),
    )


def _tracked(trial: Trial, history: History, space: Space) -> TrackedTrial:
    choices: dict[str, str | float] = {
        choice.name: str(choice.options[trial.candidate[space.positions[choice.name]]])
        for choice in space.active(trial.candidate)
    }
    fidelity = {
        f"fidelity.{k}": float(v) for k, v in trial.fidelity.to_document().items()
    }
    return TrackedTrial(
        f"trial-{trial.number:05d}",
        {**choices, **fidelity, "seed": float(trial.seed), "arch_id": trial.arch_id},
        history.state_word(trial),
        trial.reason,
        {**trial.costs, **trial.measured},
        history.curves.get(trial.number, {}),
    )

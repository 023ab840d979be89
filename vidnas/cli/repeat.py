"""`vidnas repeat`: networks of a study, trained again under other seeds."""

import argparse
from argparse import ArgumentTypeError
from typing import Any

from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described
from vidnas.cli.output import note, say, say_json
from vidnas.cli.results import front_facts, front_text, study_argument
from vidnas.cli.study_run import run_study, with_workers
from vidnas.errors import InputError, StudyError
from vidnas.files.mirror import publish, study_path
from vidnas.study.history import History, load_history
from vidnas.study.recorded_experiment import recorded_experiment
from vidnas.trials.noise.repeats import Repeats

SEEDS = 3  # trainings of a trial that is named, in all


def add_commands(commands: Any) -> None:
    """Adds `repeat`."""
    repeat = commands.add_parser(
        "repeat",
        **described(
            "Trains networks of a study again under other seeds, so that their "
            "accuracies are means and every interval covers the seed too. The same "
            "command goes on where it stopped.",
            "vidnas repeat runs/quickstart --front 3",
            "vidnas repeat runs/quickstart --trials 38,41 --seeds 5",
        ),
    )
    study_argument(repeat)
    which = repeat.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--front",
        type=_several,
        metavar="SEEDS",
        help="trainings of each network of the front, in all; of those too that come "
        "on it by this",
    )
    which.add_argument(
        "--trials", type=_numbers, metavar="N,N", help="numbers of trials to repeat"
    )
    repeat.add_argument(
        "--seeds",
        type=_several,
        metavar="SEEDS",
        help=f"with --trials: trainings of each, in all (default {SEEDS})",
    )
    repeat.add_argument("--workers", type=positive, metavar="N", help="side by side")
    repeat.add_argument("--address", help="a running Ray cluster: auto or HOST:PORT")
    repeat.add_argument("--json", action="store_true")
    repeat.set_defaults(run=run_repeats)


def run_repeats(chosen: argparse.Namespace) -> None:
    """Trains the repeats, and prints the front as it is then."""
    if chosen.front and chosen.seeds:
        raise InputError(
            "`--seeds` must be left out with `--front`, which says how many, got "
            f"{chosen.seeds}."
        )
    folder = study_path(chosen.study)
    history = load_history(folder)
    repeats = _asked(history, chosen)
    experiment = recorded_experiment(history, repeats)
    experiment = with_workers(experiment, chosen.workers, chosen.address)
    before = len(history.repeats)
    history = run_study(experiment, folder, chosen.address)
    if chosen.json:
        say_json({**front_facts(history), "repeats": len(history.repeats)})
    else:
        done = sum(trial.state == "done" for trial in history.repeats[before:])
        failed = sum(trial.state == "failed" for trial in history.repeats[before:])
        say(f"{done} repeats done, {failed} failed\n\nfront\n{front_text(history)}")
    store = publish(folder)
    if store is not None:
        note(f"the study is in {store}")


def _asked(history: History, chosen: argparse.Namespace) -> Repeats:
    """What is to be repeated.

    Raises:
        StudyError: no trial is done in full.
        InputError: a trial of that number is not.
    """
    done = {trial.number for trial in history.compared if trial.state == "done"}
    if not done:
        raise StudyError(
            f"Repeats need a trial done at {history.fidelity}, {history.folder} has "
            "none."
        )
    if chosen.front:
        return Repeats(chosen.front, are_alone=True)
    for number in chosen.trials:
        if number not in done:
            raise InputError(
                f"`--trials` must be numbers of trials done at {history.fidelity}, got "
                f"{number}. `vidnas front {history.folder}` lists some."
            )
    return Repeats(chosen.seeds or SEEDS, tuple(chosen.trials), are_alone=True)


def _several(text: str) -> int:
    """A whole number of at least 2."""
    value = int(text) if text.isdecimal() else 0
    if value < 2:
        raise ArgumentTypeError(f"must be a whole number of at least 2, got `{text}`")
    return value


def _numbers(text: str) -> list[int]:
    """Numbers of trials, divided by commas."""
    words = text.split(",")
    if not all(word.isdecimal() for word in words):
        raise ArgumentTypeError(f"must be numbers of trials such as 3,7, got `{text}`")
    return [int(word) for word in words]

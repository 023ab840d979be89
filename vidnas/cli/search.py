"""`vidnas search`: run a study, go on with it, extend it."""

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import positive, positive_number, whole
from vidnas.cli.command_help import described
from vidnas.cli.family_text import family_facts, family_text
from vidnas.cli.output import note, say, say_json
from vidnas.cli.plan import say_plan
from vidnas.cli.results import front_facts, front_text
from vidnas.cli.search_options import RESUME, SearchOptions
from vidnas.cli.search_results import Places, write_results
from vidnas.cli.study_folder import seeds_beside
from vidnas.cli.study_run import memory_ratios, what_fits
from vidnas.documents.quantity import format_duration, rounded
from vidnas.errors import EvaluationError
from vidnas.files.mirror import publish, study_named, study_place
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.family.networks import WholeFamily, whole_family
from vidnas.study.family.reading import FAMILY_FOLDER
from vidnas.study.history import History
from vidnas.trials.clips_met import clips_met
from vidnas.trials.effort import LIMITS
from vidnas.trials.promotion import Schedule

_EFFORT = {
    "trials": (positive, "N", "candidates"),
    "hours": (positive_number, "H", "hours of work, breaks left out"),
    "gpu_hours": (positive_number, "H", "hours of GPUs"),
    "epochs": (positive, "N", "epochs trained"),
}


def add_commands(commands: Any) -> None:
    """Adds `search`."""
    search = commands.add_parser(
        "search",
        **described(
            "Trains candidates of a space within budgets, and writes the front, the "
            "family and a report into the study's folder. The same command goes on "
            "where a study stopped.",
            "vidnas search experiments/quickstart.yaml",
            "vidnas search experiments/quickstart.yaml --plan",
            "vidnas search experiments/quickstart.yaml --trials 96",
            "vidnas search experiments/quickstart.yaml --seed 1",
        ),
    )
    search.add_argument(
        "experiment",
        metavar="EXPERIMENT",
        type=Path,
        help="experiment file, or the name of one that vidnas ships",
    )
    search.add_argument(
        "--study",
        type=study_named,
        metavar="FOLDER",
        help="folder, or address as s3://BUCKET/NAME (default runs/NAME beside the "
        "experiment, or beside its `experiments`)",
    )
    for name, (kind, shown, words) in _EFFORT.items():
        search.add_argument(
            option_of(name), type=kind, metavar=shown, help=f"effort: {words}, in all"
        )
    search.add_argument(
        "--resume",
        choices=RESUME,
        default="auto",
        help="go on with the study folder if it is there (default), must be, or never",
    )
    search.add_argument(
        "--retry-failed",
        action="store_true",
        help="try failed trials again that broken surroundings failed: clips, files, "
        "libraries, devices, kills of the study",
    )
    search.add_argument(
        "--seed",
        type=whole,
        metavar="N",
        help="seed in place of the experiment's; the study is NAME-seedN",
    )
    search.add_argument("--workers", type=positive, metavar="N", help="side by side")
    search.add_argument("--address", help="a running Ray cluster: auto or HOST:PORT")
    search.add_argument(
        "--plan", action="store_true", help="print what fits the budgets, and stop"
    )
    search.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object in place of tables; with --plan the plan",
    )
    search.set_defaults(run=run_search)


def run_search(chosen: argparse.Namespace) -> None:
    """Runs the study and prints the front, the family and where the report lies."""
    options = SearchOptions.of(chosen)
    experiment = options.experiment(chosen.experiment)
    folder = options.folder(experiment)
    if chosen.plan:
        budgets, fitting = what_fits(experiment, folder, memory_ratios(folder))
        say_plan(experiment.space, budgets, fitting, chosen.json)
        return
    history = options.run(experiment, folder)
    _finish(history, experiment, chosen)
    store = publish(folder)
    if store is not None:
        note(f"the study and what was written of it are in {store}")


def next_command(
    history: History, experiment: Experiment, chosen: argparse.Namespace
) -> str:
    """The command that goes on, as a shell reads it; with the options that were given.

    Where the space is exhausted, the family is what to go on with.
    """
    path = str(experiment.path)
    if history.is_exhausted:
        largest = [size.name for size in history.family() if size.trial][-1:]
        if not largest:
            return shlex.join(["vidnas", "front", str(history.folder)])
        if study_place(history.folder).path is None:  # no network is read from there
            address = str(study_place(history.folder))
            return shlex.join(["vidnas", "family", address, "--to", FAMILY_FOLDER])
        file = str(history.folder / FAMILY_FOLDER / f"{largest[0]}.yaml")
        return shlex.join(["vidnas", "train", file, "--experiment", path])
    words = ["vidnas", "search", path]
    for option in ("study", "seed", "workers", "address"):
        value = getattr(chosen, option)
        words += [] if value is None else [f"--{option}", str(value)]
    return shlex.join([*words, *_more(history, chosen)])


def _more(history: History, chosen: argparse.Namespace) -> list[str]:
    """The options that double the limit which ended a study, and keep the others."""
    name, more = history.doubled
    limits = {name: getattr(chosen, name) for name in LIMITS} | {name: more}
    stated = {name: most for name, most in limits.items() if most is not None}
    return [w for n, m in stated.items() for w in (option_of(n), str(rounded(m)))]


def option_of(limit: str) -> str:
    """The option that raises a limit of the effort."""
    return f"--{limit.replace('_', '-')}"


def _finish(
    history: History, experiment: Experiment, chosen: argparse.Namespace
) -> None:
    """Prints what was found, and writes family and report beside the journal.

    Raises:
        EvaluationError: no trial is done, so there is nothing to write.
    """
    folder = history.folder
    if not history.front().trials:
        if not chosen.json:
            say(_counts_text(history))
        raise EvaluationError(
            f"A front needs a trial done at {history.fidelity}, {folder} has none."
        )
    family = whole_family(history)
    going_on = next_command(history, experiment, chosen)
    if not chosen.json:
        say(_counts_text(history))
    places = write_results(history, family)
    if chosen.json:
        say_json(_facts(history, family, places, going_on))
    else:
        say(_findings_text(history, family, experiment, places, going_on))


def _facts(
    history: History, family: WholeFamily, places: Places, going_on: str
) -> dict[str, Any]:
    """What a script needs of a study that has run."""
    folder = history.folder
    return {
        "study": str(folder),
        "trials": {
            state: history.states[state] for state in ("done", "stopped", "failed")
        },
        "known": len(history.taken_over),
        "candidates": history.candidates,
        "effort": history.experiment.effort.trials,
        "limits": history.experiment.effort.to_document(),
        "spent": history.spent.to_document(),
        "reached": history.reached or None,
        "exhausted": history.is_exhausted,
        "refused": dict(history.refused),
        "seconds": history.seconds,
        **front_facts(history),
        "family": family_facts(family, history, places.family),
        "report": None if places.report is None else str(places.report),
        "next": going_on,
    }


def _counts_text(history: History) -> str:
    """How many trials there are, and how they ended."""
    states = [trial.state for trial in history.own]
    count = len(history.finished)
    stopped = (
        f"{states.count('stopped')} stopped by their curves, "
        if "stopped" in states
        else ""
    )
    tried = f" of {history.candidates} candidates" if history.has_rungs else ""
    lines = [
        f"{count} {'trial' if count == 1 else 'trials'}{tried}: "
        f"{states.count('done')} done, "
        f"{stopped}{states.count('failed')} failed, "
        f"in {format_duration(history.seconds)}"
    ]
    effort = history.experiment.effort.trials
    if history.is_exhausted and not history.reached:
        of = f" of {effort}" if effort else ""
        lines.append(
            f"stopped at {history.candidates}{of} candidates: no new one "
            "within the budgets was found"
        )
    elif history.reached not in ("", "trials"):
        lines.append(f"stopped by its effort: {history.reached_words}")
    met = clips_met(trial.measured for trial in history.own)
    if met:
        lines.append(f"clips met by one trial: {met} at most")
    if history.taken_over:
        lines.append(f"known from earlier studies: {len(history.taken_over)}")
    if history.baselines:
        states = [trial.state for trial in history.baselines]
        lines.append(
            f"baselines beside them: {states.count('done')} done, "
            f"{states.count('failed')} failed"
        )
    if history.refused:
        counts = ", ".join(f"{n} by {name}" for name, n in history.refused.items())
        lines.append(f"refused before training: {counts}")
    return "\n".join(lines)


def _findings_text(
    history: History,
    family: WholeFamily,
    experiment: Experiment,
    places: Places,
    going_on: str,
) -> str:
    """How rungs ranked, the front, the family, and what to do next."""
    front = history.front()
    accuracy = history.accuracy
    best = max(front.trials, key=lambda trial: trial.value(accuracy.name))
    doubt = history.chance.mark(best)
    return "\n".join(
        [
            *_rung_lines(history, _schedule(history, experiment)),
            f"\nfront (FLOPs are multiply-adds of one clip)\n{front_text(history)}",
            f"\nfamily\n{family_text(family, history)}",
            f"\nbest    {accuracy.text(best.value(accuracy.name))} {accuracy.label}"
            f"{doubt and f', {doubt}'}",
            f"family  {places.family or 'not written'}",
            f"report  {places.report or 'not written'}",
            f"next    {going_on}",
            *_seeds_line(history),
        ]
    )


def _seeds_line(history: History) -> list[str]:
    """The command that compares studies of several seeds, where others lie beside."""
    beside = seeds_beside(history.folder, history.head.identity.seed)
    if len(beside) < 2:
        return []
    return [f"seeds   {shlex.join(['vidnas', 'compare', *map(str, beside)])}"]


def _schedule(history: History, experiment: Experiment) -> Schedule:
    """The rungs, by the objectives that the study was run with."""
    return replace(experiment.schedule, objectives=history.objectives)


def _rung_lines(history: History, schedule: Schedule) -> list[str]:
    """A line for each rung whose ranking is known."""
    used = schedule.in_use(history.own)
    return [
        f"rung of {rung}: tau {tau:.2f} at equal FLOPs"
        f"{'' if rung in used else ', too low, so it was left out'}"
        for rung, tau in schedule.taus(history.own).items()
        if tau is not None
    ]

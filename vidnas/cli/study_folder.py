"""Where does a study lie? Beside its experiment, whatever folder one works in."""

import glob
from dataclasses import replace
from pathlib import Path

from vidnas.cli.output import note
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.history import JOURNAL_FILE, History, load_history

EXPERIMENTS = "experiments"  # a folder of a project that holds its experiment files
RUNS = "runs"
_SEED_MARK = "-seed"  # between the name of an experiment and its seed
_PACKAGE = Path(__file__).resolve().parents[1]


def study_folder(experiment: Experiment) -> Path:
    """`runs/NAME` of the project, or of this folder where the study was begun there."""
    stable = project_folder(experiment.path) / RUNS / experiment.name
    here = Path(RUNS) / experiment.name
    if here.resolve() != stable and not (stable / JOURNAL_FILE).exists():
        found = load_history(here) if (here / JOURNAL_FILE).exists() else None
        if found is not None and _is_of(found, experiment):
            note(f"study       in {here} of this folder, where it was begun")
            return here
    return as_seen_here(stable)


def seeded(experiment: Experiment, seed: int | None) -> Experiment:
    """The experiment under another seed, named so that its study has its own folder.

    Args:
        experiment: Experiment as its file says it.
        seed: Seed in place of the file's; None for the file's, and its name.
    """
    if seed is None:
        return experiment
    return replace(
        experiment,
        seed=seed,
        name=f"{experiment.name}{_SEED_MARK}{seed}",
        left_out=tuple(key for key in experiment.left_out if key != "seed"),
    )


def seeds_beside(folder: Path, seed: int) -> tuple[Path, ...]:
    """Studies of several seeds that lie beside one of them, itself included.

    Args:
        folder: Folder of the study, as `seeded` names it.
        seed: Seed of the study.
    """
    own = f"{_SEED_MARK}{seed}"
    if not folder.name.endswith(own):
        return ()
    begin = f"{folder.name.removesuffix(own)}{_SEED_MARK}"
    found = [
        (int(path.parent.name.removeprefix(begin)), path.parent)
        for path in folder.parent.glob(f"{glob.escape(begin)}*/{JOURNAL_FILE}")
        if path.parent.name.removeprefix(begin).isdecimal()
    ]
    return tuple(path for _, path in sorted(found))


def project_folder(experiment: Path) -> Path:
    """The folder of an experiment file; the one above where that is `experiments`.

    What is shipped with the package belongs to no project: there it is this folder.
    """
    # One that was named has its clips in this folder, too.
    if experiment.name == str(experiment) and not experiment.exists():
        return Path.cwd()
    folder = experiment.parent.resolve()
    if folder.is_relative_to(_PACKAGE):
        return Path.cwd()
    return folder.parent if folder.name == EXPERIMENTS else folder


def as_seen_here(path: Path) -> Path:
    """The path without this folder, where it lies below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _is_of(history: History, experiment: Experiment) -> bool:
    """Whether a study of the experiment's name is the experiment's own."""
    head, identity = history.head, experiment.identity()
    before = head.identity.to_document()
    is_same = all(before[name] == fact for name, fact in identity.items())
    same_clips = history.experiment.clips == experiment.clips.source
    return head.name == experiment.name and (is_same or same_clips)

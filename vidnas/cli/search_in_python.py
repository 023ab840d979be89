"""How is a search begun in Python? `vidnas.search("experiment.yaml", trials=48)`.

What carries it out is loaded when it is called.
"""

import math
import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from vidnas.errors import EvaluationError, InputError
from vidnas.files.mirror import errors_by_address, publish, study_named
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.history import JOURNAL_FILE, History, load_history
from vidnas.views.notebook import StudyView

if TYPE_CHECKING:
    from vidnas.cli.notebook_view import NotebookView
    from vidnas.cli.search_options import SearchOptions


def search(
    experiment: str | os.PathLike[str] | Experiment,
    *,
    trials: int | None = None,
    hours: float | None = None,
    gpu_hours: float | None = None,
    epochs: int | None = None,
    study: str | os.PathLike[str] | None = None,
    seed: int | None = None,
    workers: int | None = None,
    address: str | None = None,
    resume: str = "auto",
    retry_failed: bool = False,
) -> StudyView:
    """Runs a search, or goes on with it, as `vidnas search` does.

    It writes journal, family and report into the study's folder. In a notebook one
    card shows how it proceeds, elsewhere lines on stderr do. An interruption loses
    nothing that is finished, and the same call goes on: a notebook then gets the study
    as it stands, elsewhere KeyboardInterrupt is raised as ever.

    Args:
        experiment: Experiment file, the name of one that vidnas ships, or what
            `vidnas.load_experiment` gave.
        trials: Number of candidates, in all, in place of the file's.
        hours: Hours of work, breaks left out, in place of the file's [h].
        gpu_hours: Hours of GPUs in place of the file's [h].
        epochs: Number of epochs trained, by all trials, in place of the file's.
        study: Folder of the study or its address in an object store; by default
            `runs/NAME` beside the experiment, or beside its `experiments`.
        seed: Seed in place of the file's; the study is `NAME-seedN` then.
        workers: Number of trials side by side.
        address: Running Ray cluster, `auto` or `HOST:PORT`; None for this machine.
        resume: Whether to go on with a study that is there: `auto`, `must` or `never`.
        retry_failed: Whether trials that broken surroundings failed are tried again.

    Returns:
        The study, as `vidnas.open_study` gives it.

    Raises:
        InputError: the experiment or an argument is wrong.
        StudyError: the folder belongs to another experiment, or another search is
            writing to it.
        EvaluationError: no trial is done.
        SurroundingsError: what trials need broke several times in a row.
    """
    from vidnas.cli.search_options import RESUME, SearchOptions

    _require_whole(trials=trials, epochs=epochs, workers=workers)
    _require_whole(0, seed=seed)
    _require_positive(hours=hours, gpu_hours=gpu_hours)
    if resume not in RESUME:
        raise InputError(
            f"`resume` must be one of {', '.join(RESUME)}, got `{resume}`."
        )
    if not isinstance(experiment, Experiment):
        experiment = Path(experiment)
    options = SearchOptions(
        None if study is None else study_named(os.fspath(study)),
        trials=trials,
        hours=hours,
        gpu_hours=gpu_hours,
        epochs=epochs,
        resume=resume,
        retry_failed=retry_failed,
        seed=seed,
        workers=workers,
        address=address,
    )
    with errors_by_address():
        return StudyView(_searched(experiment, options))


def _searched(named: Path | Experiment, options: "SearchOptions") -> History:
    """The study once its search has ended, or was stopped in a notebook."""
    from vidnas.cli.notebook_view import NotebookView, in_notebook

    folders: list[Path] = []
    view = NotebookView() if in_notebook() else None
    try:
        with view or nullcontext():
            return _run(named, options, view, folders)
    except KeyboardInterrupt:
        # Elsewhere a loop over seeds, and the shell, must hear of it.
        begun = [folder for folder in folders if (folder / JOURNAL_FILE).exists()]
        if view is None or not begun:
            raise
        return load_history(begun[0])


def _run(
    named: Path | Experiment,
    options: "SearchOptions",
    view: "NotebookView | None",
    folders: list[Path],
) -> History:
    """Runs the search and writes what it found; puts its folder in a list before."""
    from vidnas.cli.output import note
    from vidnas.cli.progress import Progress
    from vidnas.cli.search_results import write_results
    from vidnas.study.family.networks import whole_family

    experiment = options.experiment(named)
    folder = options.folder(experiment)
    folders.append(folder)
    history = options.run(experiment, folder, Progress.of if view is None else view.of)
    if not history.front().trials:
        raise EvaluationError(
            f"A front needs a trial done at {history.fidelity}, {folder} has none."
        )
    places = write_results(history, whole_family(history))
    note(f"family      {places.family or 'not written'}")
    note(f"report      {places.report or 'not written'}")
    store = publish(folder)
    if store is not None:
        note(f"the study and what was written of it are in {store}")
    return history


def _require_whole(least: int = 1, **stated: int | None) -> None:
    for name, value in stated.items():
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (is_whole and value >= least):
            raise InputError(
                f"`{name}` must be a whole number of at least {least}, got {value!r}."
            )


def _require_positive(**stated: float | None) -> None:
    for name, value in stated.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (is_number and 0 < value < math.inf):
            raise InputError(f"`{name}` must be a number above 0, got {value!r}.")

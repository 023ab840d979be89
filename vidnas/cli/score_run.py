"""How does the command line run a study by a score? In this process, without videos."""

from pathlib import Path

from vidnas.cli.output import note
from vidnas.cli.own_folder import require_own_folder
from vidnas.cli.progress import Progress
from vidnas.cli.shown_run import Show, run_shown
from vidnas.cli.study_run import named_classes, note_plan, study_text, what_fits
from vidnas.errors import InputError
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.history import JOURNAL_FILE, History
from vidnas.study.study import Dataset, Study
from vidnas.study.workers.executor import Inline
from vidnas.trials.untrained import Scoring


def run_scores(
    experiment: Experiment,
    folder: Path,
    *,
    workers: int | None,
    address: str | None,
    show: Show = Progress.of,
) -> History:
    """Runs a study by a score, or goes on with it, and shows how it proceeds.

    Args:
        experiment: Experiment with a score.
        folder: Study folder.
        workers: Workers that were asked for; there are none.
        address: Ray cluster that was asked for; there is none.
        show: Function that gives what shows the progress of a study.

    Raises:
        InputError: workers or a cluster were asked for.
    """
    assert experiment.score is not None
    for option, value in (("--workers", workers), ("--address", address)):
        if value is not None:
            raise InputError(
                f"`{option}` must be left out of an experiment by a score, which "
                f"trains nothing, got {value}."
            )
    require_own_folder(folder, JOURNAL_FILE)
    _, fitting = what_fits(experiment, folder, [])
    classes, multi_label = named_classes(experiment, folder)
    source = experiment.clips.source
    dataset = Dataset(source, classes, 0, 0, multi_label=multi_label)
    with Study(experiment, dataset, folder) as study:
        note_plan(study.experiment, dataset, [], fitting, None)
        note(f"study       {study_text(study)}")
        for notice in study.notices:
            note(f"note        {notice}")
        return run_shown(study, Inline(), Scoring(experiment.score.name), show)

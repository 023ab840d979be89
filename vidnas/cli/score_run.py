"""How does the command line run a study by a score? In this process, without videos."""

from pathlib import Path

from vidnas.cli.output import note
from vidnas.cli.own_folder import require_own_folder
from vidnas.cli.progress import Progress
from vidnas.cli.stop_signals import stop_as_by_ctrl_c
from vidnas.cli.study_run import named_classes, note_plan, study_text, what_fits
from vidnas.errors import InputError
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.history import JOURNAL_FILE, History
from vidnas.study.study import Dataset, Study
from vidnas.study.workers.executor import Inline
from vidnas.trials.untrained import Scoring


def run_scores(
    experiment: Experiment, folder: Path, *, workers: int | None, address: str | None
) -> History:
    """Runs a study by a score, or goes on with it, and shows how it proceeds.

    Args:
        experiment: Experiment with a score.
        folder: Study folder.
        workers: Workers that were asked for; there are none.
        address: Ray cluster that was asked for; there is none.

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
        watching = Progress(
            study.trials,
            study.experiment.effort,
            1,
            experiment.schedule.rungs,
            study.experiment.objectives,
            study.spent,
        )
        scoring = Scoring(experiment.score.name)
        try:
            with stop_as_by_ctrl_c(), watching as progress:
                return study.run(Inline(), scoring, progress.hear)
        except KeyboardInterrupt:
            ended = sum(trial.state != "running" for trial in study.trials)
            note(f"{ended} finished trials are kept; the same command goes on.")
            raise

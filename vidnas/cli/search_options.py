"""What may a search be asked for beside its file? The same typed and in Python."""

import argparse
from dataclasses import dataclass, fields, replace
from pathlib import Path

from vidnas.cli.progress import Progress
from vidnas.cli.score_run import run_scores
from vidnas.cli.shown_run import Show
from vidnas.cli.study_folder import seeded, study_folder
from vidnas.cli.study_run import run_study, with_workers
from vidnas.errors import StudyError
from vidnas.files.mirror import study_path
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.reader import load_experiment
from vidnas.study.history import JOURNAL_FILE, History
from vidnas.trials.effort import LIMITS, Effort

RESUME = ("auto", "must", "never")


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What a search is asked for; None leaves to the file what it says.

    Args:
        study: Folder or address of the study; None for `runs/NAME` of the project.
        trials: Limit of candidates, in all.
        hours: Limit of hours of work, breaks left out [h].
        gpu_hours: Limit of hours of GPUs [h].
        epochs: Limit of epochs trained.
        resume: Whether to go on with a study that is there: `auto`, `must` or `never`.
        retry_failed: Whether trials that broken surroundings failed are tried again.
        seed: Seed in place of the file's.
        workers: Number of trials side by side.
        address: Running Ray cluster, `auto` or `HOST:PORT`.
    """

    study: Path | str | None = None
    trials: int | None = None
    hours: float | None = None
    gpu_hours: float | None = None
    epochs: int | None = None
    resume: str = "auto"
    retry_failed: bool = False
    seed: int | None = None
    workers: int | None = None
    address: str | None = None

    @classmethod
    def of(cls, chosen: argparse.Namespace) -> "SearchOptions":
        """The options of a command."""
        return cls(**{field.name: getattr(chosen, field.name) for field in fields(cls)})

    def experiment(self, named: Path | Experiment) -> Experiment:
        """The experiment as these options have it, each worker with its share.

        Args:
            named: Experiment, its file, or the name of one that is shipped.
        """
        found = named if isinstance(named, Experiment) else load_experiment(named)
        found = seeded(found, self.seed)
        if found.score is None:
            found = with_workers(found, self.workers, self.address)
        return replace(found, effort=self.effort(found))

    def effort(self, experiment: Experiment) -> Effort:
        """The effort of the file, with the limits that are stated here in their place.

        Where the file states none at all, those stated here are all there are.
        """
        limits = {name: getattr(self, name) for name in LIMITS}
        limits = {name: most for name, most in limits.items() if most is not None}
        silent = "effort.trials" in experiment.left_out
        return (Effort() if silent and limits else experiment.effort).raised(limits)

    def folder(self, experiment: Experiment) -> Path:
        """The study's folder here, of one in a store its mirror."""
        return study_path(self.study or study_folder(experiment), whole=True)

    def run(
        self, experiment: Experiment, folder: Path, show: Show = Progress.of
    ) -> History:
        """Runs the search in a folder, or goes on with it.

        Args:
            experiment: Experiment as these options have it.
            folder: Study folder.
            show: Function that gives what shows the progress of a study.

        Raises:
            StudyError: there is a study and must be none, or the other way round.
        """
        self._check_resume(folder)
        if experiment.score is not None:
            return run_scores(
                experiment,
                folder,
                workers=self.workers,
                address=self.address,
                show=show,
            )
        return run_study(
            experiment,
            folder,
            self.address,
            retry_failed=self.retry_failed,
            show=show,
        )

    def _check_resume(self, folder: Path) -> None:
        there = (folder / JOURNAL_FILE).exists()
        if self.resume == "must" and not there:
            raise StudyError(
                f"`--resume must` needs a study in {folder}, there is none."
            )
        if self.resume == "never" and there:
            raise StudyError(
                f"`--resume never` needs a new folder, {folder} holds a study already."
            )

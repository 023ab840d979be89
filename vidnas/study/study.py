"""How does a search run? Ask the strategy, hand out trials, write down what returns.

The journal is the only memory: a study that was killed, and one that is finished and
gets more trials, go on from its records as if nothing had happened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidnas.errors import StudyError
from vidnas.files.journal import JOURNAL_SCHEMA
from vidnas.files.same_clips import CLIPS, new_digests, without_digests
from vidnas.files.same_facts import require_same
from vidnas.files.yaml_file import dump_document
from vidnas.study.earlier_studies import (
    TakenOver,
    require_earlier_studies,
    take_over,
    taken_before,
)
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.recorded import CONTINUES, SCORE, FoundClips
from vidnas.study.history import JOURNAL_FILE, History, head_of, replay
from vidnas.study.ledger import Ledger
from vidnas.study.library_versions import library_versions
from vidnas.study.run.backlog import Backlog
from vidnas.study.run.curve_stops import CurveStops
from vidnas.study.run.desk import Listener, StudyDesk
from vidnas.study.run.next_trial import NextTrial
from vidnas.study.run.retention import Retention
from vidnas.study.same_space import as_begun
from vidnas.study.sessions import steady_clock, study_id
from vidnas.study.trial_log import TrialLog
from vidnas.study.workers.assignment import Assignment
from vidnas.study.workers.executor import Evaluate, Executor, takes_watch
from vidnas.trials.chance import Chance
from vidnas.trials.class_weights import require_known_classes
from vidnas.trials.effort import Spent
from vidnas.trials.objectives import Accuracy, Objectives, objectives_for
from vidnas.trials.recipe import CONTINUABLE
from vidnas.trials.trial import Source, Trial
from vidnas.version import __version__
from vidnas.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a study needs to know of its clips.

    Args:
        source: Class folders, or the document that names the dataset, as workers see
            it.
        classes: Names in label order.
        train_clips: Readable training clips.
        val_clips: Readable validation clips.
        val_counts: Those of each class; empty where only their sum is known.
        found: What was found about the clips, worst first; None where nobody looked.
        cache: What the clips of the cache are that trials are trained on; empty where
            videos are decoded.
        multi_label: Whether a clip may have several classes, or none.
        reading: Rule by which the folders were read and split, where it decides the
            clips; 0 where every rule gives the same.
        digests: Digests of the clips, `digest` of class, name and size and `content`,
            as far as they are known.
        changes: Function that tells in words which clips changed since the study was
            begun; it may not know.
    """

    source: str | Mapping[str, Any]
    classes: tuple[str, ...]
    train_clips: int
    val_clips: int
    val_counts: tuple[int, ...] = ()
    found: tuple[FoundClips, ...] | None = None
    cache: str = ""
    multi_label: bool = False
    reading: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    changes: Callable[[], str] = lambda: ""

    @property
    def chance(self) -> Chance:
        """What guessing reaches, by the accuracy of a study that names none."""
        return self.chance_of(objectives_for(self.multi_label).accuracy)

    def chance_of(self, accuracy: Accuracy) -> Chance:
        """What guessing reaches on the validation clips, by an accuracy."""
        clips = self.val_clips if self.multi_label else 0
        return Chance(len(self.classes), self.val_counts, accuracy, clips)

    def identity(self) -> dict[str, Any]:
        """What must not change while a study goes on; the folder may move."""
        return {
            "classes": list(self.classes),
            "train": self.train_clips,
            "val": self.val_clips,
            **({"cache": self.cache} if self.cache else {}),
            **({"reading": self.reading} if self.reading else {}),
            **self.digests,
        }


class Study:
    """One search run on one folder; a context manager that holds its journal.

    Args:
        experiment: Experiment to run.
        dataset: Clips that it names.
        folder: Study folder; made where absent, continued where it holds a journal.
        trials: Trials of the effort, in place of the experiment's.
        source: Source of the accuracies of this run's trials: `trained`, or
            `inherited` where `evaluate` takes weights from a supernet. Those of an
            experiment by a score are `estimated`.
        retry_failed: Whether failed trials are tried again that broken surroundings
            failed, in versions that recorded them so.
        clock: Function that tells the seconds since the epoch; None for
            `steady_clock`.

    Raises:
        StudyError: the folder belongs to another experiment, or another search is
            writing to it, or an earlier study is absent or of another task, or trials
            have no number for an objective.
        InputError: the clips have no such accuracy, or no such class.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        folder: Path,
        *,
        trials: int | None = None,
        source: Source = "trained",
        retry_failed: bool = False,
        clock: Callable[[], float] | None = None,
    ) -> None:
        require_known_classes(experiment.recipe.class_weights, dataset.classes)
        objectives = experiment.stated_objectives
        objectives = objectives or objectives_for(dataset.multi_label)
        experiment = experiment.with_numbers(
            len(dataset.classes),
            multi_label=dataset.multi_label,
            chance=dataset.chance_of(objectives.accuracy),
        )
        effort = experiment.effort.raised({"trials": trials} if trials else {})
        self.experiment = replace(experiment, effort=effort)
        self.folder = folder
        self._dataset = dataset
        batch = _batch(experiment, dataset)
        source = "estimated" if experiment.score else source
        accuracy = objectives.accuracy.name
        self._ledger = Ledger(
            folder,
            clock or steady_clock(),
            batch=batch,
            devices=experiment.workers.gpus_of_a_training,
            source=source,
            accuracy=accuracy,
        )
        try:
            _require_objectives(self._ledger.log, objectives, folder)
            identity = self._identity()
            earlier = require_earlier_studies(
                experiment.earlier_studies, identity, self._ledger.records
            )
            self._open(identity)
            self.reopened = self._ledger.reopen_broken() if retry_failed else []
            self._next = NextTrial(
                self.experiment,
                self._ledger,
                classes=len(dataset.classes),
                source=source,
            )
            self.taken_over = self._take_over(earlier)
            self._retention = Retention(folder, self.experiment, self._ledger)
        except BaseException:
            self._ledger.close()
            raise
        self.history = replay(folder, self._ledger.records)
        self.resumed = len(self.history.finished)

    def __enter__(self) -> "Study":
        return self

    def __exit__(self, *error: object) -> None:
        self._ledger.close()

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should hear of how the folder was found, a sentence each."""
        return tuple(self._ledger.notices)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials of candidates so far, by number, those taken over included."""
        return tuple(self._ledger.log.trials)

    def spent(self) -> Spent:
        """What the study has spent up to now."""
        return self._ledger.spent()

    def run(
        self, executor: Executor, evaluate: Evaluate, listener: Listener
    ) -> History:
        """Runs until the effort is spent or no new candidate is left.

        Baselines are trained first. They count towards no effort and no failure, and
        the strategy never hears of them.

        Args:
            executor: Executor that runs the trials.
            evaluate: Function that trains one architecture.
            listener: Function that hears of every trial as it starts and ends.

        Raises:
            EvaluationError: trial after trial failed and none was ever done.
            SurroundingsError: what trials need broke several times in a row.
        """
        for trial in self._ledger.adopt():
            if trial.state != "running":
                listener(trial)

        if takes_watch(evaluate):
            self._retention.open()
        desk = StudyDesk(
            self._ledger,
            self._next,
            Backlog(
                self.experiment,
                self._ledger,
                self._next,
                classes=len(self._dataset.classes),
            ),
            self._retention,
            CurveStops(self.experiment, self._ledger),
            self._assignment,
            self.experiment.effort,
            listener,
        )
        try:
            executor.run(desk, evaluate)
        finally:
            self._ledger.leave()
        self._next.require_hope()
        self.history = replay(self.folder, self._ledger.records)
        return self.history

    def _identity(self) -> dict[str, Any]:
        """What decides the meaning of a trial."""
        return {**self.experiment.identity(), "clips": self._dataset.identity()}

    def _take_over(
        self, earlier: tuple[tuple[str, History], ...]
    ) -> tuple[TakenOver, ...]:
        """Records what earlier studies know and this one does not; what was new."""
        space, budgets = self.experiment.space, self._next.budgets()
        before = taken_before(self._ledger.records)
        objectives, costs = self.experiment.objectives, self.experiment.costs
        found = take_over(earlier, space, budgets, self.trials, objectives, costs)
        news = tuple(t for t in found if t.trials or t.named not in before)
        for given in news:
            for trial in given.trials:
                number = self._ledger.log.next_number
                self._ledger.take_over(replace(trial, number=number))
            self._ledger.append("taken over", study=given.named, words=given.words)
        return news

    def _open(self, identity: Mapping[str, Any]) -> None:
        records = self._ledger.records
        document = self.experiment.to_document()
        if not records:
            self._ledger.append(
                "study",
                schema=JOURNAL_SCHEMA,
                vidnas=__version__,
                versions=library_versions(),
                name=self.experiment.name,
                identity=identity,
                experiment=document,
                classes=list(self._dataset.classes),
                **self._counts(),
            )
        else:
            head = head_of(self.folder / JOURNAL_FILE, records)
            begun = head.identity.to_document()
            self.experiment = as_begun(self.experiment, records[0], self.folder)
            document = self.experiment.to_document()
            new, notice = self._new_digests()
            require_same(
                {CONTINUES: False, SCORE: "", **without_digests(begun)},
                {
                    CONTINUES: False,
                    SCORE: "",
                    **without_digests({**identity, "space": begun["space"]}),
                },
                f"{self.folder} belongs to another experiment",
                "Bring back what it was, or give this one a folder of its own with "
                "--study.",
            )
            if new:
                self._ledger.append(CLIPS, **new)
                self._ledger.notices.append(notice)
            if head.experiment.document != document:
                self._ledger.append("resumed", vidnas=__version__, experiment=document)
        write_whole(self.folder / "experiment.yaml", dump_document(document))

    def _new_digests(self) -> tuple[dict[str, str], str]:
        """Digests to record and a notice of it; raises where one is another."""
        return new_digests(
            self._ledger.records,
            self._dataset.digests,
            self._dataset.changes,
            str(self.folder),
            "Bring back what they were, or give this study a folder of its own with "
            "--study.",
        )

    def _counts(self) -> dict[str, Any]:
        """Validation clips of each class, and what was found, where they are known."""
        counts, found = self._dataset.val_counts, self._dataset.found
        facts: dict[str, Any] = {"val_counts": list(counts)} if counts else {}
        if self._dataset.multi_label:
            facts["multi_label"] = True
        if found is not None:
            facts["found"] = [one.to_document() for one in found]
        return facts

    def _assignment(self, trial: Trial) -> Assignment:
        return Assignment(
            number=trial.number,
            architecture=trial.architecture,
            fidelity=trial.fidelity,
            recipe=self.experiment.recipe,
            dataset=self._dataset.source,
            seed=trial.seed,
            outbox=str(self._ledger.outbox),
            micro_batch=self._ledger.micro_batch(trial.number),
            accuracy=self.experiment.objectives.accuracy.name,
            checkpoint=self._retention.folder_of(trial.number),
            continues=self._retention.folder_of(trial.continues),
            leaves=self._retention.leaves(trial),
            study=study_id(self._ledger.records[0]),
            full_epochs=self._full_epochs(trial),
        )

    def _full_epochs(self, trial: Trial) -> int | None:
        """Epochs of full training, where the learning rate of a rung follows those."""
        full = self.experiment.fidelity.epochs
        is_part = trial.fidelity.epochs < full
        follows = self.experiment.recipe.schedule in CONTINUABLE
        return full if is_part and follows else None


def _batch(experiment: Experiment, dataset: Dataset) -> int:
    """Clips per step: no more than there are, where any are trained on."""
    batch = experiment.recipe.batch
    return min(batch, dataset.train_clips or batch)


def _require_objectives(log: TrialLog, objectives: Objectives, folder: Path) -> None:
    """Raises where trials were done for other objectives and cannot be compared."""
    for trial in (*log.baselines, *log.trials):
        if trial.state != "done" or objectives.are_known_of(trial):
            continue
        missing = [name for name in objectives.names if not trial.has(name)]
        raise StudyError(
            f"Every done trial must have `{missing[0]}` where it is an objective, "
            f"trial {trial.label} of {folder} has none. Bring back the objectives that "
            "were, or give this experiment a folder of its own with --study."
        )

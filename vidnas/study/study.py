"""How does a search run? Ask the strategy, hand out trials, write down what returns.

The journal is the only memory: a study that was killed, and one that is finished and
gets more trials, go on from its records as if nothing had happened.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.arrays import Floats
from vidnas.budgets.budget import Budgets
from vidnas.errors import EvaluationError
from vidnas.files.journal import JOURNAL_SCHEMA
from vidnas.files.same_facts import require_same
from vidnas.files.yaml_file import dump_document, write_whole
from vidnas.space.candidate import Candidate
from vidnas.strategies.starting_networks import without_starting_networks
from vidnas.strategies.strategy import Promising, SearchState
from vidnas.study.baseline_trials import Compared
from vidnas.study.earlier_studies import (
    TakenOver,
    completed,
    require_earlier_studies,
    take_over,
    taken_before,
)
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.history import History, replay
from vidnas.study.ledger import Ledger
from vidnas.study.memory_record import memory_pairs
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.executor import Evaluate, Executor
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.promotion import Job, Promise
from vidnas.trials.trial import Source, Trial
from vidnas.version import __version__

HOPELESS = 6  # so many failures in a run, and never a trial done, stop the study

Listener = Callable[[Trial], None]


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a study needs to know of its clips.

    Args:
        folder: Class folder, as workers see it.
        classes: Names in label order.
        train_clips: Readable training clips.
        val_clips: Readable validation clips.
    """

    folder: str
    classes: tuple[str, ...]
    train_clips: int
    val_clips: int

    def identity(self) -> dict[str, Any]:
        """What must not change while a study goes on; the folder may move."""
        return {
            "classes": list(self.classes),
            "train": self.train_clips,
            "val": self.val_clips,
        }


class Study:
    """One search run on one folder; a context manager that holds its journal.

    Args:
        experiment: What to search.
        dataset: The clips it names.
        folder: Study folder; made where absent, continued where it holds a journal.
        trials: Effort, candidates, in place of the experiment's.
        source: What gives the accuracies of this run's trials: `trained`, or
            `inherited` where `evaluate` takes weights from a supernet.
        clock: Seconds since the epoch.

    Raises:
        StudyError: the folder belongs to another experiment, or another search is
            writing to it, or an earlier study is absent or of another task.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        folder: Path,
        *,
        trials: int | None = None,
        source: Source = "trained",
        clock: Callable[[], float] = time.time,
    ) -> None:
        experiment = experiment.with_numbers(len(dataset.classes))
        self.experiment = replace(experiment, trials=trials or experiment.trials)
        self.folder = folder
        self._dataset = dataset
        self._source = source
        self._price = experiment.limits(len(dataset.classes)).price
        batch = min(experiment.recipe.batch, dataset.train_clips)
        self._ledger = Ledger(folder, clock, batch=batch)
        try:
            identity = self._identity()
            earlier = require_earlier_studies(
                experiment.earlier_studies, identity, self._ledger.records
            )
            self._open(identity)
            self.taken_over = self._take_over(earlier)
        except BaseException:
            self._ledger.close()
            raise
        self.history = replay(folder, self._ledger.records)
        self._interrupted = [t for t in self._told if t.state == "running"]
        self._compared = Compared(self.experiment, self._ledger, self._price)
        self._is_used_up = False  # no new candidate is left
        self.resumed = len(self.history.finished)
        self._failed_before = sum(t.state == "failed" for t in self._own)

    def __enter__(self) -> "Study":
        return self

    def __exit__(self, *error: object) -> None:
        self._ledger.close()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials of candidates so far, by number, known ones included."""
        return self._ledger.searched

    @property
    def _told(self) -> tuple[Trial, ...]:
        """What the strategy hears of: trials of one source of accuracy."""
        return tuple(t for t in self.trials if t.source == self._source)

    @property
    def _own(self) -> tuple[Trial, ...]:
        """Those of them that this study trains."""
        return tuple(trial for trial in self._told if not trial.taken_over_from)

    @property
    def _climbing(self) -> list[Trial]:
        """Its trials of networks whose full training is not known."""
        known = {trial.arch_id for trial in self._told if trial.taken_over_from}
        return [trial for trial in self._own if trial.arch_id not in known]

    def run(
        self, executor: Executor, evaluate: Evaluate, listener: Listener
    ) -> History:
        """Runs until the effort is spent or no new candidate is left.

        Baselines are trained first. They count towards no effort and no failure, and
        the strategy never hears of them.

        Args:
            executor: Runs the trials.
            evaluate: Trains one architecture.
            listener: Hears of every trial as it starts and ends, baselines included.

        Raises:
            EvaluationError: trial after trial failed and none was ever done.
        """
        for trial in (*self._ledger.adopt(), *self._ledger.interrupted()):
            if trial.state != "running":
                listener(trial)

        def supply() -> Assignment | None:
            while (trial := self._next()) is not None:
                listener(trial)
                twin = self._compared.twin(trial)
                if twin is None:
                    return self._assignment(trial)
                if twin.state != "running":
                    listener(self._finish_like(trial, twin))
                # Else it ends when its twin does.
            return None

        def report(outcome: Outcome) -> None:
            ended = self._ledger.finish(outcome)
            if ended.state == "running":  # it is to be tried again
                self._interrupted.append(ended)
                return
            listener(ended)
            for trial in self.trials:
                if trial.state == "running" and self._compared.twin(trial) == ended:
                    listener(self._finish_like(trial, ended))

        try:
            executor.run(supply, report, evaluate)
        finally:
            self._ledger.leave()
        self._require_hope()
        self.history = replay(self.folder, self._ledger.records)
        return self.history

    def _identity(self) -> dict[str, Any]:
        """What decides the meaning of a trial."""
        return {**self.experiment.identity(), "clips": self._dataset.identity()}

    def _take_over(
        self, earlier: tuple[tuple[str, History], ...]
    ) -> tuple[TakenOver, ...]:
        """Records what earlier studies know and this one does not; what was new."""
        space, budgets = self.experiment.space, self._budgets()
        before = taken_before(self._ledger.records)
        found = take_over(earlier, space, budgets, self.trials)
        news = tuple(t for t in found if t.trials or t.named not in before)
        for given in news:
            for trial in given.trials:
                self._ledger.take_over(replace(trial, number=len(self.trials)))
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
                name=self.experiment.name,
                identity=identity,
                experiment=document,
                classes=list(self._dataset.classes),
            )
        else:
            history = replay(self.folder, records)
            require_same(
                completed(history.head["identity"]),
                identity,
                f"{self.folder} belongs to another experiment",
                "Give this one a folder of its own with --study.",
            )
            if history.experiment != document:
                self._ledger.append("resumed", vidnas=__version__, experiment=document)
        write_whole(self.folder / "experiment.yaml", dump_document(document))

    def _next(self) -> Trial | None:
        """The next trial to start: a baseline, an interrupted one, a candidate's."""
        baseline = self._compared.next()
        if baseline is not None:
            return baseline
        if self._hopeless():
            return None
        while self._interrupted:
            trial = self._ledger[self._interrupted.pop(0).number]
            if trial.state == "running":  # not ended meanwhile
                return trial
        job = self.experiment.schedule.next_job(self._climbing, self._promise())
        if job.promoted is not None:
            return self._begin(job, job.promoted.candidate, {})
        return self._begin_candidate(job)

    def _promise(self) -> Promise | None:
        """How the strategy judges who goes on; None where it leaves that to rungs."""
        strategy = without_starting_networks(self.experiment.strategy)
        climbs = len(self.experiment.schedule.rungs) > 1
        if not climbs or not isinstance(strategy, Promising):
            return None

        def promise(waiting: Sequence[Trial], fidelity: Fidelity) -> Floats:
            return strategy.promise(
                SearchState(self.experiment.space, self._budgets(), self._told),
                np.random.default_rng([self.experiment.seed, len(self.trials), 3]),
                waiting,
                fidelity,
            )

        return promise

    def _budgets(self) -> Budgets:
        """The budgets now: what trials took so far corrects what is promised to fit."""
        classes = len(self._dataset.classes)
        if self.experiment.workers.memory is None:
            return self.experiment.limits(classes)
        told = (*self._ledger.baselines, *self.trials)
        told = tuple(trial for trial in told if trial.source == "trained")
        pairs = memory_pairs(told, classes, self.experiment.recipe)
        return self.experiment.limits(classes, [pair.ratio for pair in pairs])

    def _begin_candidate(self, job: Job) -> Trial | None:
        """The trial of a new candidate; None once the effort or the space is spent."""
        networks = len({trial.arch_id for trial in self._own})
        if networks >= self.experiment.trials or self._is_used_up:
            return None
        proposal = self.experiment.strategy.propose(
            SearchState(self.experiment.space, self._budgets(), self._told),
            np.random.default_rng([self.experiment.seed, len(self.trials)]),
            1,
        )
        refused = dict(proposal.refused)
        if not proposal.candidates:
            why = "no new candidate is left"
            self._ledger.append("ended", refused=refused, reason=why)
            self._is_used_up = True
            return None
        return self._begin(job, proposal.candidates[0], refused)

    def _begin(
        self, job: Job, candidate: Candidate, refused: Mapping[str, int]
    ) -> Trial:
        """The trial of a candidate, new or promoted, with a number and seed of its own.

        A promoted candidate starts anew: the luck of the seed that it was chosen by
        does not go on with it.
        """
        number = len(self.trials)
        architecture = self.experiment.space.decode(candidate)
        trial = Trial(
            number=number,
            candidate=candidate,
            architecture=architecture,
            fidelity=job.fidelity,
            seed=_trial_seed(self.experiment.seed, number),
            costs=self._price.one(architecture),
            source=self._source,
        )
        twin = self._compared.twin(trial)
        if twin is not None:
            trial = replace(trial, seed=twin.seed)
        return self._ledger.begin(trial, refused)

    def _finish_like(self, trial: Trial, twin: Trial) -> Trial:
        outcome = Outcome(trial.number, dict(twin.measured), twin.reason)
        return self._ledger.finish(outcome)

    def _assignment(self, trial: Trial) -> Assignment:
        return Assignment(
            number=trial.number,
            architecture=trial.architecture,
            fidelity=trial.fidelity,
            recipe=self.experiment.recipe,
            dataset=self._dataset.folder,
            seed=trial.seed,
            outbox=str(self._ledger.outbox),
            micro_batch=self._ledger.micro_batch(trial.number),
        )

    def _hopeless(self) -> bool:
        """Whether nothing ever worked; what failed in earlier runs may be mended."""
        states = [trial.state for trial in self._own]
        failed_now = states.count("failed") - self._failed_before
        return "done" not in states and failed_now >= HOPELESS

    def _require_hope(self) -> None:
        if self._hopeless():
            last = [t for t in self.trials if t.state == "failed"][-1]
            raise EvaluationError(
                f"{HOPELESS} trials failed and none was ever done, so the study was "
                f"stopped. The last reason: {last.reason}"
            )


def _trial_seed(seed: int, number: int) -> int:
    """Seed of a trial's weights and data order, apart from its proposal's."""
    return int(np.random.default_rng([seed, number, 1]).integers(2**31))

"""How does a search run? Ask the strategy, hand out trials, write down what returns.

The journal is the only memory: a study that was killed, and one that is finished and
gets more trials, go on from its records as if nothing had happened.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vidnas.core.errors import EvaluationError
from vidnas.core.trial import Trial
from vidnas.runs.documents import dump_document, write_whole
from vidnas.runs.experiment import Experiment
from vidnas.runs.identity import require_same
from vidnas.runs.journal import JOURNAL_SCHEMA, Journal
from vidnas.runs.replay import JOURNAL_FILE, History, replay
from vidnas.runs.work import Assignment, Evaluate, Outcome, clear, collect, left_for
from vidnas.version import __version__

HOPELESS = 6  # so many failures in a run, and never a trial done, stop the study

Supply = Callable[[], Assignment | None]
Report = Callable[[Outcome], None]
Listener = Callable[[Trial], None]


class Executor(Protocol):
    """Runs assignments side by side."""

    def run(self, supply: Supply, report: Report, evaluate: Evaluate) -> None:
        """Carries out assignments until `supply` has none left.

        Args:
            supply: The next assignment; None when there are no more.
            report: Receives each outcome, in any order, in this process.
            evaluate: Trains one architecture, in a worker.
        """
        ...


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
        trials: Effort, in place of the experiment's.
        clock: Seconds since the epoch.

    Raises:
        StudyError: the folder belongs to another experiment, or another search is
            writing to it.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        folder: Path,
        *,
        trials: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.experiment = replace(experiment, trials=trials or experiment.trials)
        self.folder = folder
        self._dataset = dataset
        self._clock = clock
        self._budgets = experiment.limits(len(dataset.classes))
        self._journal = Journal(folder / JOURNAL_FILE)
        try:
            self._open()
        except BaseException:
            self._journal.close()
            raise
        self.history = replay(folder, self._journal.records)
        self._outbox = folder.resolve() / "outbox"
        self._waiting = [t for t in self.history.trials if t.state == "running"]
        self._trials = {trial.number: trial for trial in self.history.trials}
        self.resumed = len(self.history.finished)
        self._failed_before = sum(t.state == "failed" for t in self.history.trials)

    def __enter__(self) -> "Study":
        return self

    def __exit__(self, *error: object) -> None:
        self._journal.close()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials so far, by number."""
        return tuple(self._trials[number] for number in sorted(self._trials))

    def run(
        self, executor: Executor, evaluate: Evaluate, listener: Listener
    ) -> History:
        """Runs until the effort is spent or no new candidate is left.

        Args:
            executor: Runs the trials.
            evaluate: Trains one architecture.
            listener: Hears of every trial as it starts and ends.

        Raises:
            EvaluationError: trial after trial failed and none was ever done.
        """
        self._adopt(listener)

        def supply() -> Assignment | None:
            trial = self._next()
            if trial is None:
                return None
            listener(trial)
            return self._assignment(trial)

        def report(outcome: Outcome) -> None:
            listener(self._record(outcome))

        executor.run(supply, report, evaluate)
        self._require_hope()
        self.history = replay(self.folder, self._journal.records)
        return self.history

    def _open(self) -> None:
        records = self._journal.records
        identity = {**self.experiment.identity(), "clips": self._dataset.identity()}
        document = self.experiment.to_document()
        if not records:
            self._append(
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
                history.head["identity"],
                identity,
                f"{self.folder} belongs to another experiment",
                "Give this one a folder of its own with --study.",
            )
            if history.experiment != document:
                self._append("resumed", vidnas=__version__, experiment=document)
        write_whole(self.folder / "experiment.yaml", dump_document(document))

    def _append(self, event: str, **facts: Any) -> None:
        self._journal.append({"event": event, "time": self._clock(), **facts})

    def _adopt(self, listener: Listener) -> None:
        """Records what workers finished after an earlier driver died."""
        running = {trial.number for trial in self._waiting}
        for outcome in collect(self._outbox):
            if outcome.number in running:
                listener(self._record(outcome))
            clear(self._outbox, outcome.number)
        self._waiting = [
            t for t in self._waiting if self._trials[t.number].state == "running"
        ]

    def _next(self) -> Trial | None:
        """The next trial to start: an interrupted one, or a new candidate's."""
        if self._hopeless():
            return None
        if self._waiting:
            return self._waiting.pop(0)
        number = len(self._trials)
        if number >= self.experiment.trials:
            return None
        proposal = self.experiment.strategy.propose(
            self.experiment.space,
            self._budgets,
            self.trials,
            np.random.default_rng([self.experiment.seed, number]),
            1,
        )
        refused = dict(proposal.refused)
        if not proposal.candidates:
            self._append("ended", refused=refused, reason="no new candidate is left")
            return None
        candidate = proposal.candidates[0]
        architecture = self.experiment.space.decode(candidate)
        costs = self._budgets.price(architecture).to_document()
        trial = Trial(
            number=number,
            candidate=candidate,
            architecture=architecture,
            fidelity=self.experiment.fidelity,
            seed=_trial_seed(self.experiment.seed, number),
            costs={name: float(value) for name, value in costs.items()},
        )
        self._append(
            "started",
            trial=number,
            candidate=list(candidate),
            arch_id=architecture.arch_id,
            architecture=architecture.to_document(),
            fidelity=trial.fidelity.to_document(),
            seed=trial.seed,
            costs=costs,
            refused=refused,
        )
        self._trials[number] = trial
        return trial

    def _assignment(self, trial: Trial) -> Assignment:
        return Assignment(
            number=trial.number,
            architecture=trial.architecture,
            fidelity=trial.fidelity,
            recipe=self.experiment.recipe,
            dataset=self._dataset.folder,
            seed=trial.seed,
            outbox=str(self._outbox),
        )

    def _record(self, outcome: Outcome) -> Trial:
        trial = self._trials[outcome.number]
        # A worker killed between its last step and its report has finished its trial.
        outcome = left_for(self._outbox, trial.number) or outcome
        if outcome.reason:
            trial = replace(trial, state="failed", reason=outcome.reason)
            self._append("failed", trial=trial.number, reason=outcome.reason)
        else:
            trial = replace(trial, state="done", measured=outcome.measured)
            self._append("done", trial=trial.number, measured=outcome.measured)
        self._trials[trial.number] = trial
        clear(self._outbox, trial.number)
        return trial

    def _hopeless(self) -> bool:
        """Whether nothing ever worked; what failed in earlier runs may be mended."""
        states = [trial.state for trial in self._trials.values()]
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

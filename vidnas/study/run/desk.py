"""What does a study do while it runs? It hands out trials and writes what returns."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from vidnas.study.ledger import Ledger
from vidnas.study.run.backlog import Backlog
from vidnas.study.run.curve_stops import CurveStops
from vidnas.study.run.next_trial import NextTrial
from vidnas.study.run.retention import Retention
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.trials.effort import Effort
from vidnas.trials.news import EpochEnd, Placed
from vidnas.trials.trial import Trial

Listener = Callable[[Trial], None]


class StudyDesk:
    """The desk of one run of a study; see `vidnas.study.workers.executor.Desk`.

    Args:
        ledger: Trials of the study.
        next_trial: Begins one trial after the other.
        backlog: Finds a group of workers for each.
        retention: What is kept of trainings.
        stops: Which trials are stopped by their curves.
        assignment: Function that gives the assignment of a trial.
        effort: What the study may spend.
        listener: Function that hears of every trial as it starts and ends.
    """

    def __init__(
        self,
        ledger: Ledger,
        next_trial: NextTrial,
        backlog: Backlog,
        retention: Retention,
        stops: CurveStops,
        assignment: Callable[[Trial], Assignment],
        effort: Effort,
        listener: Listener,
    ) -> None:
        self._ledger = ledger
        self._next = next_trial
        self._backlog = backlog
        self._retention = retention
        self._stops = stops
        self._assignment = assignment
        self._effort = effort
        self._listener = listener
        self._reached_hours: float | None = None  # worked when the effort was spent

    def next(self, free: Sequence[str] = ("",)) -> Assignment | None:
        """The next assignment; None while there is none."""
        while (found := self._backlog.next(free)) is not None:
            trial, group = found
            self._listener(trial)
            twin = self._twin(trial)
            if twin is None and self._stops.judge(trial.number):
                self._stop(trial.number)  # its driver died before it was recorded
            elif twin is None:
                return replace(self._assignment(trial), group=group)
            elif twin.state != "running":
                self._listener(self._finish_like(trial, twin))
            # Else it ends when its twin does.
        return None

    def placed(self, placed: Placed) -> None:
        """Records which worker has taken a trial."""
        self._ledger.place(placed)

    def hear(self, epoch: EpochEnd) -> bool:
        """Records an epoch; whether the training is to go on."""
        self._ledger.note_epoch(epoch)
        is_stopped = self._stops.judge(epoch.number)
        return not (is_stopped or self.is_over())

    def report(self, outcome: Outcome) -> None:
        """Records an outcome, or that its trial is to be tried again."""
        if outcome.notice:
            self._ledger.notice(outcome.notice)
        if outcome.cause == "stopped" and self._stops.verdict_on(outcome.number):
            self._stop(outcome.number)
            return
        is_larger = outcome.cause == "memory" and self._backlog.outgrows(outcome.number)
        ended = self._ledger.finish(
            self._next.judge(outcome),
            is_larger=is_larger,
            devices=self._backlog.devices_of(outcome.number),
        )
        if ended.state == "running":  # it is to be tried again
            self._next.try_again(ended)
            return
        self._end(ended)
        self._listener(ended)
        for trial in self._ledger.log.running if ended.baseline else ():
            if self._twin(trial) == ended:
                self._listener(self._finish_like(trial, ended))

    def is_over(self) -> bool:
        """Whether running trials are to be stopped."""
        if self._effort.grace_minutes is None:
            return False
        spent = self._ledger.spent()
        if self._reached_hours is None:
            if not self._effort.runs_out(spent):
                return False
            self._reached_hours = spent.hours
        return 60 * (spent.hours - self._reached_hours) >= self._effort.grace_minutes

    def _stop(self, number: int) -> None:
        verdict = self._stops.verdict_on(number)
        assert verdict is not None
        stopped = self._ledger.stop(number, verdict)
        self._end(stopped)
        self._listener(stopped)

    def _end(self, ended: Trial) -> None:
        self._retention.end(ended)
        self._stops.end(ended)

    def _twin(self, trial: Trial) -> Trial | None:
        return self._next.baselines.twin(trial)

    def _finish_like(self, trial: Trial, twin: Trial) -> Trial:
        outcome = Outcome(trial.number, dict(twin.measured), twin.reason)
        ended = self._ledger.finish(outcome)
        self._end(ended)
        return ended

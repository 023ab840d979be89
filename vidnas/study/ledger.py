"""What has a study begun and finished? Its trials and its journal, kept in step."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from vidnas.errors import EvaluationError, JournalError, StudyError
from vidnas.files.journal import Journal
from vidnas.files.mirror import study_place
from vidnas.files.no_link import require_no_link
from vidnas.study.accounts import Accounts
from vidnas.study.collector import collector_off
from vidnas.study.experiment.record_lines import RecordLines
from vidnas.study.experiment.recorded_trials import Curve, recorded_trials
from vidnas.study.history import JOURNAL_FILE
from vidnas.study.sessions import OPENED
from vidnas.study.trial_log import TrialLog
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.outbox import (
    LeftOutcome,
    clear,
    collect,
    foreign_files,
    leave,
    left_for,
    set_aside,
)
from vidnas.trials.attempt import UNTRIED, Attempt
from vidnas.trials.effort import Spent
from vidnas.trials.measured import checked_numbers
from vidnas.trials.news import EpochEnd, Placed
from vidnas.trials.stopping import Verdict
from vidnas.trials.surroundings import was_of_surroundings
from vidnas.trials.trial import TOP1, Source, Trial

_Spent = Mapping[str, Any]  # `spent` of a record of an end, or nothing


class Ledger:
    """Every trial of a study, baselines included; a record for every change.

    Args:
        folder: Study folder.
        clock: Seconds since the epoch.
        batch: Clips per step of every trial.
        devices: Devices that share a batch, where nothing else is said of a trial's.
        source: Source of the accuracies of this run's trials.
        accuracy: Name of the study's accuracy.

    Raises:
        StudyError: another search is writing to the journal.
        JournalError: the journal is damaged.
    """

    @collector_off()
    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float],
        *,
        batch: int,
        devices: int = 1,
        source: Source = "trained",
        accuracy: str = TOP1.name,
    ) -> None:
        self._clock = clock
        self._accuracy = accuracy
        self._batch = batch
        self._devices = devices
        self._journal = Journal(folder / JOURNAL_FILE, RecordLines())
        self.records = self._journal.records
        self._opened = clock() if self.records else None
        self.notices = self._journal.notices
        self.outbox = study_place(folder).child("outbox")
        try:
            if self.outbox.path is not None:
                require_no_link(self.outbox.path)
            recorded = recorded_trials(folder / JOURNAL_FILE, self.records)
            self._trials, self._attempts = recorded.trials, recorded.attempts
            self._curves = recorded.curves
            self._accounts = Accounts(self.records)
            self.log = TrialLog.of(self._trials, source)
            self._note_strays()
        except BaseException:
            self.close()
            raise

    def __getitem__(self, number: int) -> Trial:
        return self._trials[number]

    def close(self) -> None:
        """Releases the journal."""
        self._journal.close()

    def append(self, event: str, **facts: Any) -> None:
        """Adds a record that is no trial's."""
        record = {"event": event, "time": self._clock(), **facts}
        if self._opened is not None:
            record[OPENED] = self._opened
        self._journal.append(record)
        self._accounts.take(record)
        self._opened = None

    def spent(self) -> Spent:
        """What the study has spent up to now."""
        networks = self.log.networks
        return replace(self._accounts.spent(self._clock()), trials=networks)

    def begin(self, trial: Trial, refused: Mapping[str, int]) -> Trial:
        """Records a trial that starts.

        Args:
            trial: The trial, running.
            refused: Candidates that each budget refused before this one.
        """
        set_aside(self.outbox, trial.number)
        self.append("started", **_facts(trial), refused=dict(refused))
        self._put(trial)
        return trial

    def place(self, placed: Placed) -> None:
        """Records which worker has taken a trial."""
        facts = {k: v for k, v in asdict(placed).items() if v and k != "number"}
        self.append("placed", trial=placed.number, **facts)

    def note_epoch(self, epoch: EpochEnd) -> None:
        """Records an epoch of a trial that runs, once: one that goes on repeats it."""
        report = {k: v for k, v in epoch.report.items() if math.isfinite(v)}
        if self.curve(epoch.number).get(epoch.epoch) == report:
            return
        self.append("epoch", trial=epoch.number, epoch=epoch.epoch, **report)
        self._curves.setdefault(epoch.number, {})[epoch.epoch] = report

    def notice(self, sentence: str) -> None:
        """Records what the user should hear of, once."""
        if sentence not in self.notices:
            self.append("notice", notice=sentence)
            self.notices.append(sentence)

    def curve(self, number: int) -> Curve:
        """Reports of the epochs of a trial so far, by epoch from 1."""
        return self._curves.get(number, {})

    def take_over(self, trial: Trial) -> None:
        """Records a trial that another study has done."""
        measured = dict(trial.measured)
        self.append(
            "known", **_facts(trial), known=trial.taken_over_from, measured=measured
        )
        self._put(trial)

    def finish(
        self, outcome: Outcome, *, is_larger: bool = False, devices: int = 0
    ) -> Trial:
        """Records how a trial ended, or that it is to be tried again: then it runs on.

        One that ran out of memory, or whose worker died, is tried again as
        `vidnas.trials.attempt` says, until nothing is left to try; one that the
        surroundings broke is as if it had not been tried.

        Args:
            outcome: How it ended.
            is_larger: Whether, where memory ran out, a worker with more is next.
            devices: Devices that shared a batch of it; 0 for what the study has.

        Raises:
            JournalError: the journal was taken from under this process; the outcome
                is in the outbox.
        """
        trial = self._trials[outcome.number]
        # A worker killed between its last step and its report has finished its trial.
        left = left_for(self.outbox, trial.number, self._accuracy)
        if left is not None and left.is_of(trial.arch_id, trial.seed):
            outcome = replace(left.outcome, seconds=outcome.seconds)
        outcome = _checked(outcome, self._accuracy)
        try:
            trial = self._record(trial, outcome, is_larger, devices or self._devices)
        except (JournalError, OSError) as wrong:
            with suppress(OSError, StudyError):
                leave(outcome, self.outbox, arch_id=trial.arch_id, seed=trial.seed)
            if not isinstance(wrong, JournalError):
                raise
            raise JournalError(
                f"{wrong} The outcome of trial {trial.label} is in {self.outbox}; the "
                "same command goes on from there."
            ) from wrong
        self._put(trial)
        clear(self.outbox, trial.number)
        return trial

    def stop(self, number: int, verdict: Verdict) -> Trial:
        """Records a trial that its study stopped by its curve.

        Args:
            number: Number of the trial.
            verdict: Why.
        """
        reason = f"stopped by its curve {verdict.words}"
        self.append("stopped", trial=number, reason=reason, **asdict(verdict))
        trial = replace(self._trials[number], state="stopped", reason=reason)
        self._put(trial)
        clear(self.outbox, number)
        return trial

    def _record(
        self, trial: Trial, outcome: Outcome, is_larger: bool, devices: int
    ) -> Trial:
        """The trial after an outcome that the journal now holds."""
        attempt = self.attempt(trial.number)
        again = attempt.after(
            outcome.cause, self._batch, is_larger=is_larger, devices=devices
        )
        spent = self._accounts.spent_of(trial.number, outcome.seconds, self._clock())
        if outcome.cause in UNTRIED:
            return self._interrupt(trial, outcome, spent)
        if again is not None:
            return self._retry(trial, again, outcome, spent)
        if outcome.reason:
            reason = _last_reason(outcome, attempt, devices)
            tried = {"measured": attempt.measured} if attempt.measured else {}
            self.append("failed", trial=trial.number, reason=reason, **tried, **spent)
            return replace(
                trial, state="failed", reason=reason, measured=attempt.measured
            )
        measured = {**outcome.measured, **attempt.measured}
        self.append("done", trial=trial.number, measured=measured, **spent)
        return replace(trial, state="done", measured=measured, reason="")

    def reopen_broken(self) -> list[Trial]:
        """Records that failed trials are to be tried again, if surroundings broke them.

        Journals of before have such failures; so have those in which a killed driver
        counted as the death of its trials.
        """
        broken = [
            trial
            for trial in self._trials.values()
            if trial.state == "failed" and was_of_surroundings(trial.reason)
        ]
        for trial in broken:
            self.append("reopened", trial=trial.number, reason=trial.reason)
            self._attempts.pop(trial.number, None)
            self._put(replace(trial, state="running", measured={}))
        return broken

    def attempt(self, number: int) -> Attempt:
        """How a trial is being tried."""
        return self._attempts.get(number, Attempt(self._batch))

    def micro_batch(self, number: int) -> int | None:
        """Clips of a trial that are in memory at once; None for the whole batch."""
        clips = self.attempt(number).micro_batch
        return clips if clips < self._batch else None

    def leave(self) -> None:
        """Says, where trials run on, that the driver has ended."""
        if self._journal.is_lost:
            return
        if any(t.state == "running" for t in (*self.log.baselines, *self.log.running)):
            self.append("left")

    def _put(self, trial: Trial) -> None:
        self._trials[trial.number] = trial
        self.log.put(trial)

    def _interrupt(self, trial: Trial, outcome: Outcome, spent: _Spent) -> Trial:
        place = f" on {outcome.host}" if outcome.host else ""
        reason = f"{outcome.reason}{place}; tried again"
        if outcome.cause == "stopped":
            reason = "the effort is spent; it goes on once that is raised"
        self.append(
            "interrupted",
            trial=trial.number,
            cause=outcome.cause,
            reason=reason,
            **spent,
        )
        return replace(trial, reason=reason)

    def _retry(
        self, trial: Trial, attempt: Attempt, outcome: Outcome, spent: _Spent
    ) -> Trial:
        reason = f"{outcome.reason}; tried again"
        if attempt.micro_batch < self._batch:
            reason += f" in micro-batches of {attempt.micro_batch}"
        self.append(
            "retried",
            trial=trial.number,
            cause=outcome.cause,
            reason=reason,
            **asdict(attempt),
            **spent,
        )
        self._attempts[trial.number] = attempt
        return replace(trial, reason=reason)

    def adopt(self) -> list[Trial]:
        """Records what workers finished after an earlier driver died."""
        adopted = []
        for left in collect(self.outbox, self._accuracy):
            trial = self._trials.get(left.outcome.number)
            if trial is None or not left.is_of(trial.arch_id, trial.seed):
                continue
            if trial.state == "running":
                adopted.append(self.finish(left.outcome))
            elif _is_told(trial, left):  # a kill came before `clear`
                clear(self.outbox, trial.number)
        return adopted

    def _note_strays(self) -> None:
        """Says what lies in the outbox and is none of a running trial's outcomes."""
        strays = foreign_files(self.outbox, self._accuracy)
        for left in collect(self.outbox, self._accuracy):
            trial = self._trials.get(left.outcome.number)
            if trial is None or not left.is_of(trial.arch_id, trial.seed):
                strays.append(f"{left.outcome.number}.json")
            elif trial.state != "running" and not _is_told(trial, left):
                strays.append(f"{trial.number}.json")
        if strays:
            named = ", ".join(strays[:3]) + (", ..." if len(strays) > 3 else "")
            self.notices.append(
                f"{len(strays)} file{'s' if len(strays) != 1 else ''} in {self.outbox} "
                f"belong{'s' if len(strays) == 1 else ''} to no trial that runs, so "
                f"nothing is taken from there: {named}"
            )


def _is_told(trial: Trial, left: LeftOutcome) -> bool:
    """Whether the journal holds an outcome already."""
    return left.outcome.measured.items() <= trial.measured.items()


def _facts(trial: Trial) -> dict[str, Any]:
    """What a record says of a trial before it has ended."""
    named = {"baseline": trial.baseline} if trial.baseline else {}
    if trial.source != "trained":
        named["source"] = trial.source
    goes_on = {} if trial.continues is None else {"continues": trial.continues}
    again = {} if trial.repeats is None else {"repeats": trial.repeats}
    return {
        "trial": trial.number,
        **named,
        "candidate": list(trial.candidate),
        "arch_id": trial.arch_id,
        "architecture": trial.architecture,
        "fidelity": trial.fidelity.to_document(),
        "seed": trial.seed,
        "costs": dict(trial.costs),
        **goes_on,
        **again,
    }


def _checked(outcome: Outcome, accuracy: str) -> Outcome:
    """The outcome, failed where no journal can hold what it measured."""
    if outcome.reason or outcome.cause:
        return outcome
    try:
        return replace(outcome, measured=checked_numbers(outcome.measured, accuracy))
    except EvaluationError as wrong:
        return replace(outcome, measured={}, reason=str(wrong))


def _last_reason(outcome: Outcome, attempt: Attempt, devices: int) -> str:
    """Why a trial failed for good."""
    if outcome.cause == "memory" and devices > 1:
        return f"out of memory at micro-batch {devices}, one clip of each device"
    if outcome.cause == "memory":
        return "out of memory at micro-batch 1"
    if outcome.cause == "killed":
        return f"the worker died {attempt.deaths + 1} times: {outcome.reason}"
    return outcome.reason

"""What has a study begun and finished? Its trials and its journal, kept in step."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from vidnas.files.journal import Journal
from vidnas.study.history import JOURNAL_FILE, attempts_in, trials_in
from vidnas.study.sessions import OPENED
from vidnas.study.trial_log import TrialLog
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.outbox import clear, collect, left_for
from vidnas.trials.attempt import Attempt
from vidnas.trials.trial import Source, Trial


class Ledger:
    """Every trial of a study, baselines included; a record for every change.

    Args:
        folder: Study folder.
        clock: Seconds since the epoch.
        batch: Clips per step of every trial.
        source: Source of the accuracies of this run's trials.

    Raises:
        StudyError: another search is writing to the journal.
        JournalError: the journal is damaged.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float],
        *,
        batch: int,
        source: Source = "trained",
    ) -> None:
        self._clock = clock
        self._batch = batch
        self._source: Source = source
        self._log: TrialLog | None = None
        self._journal = Journal(folder / JOURNAL_FILE)
        self.records = self._journal.records
        self._opened = clock() if self.records else None
        self.outbox = folder.resolve() / "outbox"
        # A driver that was not killed says so when it leaves trials behind.
        self._killed = bool(self.records) and self.records[-1]["event"] != "left"
        try:
            self._trials = trials_in(folder, self.records)
            self._attempts = attempts_in(self.records)
        except BaseException:
            self.close()
            raise

    def __getitem__(self, number: int) -> Trial:
        return self._trials[number]

    @property
    def log(self) -> TrialLog:
        """All trials as they stand now, sorted out once after every change."""
        if self._log is None:
            self._log = TrialLog.of(self._trials, self._source)
        return self._log

    def close(self) -> None:
        """Releases the journal."""
        self._journal.close()

    def append(self, event: str, **facts: Any) -> None:
        """Adds a record that is no trial's."""
        record = {"event": event, "time": self._clock(), **facts}
        if self._opened is not None:
            record[OPENED] = self._opened
        self._journal.append(record)
        self._opened = None

    def begin(self, trial: Trial, refused: Mapping[str, int]) -> Trial:
        """Records a trial that starts.

        Args:
            trial: The trial, running.
            refused: Candidates that each budget refused before this one.
        """
        self.append("started", **_facts(trial), refused=dict(refused))
        self._put(trial)
        return trial

    def take_over(self, trial: Trial) -> None:
        """Records a trial that another study has done."""
        measured = dict(trial.measured)
        self.append(
            "known", **_facts(trial), known=trial.taken_over_from, measured=measured
        )
        self._put(trial)

    def finish(self, outcome: Outcome) -> Trial:
        """Records how a trial ended, or that it is to be tried again: then it runs on.

        One that ran out of memory, or whose workers died, is tried again as
        `vidnas.trials.attempt` says, until nothing is left to try.
        """
        trial = self._trials[outcome.number]
        # A worker killed between its last step and its report has finished its trial.
        outcome = left_for(self.outbox, trial.number) or outcome
        attempt = self.attempt(trial.number)
        again = attempt.after(outcome.cause, self._batch)
        if again is not None:
            trial = self._retry(trial, again, outcome)
        elif outcome.reason:
            reason = _last_reason(outcome)
            trial = replace(
                trial, state="failed", reason=reason, measured=attempt.measured
            )
            tried = {"measured": attempt.measured} if attempt.measured else {}
            self.append("failed", trial=trial.number, reason=reason, **tried)
        else:
            measured = {**outcome.measured, **attempt.measured}
            trial = replace(trial, state="done", measured=measured, reason="")
            self.append("done", trial=trial.number, measured=measured)
        self._put(trial)
        clear(self.outbox, trial.number)
        return trial

    def attempt(self, number: int) -> Attempt:
        """How a trial is being tried."""
        return self._attempts.get(number, Attempt(self._batch))

    def micro_batch(self, number: int) -> int | None:
        """Clips of a trial that are in memory at once; None for the whole batch."""
        clips = self.attempt(number).micro_batch
        return clips if clips < self._batch else None

    def leave(self) -> None:
        """Says, where trials run on, that it was no kill that ended the driver."""
        self._killed = False
        if any(trial.state == "running" for trial in self._trials.values()):
            self.append("left")

    def end_interrupted(self) -> list[Trial]:
        """Records the trials that were running when an earlier driver was killed.

        One that took its whole host with it, twice, must not do so for ever.
        """
        if not self._killed:
            return []
        self._killed = False
        running = [t.number for t in self._trials.values() if t.state == "running"]
        why = "the study was killed"
        return [self.finish(Outcome(n, {}, why, "killed")) for n in running]

    def _put(self, trial: Trial) -> None:
        self._trials[trial.number] = trial
        self._log = None

    def _retry(self, trial: Trial, attempt: Attempt, outcome: Outcome) -> Trial:
        self._attempts[trial.number] = attempt
        reason = f"{outcome.reason}; tried again"
        if attempt.micro_batch < self._batch:
            reason += f" in micro-batches of {attempt.micro_batch}"
        self.append(
            "retried",
            trial=trial.number,
            cause=outcome.cause,
            reason=reason,
            **asdict(attempt),
        )
        return replace(trial, reason=reason)

    def adopt(self) -> list[Trial]:
        """Records what workers finished after an earlier driver died."""
        adopted = []
        for outcome in collect(self.outbox):
            trial = self._trials.get(outcome.number)
            if trial is not None and trial.state == "running":
                adopted.append(self.finish(outcome))
            clear(self.outbox, outcome.number)
        return adopted


def _facts(trial: Trial) -> dict[str, Any]:
    """What a record says of a trial before it has ended."""
    named = {"baseline": trial.baseline} if trial.baseline else {}
    if trial.source != "trained":
        named["source"] = trial.source
    return {
        "trial": trial.number,
        **named,
        "candidate": list(trial.candidate),
        "arch_id": trial.arch_id,
        "architecture": trial.architecture.to_document(),
        "fidelity": trial.fidelity.to_document(),
        "seed": trial.seed,
        "costs": dict(trial.costs),
    }


def _last_reason(outcome: Outcome) -> str:
    """Why a trial failed for good."""
    if outcome.cause == "memory":
        return "out of memory at micro-batch 1"
    if outcome.cause == "killed":
        return f"{outcome.reason} at micro-batch 1"
    return outcome.reason

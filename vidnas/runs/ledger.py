"""What has a study begun and finished? Its trials and its journal, kept in step."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidnas.core.trial import Trial
from vidnas.runs.journal import Journal
from vidnas.runs.replay import JOURNAL_FILE, trials_told
from vidnas.runs.work import Outcome, clear, collect, left_for


class Ledger:
    """Every trial of a study, baselines included; a record for every change.

    Args:
        folder: Study folder.
        clock: Seconds since the epoch.

    Raises:
        StudyError: another search is writing to the journal.
        JournalError: the journal is damaged.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._journal = Journal(folder / JOURNAL_FILE)
        self.records = self._journal.records
        self.outbox = folder.resolve() / "outbox"
        try:
            self._trials = trials_told(folder, self.records)
        except BaseException:
            self.close()
            raise

    def __getitem__(self, number: int) -> Trial:
        return self._trials[number]

    @property
    def searched(self) -> tuple[Trial, ...]:
        """Trials of candidates, by number."""
        return tuple(self._trials[n] for n in sorted(self._trials) if n >= 0)

    @property
    def baselines(self) -> tuple[Trial, ...]:
        """Trials of baselines, the first begun first."""
        return tuple(self._trials[n] for n in sorted(self._trials)[::-1] if n < 0)

    def close(self) -> None:
        """Releases the journal."""
        self._journal.close()

    def append(self, event: str, **facts: Any) -> None:
        """Adds a record that is no trial's."""
        self._journal.append({"event": event, "time": self._clock(), **facts})

    def begin(self, trial: Trial, refused: Mapping[str, int]) -> Trial:
        """Records a trial that starts.

        Args:
            trial: The trial, running.
            refused: Candidates that each budget refused before this one.
        """
        named = {"baseline": trial.baseline} if trial.baseline else {}
        self.append(
            "started",
            trial=trial.number,
            **named,
            candidate=list(trial.candidate),
            arch_id=trial.arch_id,
            architecture=trial.architecture.to_document(),
            fidelity=trial.fidelity.to_document(),
            seed=trial.seed,
            costs=dict(trial.costs),
            refused=dict(refused),
        )
        self._trials[trial.number] = trial
        return trial

    def finish(self, outcome: Outcome) -> Trial:
        """Records how a trial ended."""
        trial = self._trials[outcome.number]
        # A worker killed between its last step and its report has finished its trial.
        outcome = left_for(self.outbox, trial.number) or outcome
        if outcome.reason:
            trial = replace(trial, state="failed", reason=outcome.reason)
            self.append("failed", trial=trial.number, reason=outcome.reason)
        else:
            trial = replace(trial, state="done", measured=outcome.measured)
            self.append("done", trial=trial.number, measured=outcome.measured)
        self._trials[trial.number] = trial
        clear(self.outbox, trial.number)
        return trial

    def adopt(self) -> list[Trial]:
        """Records what workers finished after an earlier driver died."""
        adopted = []
        for outcome in collect(self.outbox):
            trial = self._trials.get(outcome.number)
            if trial is not None and trial.state == "running":
                adopted.append(self.finish(outcome))
            clear(self.outbox, outcome.number)
        return adopted

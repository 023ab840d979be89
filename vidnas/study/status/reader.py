"""How is the status of a study kept up to date? With each record of its journal."""

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vidnas.errors import JournalError
from vidnas.files.attendance import silent_seconds, writer_of
from vidnas.files.journal import Record
from vidnas.files.lease import Holder
from vidnas.files.mirror import by_address
from vidnas.study.accounts import HOUR, Accounts
from vidnas.study.experiment.recorded import Head, read_head
from vidnas.study.experiment.recorded_trials import RecordedTrials, require_head
from vidnas.study.history import JOURNAL_FILE, require_study
from vidnas.study.status.status import (
    Failure,
    GroupStatus,
    RunningTrial,
    State,
    Status,
    Writer,
    log_words,
)
from vidnas.study.status.tail import JournalTail
from vidnas.trials.front import Front
from vidnas.trials.noise.repeats import with_repeats
from vidnas.trials.trial import Trial

FAILURES = 5  # that a status shows


class StatusReader:
    """The status of a study; each reading takes in what was appended since.

    Args:
        folder: Study folder.
        clock: Function that tells the seconds since the epoch.

    Raises:
        StudyError: the folder holds no journal.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        require_study(folder)
        self.folder = folder
        self._journal = folder / JOURNAL_FILE
        self._clock = clock
        self._found: tuple[Holder | None, float] | None = None
        self._begin()

    def read(self) -> list[Trial]:
        """Takes in what was appended; the trials that began or ended, as they are.

        Raises:
            OSError: the folder cannot be read now.
            JournalError: the journal is damaged.
        """
        # Asked first: a driver that ends meanwhile has written all before it went.
        self._found = writer_of(self._journal)
        if self._tail.is_another():
            self._begin()
        changed: dict[int, Trial] = {}
        while records := self._tail.read():
            first = self._tail.lines - len(records) + 1
            for line, record in enumerate(records, start=first):
                trial = self._take(record, line)
                if trial is not None:
                    changed[trial.number] = trial
        return list(changed.values())

    def status(self) -> Status:
        """The status as of the last reading.

        Raises:
            JournalError: the journal holds no record yet, or its head is damaged.
            OSError: the folder or the store cannot be read now.
        """
        head, accounts = self._require_head(), self._accounts
        found = self._found or writer_of(self._journal)  # it may just have begun
        is_running, writer = found is not None, _writer(found)
        now = self._driver_time(found[0]) if found is not None else None
        spent, effort = accounts.spent(now), head.experiment.effort
        reached = effort.reached(spent)
        state, reason = self._state(is_running, reached)
        worked = accounts.sessions.seconds(now)
        ended, recent = len(self._ends), self._ended_since(worked - HOUR)
        hypervolume = None
        if self._front.trials:
            hypervolume = self._front.hypervolume(reference=head.experiment.reference)
        return Status(
            study=by_address(str(self.folder)),
            name=head.name,
            state=state,
            reason=reason,
            writer=writer,
            trials=self._states(is_running),
            effort=effort,
            spent=spent,
            rate_last_hour=recent / min(1.0, worked / HOUR) if worked else 0.0,
            rate=ended * HOUR / worked if worked else 0.0,
            hours_left=effort.hours_left(spent) if is_running else None,
            groups=self._groups(head.experiment.workers, is_running),
            running=self._running(now) if now is not None else (),
            front=len(self._front),
            hypervolume=hypervolume,
            grew_hours=None if self._grew is None else (worked - self._grew) / HOUR,
            failures=self._failures(),
        )

    @property
    def front(self) -> Front:
        """Trials that no other beats, as of the last reading."""
        return self._front

    @property
    def head(self) -> Head:
        """The head of the study, with its experiment as last run.

        Raises:
            JournalError: the journal holds no record yet.
        """
        return self._require_head()

    def _begin(self) -> None:
        self._tail = JournalTail(self._journal)
        self._accounts = Accounts()
        self._recorded: RecordedTrials | None = None
        self._first: Record = {}
        self._head: Head | None = None
        self._counts = Counter[str]()
        self._ends: list[float] = []  # seconds worked when a trial ended
        self._failed: deque[int] = deque(maxlen=FAILURES)
        self._front = Front((), ())
        self._grew: float | None = None
        self._is_exhausted = False
        self._silence = 0, 0.0, 0.0  # lines read, their age then, when that was [s]

    def _take(self, record: Record, line: int) -> Trial | None:
        """Takes a record in; the trial that it begins or ends."""
        if self._recorded is None:
            require_head(self._journal, record)
            self._recorded = RecordedTrials(self._journal, [record])
            self._first = record
        number = record.get("trial")
        before = self._recorded.trials.get(number) if isinstance(number, int) else None
        self._recorded.take(record, line)
        self._accounts.take(record)
        if record["event"] in ("study", "resumed"):
            self._take_experiment(record, line)
        if record["event"] in ("started", "ended"):
            self._is_exhausted = record["event"] == "ended"
        after = self._recorded.trials.get(number) if isinstance(number, int) else None
        if after is None or after.taken_over_from:
            if after is not None and before is None:
                self._join(after)
            return None
        if before is not None and before.state == after.state:
            return None
        if after.repeats is None:
            self._count(before, after)
        elif after.state == "done":
            self._join_all()
        return after

    def _take_experiment(self, record: Record, line: int) -> None:
        resumed = record["experiment"] if record["event"] == "resumed" else None
        self._head = read_head(self._first, resumed, str(self._journal), line)
        self._front = Front((), self._head.experiment.objectives.each)
        self._join_all()

    def _join_all(self) -> None:
        """The front anew, of what repeats say so far."""
        assert self._recorded is not None
        trials = self._recorded.trials.values()
        repeats = [trial for trial in trials if trial.repeats is not None]
        firsts = [trial for trial in trials if trial.repeats is None]
        self._front = Front((), self._front.objectives)
        for trial in with_repeats(firsts, repeats):
            if trial.state == "done":
                self._join(trial)

    def _count(self, before: Trial | None, after: Trial) -> None:
        if after.number < 0:  # baselines count in no effort
            return
        if before is not None:
            self._counts[before.state] -= 1
        self._counts[after.state] += 1
        if after.state == "running":
            return
        self._ends.append(self._accounts.sessions.seconds())
        if after.state == "failed":
            self._failed.append(after.number)
        else:
            self._join(after)

    def _join(self, trial: Trial) -> None:
        """Lets a done trial join the front, where it belongs there."""
        assert self._head is not None
        full = self._head.identity.fidelity
        counts = trial.number >= 0 and trial.fidelity == full
        own = "estimated" if self._head.identity.score else "trained"
        if not counts or trial.source != own:
            return
        front = self._front.joined_by(trial)
        if front is not self._front:
            self._front = front
            self._grew = self._accounts.sessions.seconds()

    def _require_head(self) -> Head:
        if self._head is None:
            raise JournalError(
                f"{self._journal} must begin with a study record, it is empty."
            )
        return self._head

    def _ended_since(self, seconds: float) -> int:
        return sum(end > seconds for end in self._ends)

    def _state(self, is_running: bool, reached: str) -> tuple[State, str]:
        if is_running:
            return "running", ""
        if self._counts["running"]:
            return "stopped", f"effort of {reached} is spent" if reached else ""
        if reached:
            return "finished", f"effort of {reached} is spent"
        if self._is_exhausted:
            return "finished", "no new candidate is left"
        return "stopped", ""

    def _states(self, is_running: bool) -> dict[str, int]:
        running = "running" if is_running else "interrupted"
        states = {running if k == "running" else k: n for k, n in self._counts.items()}
        return {"done": 0, "failed": 0, running: 0, **states}

    def _driver_time(self, holder: Holder | None) -> float:
        """The time by the clock of the driver [s since the epoch].

        Of one on another machine that is the time of its last record, and what went by
        since by the clock of the storage: clocks of machines differ.
        """
        if holder is not None and holder.is_here():
            return self._clock()
        lines, silent, at = self._silence
        if lines != self._tail.lines:
            lines, silent = self._tail.lines, silent_seconds(self._journal)
            at = time.monotonic()
            self._silence = lines, silent, at
        return self._accounts.sessions.last + silent + time.monotonic() - at

    def _groups(
        self, workers: Mapping[str, Any], is_running: bool
    ) -> tuple[GroupStatus, ...]:
        open_tries = self._accounts.open.values() if is_running else ()
        busy = Counter(tried.group for tried in open_tries)
        return tuple(
            GroupStatus(name, int(group.get("count", 0)), busy[name])
            for group in workers.get("groups", [workers])
            for name in [str(group.get("name", ""))]
        )

    def _failures(self) -> tuple[Failure, ...]:
        assert self._recorded is not None
        trials, places = self._recorded.trials, self._recorded.places
        return tuple(
            Failure(number, trials[number].reason, log_words(places.get(number)))
            for number in reversed(self._failed)
            if trials[number].state == "failed"
        )

    def _running(self, now: float) -> tuple[RunningTrial, ...]:
        assert self._recorded is not None
        found = []
        for number, tried in sorted(self._accounts.open.items()):
            trial = self._recorded.trials[number]
            found.append(
                RunningTrial(
                    trial=number,
                    name=trial.baseline,
                    group=tried.group,
                    node=tried.node,
                    process=tried.process,
                    seconds=max(0.0, now - tried.began),
                    epoch=max(self._recorded.curves.get(number, {}), default=0),
                    epochs=trial.fidelity.epochs,
                    log=log_words(self._recorded.places.get(number)),
                )
            )
        return tuple(found)


def _writer(found: tuple[Holder | None, float] | None) -> Writer | None:
    if found is None:
        return None
    holder, age = found
    return Writer(holder.host, holder.process, age) if holder else Writer("", 0, age)


def read_status(folder: Path) -> Status:
    """The status of the study in a folder, now.

    Raises:
        StudyError: the folder holds no journal.
        JournalError: the journal is damaged.
    """
    reader = StatusReader(folder)
    reader.read()
    return reader.status()

"""Which trials run where, and which of them take too long? A driver's list of them.

A worker that is stopped or hangs sends nothing, so the driver itself counts the time.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vidnas.study.experiment.workers import Workers

HALT_SECONDS = 60.0  # that a training has to end by itself, once it is told to
TICK_SECONDS = 5.0  # a driver that was away longer has heard nothing of anybody

Verdict = Literal["halt", "kill"]


@dataclass(slots=True)
class RunningTrial:
    """A trial between its assignment and its outcome.

    Args:
        number: Number of the trial.
        group: Group of workers that it is for.
        began: Moment it was given to a worker [s]; None while it waits for one.
        progress: Moment of its last step, as far as is known [s].
        reason: Reason that it is ended for; empty where the study only stops it.
        halted: Moment it was told to end [s]; None where it was not.
        is_killed: Whether its worker was killed.
        is_placed: Whether its worker said that it has taken it.
        leaves: Whether it was told to end because its node will go.
    """

    number: int
    group: str
    began: float | None = None
    progress: float = 0.0
    reason: str = ""
    halted: float | None = None
    is_killed: bool = False
    is_placed: bool = False
    leaves: bool = False


class RunningTrials:
    """The trials that run, by the names that an executor has for them.

    Args:
        workers: Workers, and limits of a trial.
        clock: Function that tells seconds, from any moment on.
    """

    def __init__(
        self, workers: Workers, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workers = workers
        self._clock = clock
        self._trials: dict[str, RunningTrial] = {}
        self._ticked = clock()

    def __bool__(self) -> bool:
        return bool(self._trials)

    def __contains__(self, name: str) -> bool:
        return name in self._trials

    def __getitem__(self, name: str) -> RunningTrial:
        return self._trials[name]

    @property
    def heartbeat_seconds(self) -> float:
        """Time after which a worker without news says that it lives [s].

        A driver takes some hundred results a second, so many workers say it seldom.
        """
        usual = max(1.0, self._workers.count / 50)
        minutes = self._workers.stalled_minutes
        return usual if minutes is None else min(usual, 60 * minutes / 4)

    def free(self) -> list[str]:
        """Names of the groups with a free worker."""
        taken = Counter(trial.group for trial in self._trials.values())
        groups = self._workers.groups
        return [group.name for group in groups if taken[group.name] < group.count]

    def add(self, name: str, number: int, group: str) -> None:
        """Takes note of a trial that is to run."""
        self._trials[name] = RunningTrial(number, group)

    def waiting(self) -> list[str]:
        """Names of the trials that wait for a worker."""
        return [name for name, trial in self._trials.items() if trial.began is None]

    def begin(self, name: str) -> None:
        """Takes note that a trial has a worker, which may not have said so."""
        trial = self._trials.get(name)
        if trial is not None and trial.began is None:
            trial.began = trial.progress = self._clock()

    def hear(self, name: str, quiet_seconds: float) -> None:
        """Takes note of a sign of life.

        Args:
            name: Name of the trial.
            quiet_seconds: Time since its last step [s].
        """
        if name in self._trials:
            self._trials[name].progress = self._clock() - quiet_seconds

    def end(self, name: str) -> RunningTrial | None:
        """Takes a trial off the list; None where it is not on it."""
        return self._trials.pop(name, None)

    def seconds(self, trial: RunningTrial) -> float:
        """Time that a trial has had a worker [s]."""
        return 0.0 if trial.began is None else self._clock() - trial.began

    def halt(self, name: str) -> bool:
        """Takes note that a trial is to end; whether it was not to before."""
        trial = self._trials.get(name)
        if trial is None or trial.halted is not None:
            return False
        trial.halted = self._clock()
        return True

    def is_halted(self, name: str) -> bool:
        """Whether a trial was told to end, or has ended."""
        trial = self._trials.get(name)
        return trial is None or trial.halted is not None

    def leave(self, name: str) -> bool:
        """Takes note that a trial is to leave its node; whether that is news to it."""
        is_news = self.halt(name)
        if is_news:
            self._trials[name].leaves = True
        return is_news

    def halt_all(self) -> list[str]:
        """Takes note that all trials are to end; those that were not to before."""
        return [name for name in self._trials if self.halt(name)]

    @property
    def wait_in_vain(self) -> bool:
        """Whether all were to end a minute ago, and wait for workers still."""
        last = self._clock() - HALT_SECONDS
        return bool(self._trials) and all(
            trial.began is None and trial.halted is not None and trial.halted < last
            for trial in self._trials.values()
        )

    def overdue(self) -> list[tuple[str, Verdict]]:
        """Trials to be told to end, and trials whose workers must be killed."""
        now = self._clock()
        self._forgive_absence(now)
        found: list[tuple[str, Verdict]] = []
        for name, trial in self._trials.items():
            verdict = self._verdict(trial, now)
            if verdict is not None:
                found.append((name, verdict))
        return found

    def _forgive_absence(self, now: float) -> None:
        """While the driver was stopped or busy it heard nothing."""
        away = now - self._ticked
        self._ticked = now
        if away > TICK_SECONDS:
            for trial in self._trials.values():
                trial.progress += away

    def _verdict(self, trial: RunningTrial, now: float) -> Verdict | None:
        if trial.began is None or trial.is_killed:
            return None
        minutes, hours = self._workers.stalled_minutes, self._workers.trial_hours
        if minutes is not None:
            quiet = now - trial.progress - self.heartbeat_seconds
            if quiet > 60 * minutes:
                trial.reason = trial.reason or f"no step for {minutes:g} min, stalled"
                trial.is_killed = True
                return "kill"
        if trial.halted is not None:
            if now - trial.halted <= HALT_SECONDS:
                return None
            trial.is_killed = True
            return "kill"
        if hours is not None and now - trial.began > 3600 * hours:
            trial.reason = f"longer than {hours:g} h, timed out"
            trial.halted = now
            return "halt"
        return None

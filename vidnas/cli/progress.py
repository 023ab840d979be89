"""What does a running search show? One live view on a terminal, else a line a trial."""

import threading
import time
from collections.abc import Callable, Iterator
from statistics import median

from rich.text import Text

from vidnas.cli.live_view import LiveView
from vidnas.documents.quantity import format_duration
from vidnas.documents.visible_text import visible
from vidnas.study.study import Study
from vidnas.trials.effort import Effort, Spent, limit_text
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.front import Front
from vidnas.trials.objectives import STANDARD, Objectives, cost_text
from vidnas.trials.trial import Trial

ENOUGH = 5  # done trials before a time is estimated


class Progress:
    """Renders the trials of a search as they start and end; a context manager.

    Args:
        trials: Trials of candidates from earlier runs of the study. Baselines and
            repeats are shown as they start and end, and counted nowhere.
        effort: What the study may spend.
        workers: Number of trials side by side.
        rungs: Fidelities of trials, of which the last alone is compared.
        objectives: What the study improves.
        spent: Function that gives what the study has spent up to now.
    """

    def __init__(
        self,
        trials: tuple[Trial, ...],
        effort: Effort,
        workers: int,
        rungs: tuple[Fidelity, ...] = (),
        objectives: Objectives = STANDARD,
        spent: Callable[[], Spent] = Spent,
    ) -> None:
        self._objectives = objectives
        self._trials = {trial.number: trial for trial in trials}
        self._beside: dict[int, Trial] = {}
        self._effort = effort
        self._spent = spent
        self._spent_before = spent()
        self._workers = workers
        self._rungs = rungs
        self._began: dict[int, float] = {}
        self._seconds: list[float] = []
        self._lock = threading.Lock()  # the live view is drawn by a thread of its own
        self._live = LiveView(self._view, stays=True)

    @classmethod
    def of(cls, study: Study) -> "Progress":
        """The progress of an opened study."""
        experiment = study.experiment
        return cls(
            study.trials,
            experiment.effort,
            1 if experiment.score else experiment.workers.count,
            experiment.schedule.rungs,
            experiment.objectives,
            study.spent,
        )

    def __enter__(self) -> "Progress":
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def hear(self, trial: Trial) -> None:
        """Takes news of a trial."""
        with self._lock:
            self._note(trial)
        in_log = trial.state == "done" and not self._live.is_seen
        if in_log or trial.state == "failed" or trial.reason:
            line = visible(self._line(trial), keep="")
            self._live.console.print(line, soft_wrap=True, markup=False)

    def _note(self, trial: Trial) -> None:
        is_beside = trial.baseline or trial.repeats is not None
        trials = self._beside if is_beside else self._trials
        trials[trial.number] = trial
        if trial.state == "running":
            self._began[trial.number] = time.monotonic()
            return
        began = self._began.pop(trial.number, None)
        # A baseline takes as long as it takes: it says nothing about candidates.
        if began is not None and trial.state == "done" and not trial.baseline:
            self._seconds.append(time.monotonic() - began)

    def _line(self, trial: Trial) -> str:
        start = f"{self._counted()} {_label(trial)}"
        cost = self._cost(trial)
        if trial.state != "done":
            return f"{start}  {trial.state:<7}  {cost}  {trial.reason}"
        mark = "  front" if trial in self._front().trials else ""
        seconds = trial.measured.get("seconds", 0.0)
        return (
            f"{start}  done     {cost}  {self._accuracy(trial)}  "
            f"{seconds:5.1f} s{self._at(trial)}{mark}{self._time_left()}"
        )

    def _view(self) -> Text:
        with self._lock:
            return self._render()

    def _render(self) -> Text:
        failed = sum(t.state == "failed" for t in self._list())
        stopped = sum(t.state == "stopped" for t in self._list())
        front = self._front()
        accuracy = self._objectives.accuracy
        best = max((t.value(accuracy.name) for t in front.trials), default=0.0)
        view = Text()
        view.append(f"{self._counted()} ", style="bold")
        view.append(f"best {accuracy.name} {accuracy.text(best)}  ")
        view.append(f"front {len(front)}  ")
        view.append(self._limits())
        if stopped:
            view.append(f"stopped {stopped}  ")
        if failed:
            view.append(f"failed {failed}  ", style="red")
        view.append(self._time_left().strip() or self._time_unknown())
        for number, began in sorted(self._began.items()):
            trial = {**self._trials, **self._beside}[number]
            view.append(
                f"\n  {_label(trial)}  {self._cost(trial)} "
                f" training for {time.monotonic() - began:.0f} s{self._at(trial)}"
            )
        for trial in front.trials:
            view.append(
                f"\n  front {trial.label:>5}  {self._cost(trial)}  "
                f"{self._accuracy(trial)}",
                style="dim",
            )
        return view

    def _time_left(self) -> str:
        left = [*self._trials_left(), *self._limits_left()]
        return f"  {format_duration(min(left))} left" if left else ""

    def _trials_left(self) -> Iterator[float]:
        """Time that the trials left take [s], once that is known."""
        total = self._effort.trials
        if total is None or len(self._seconds) < ENOUGH or len(self._rungs) > 1:
            return  # trials of several rungs take unequal times
        waves = (total - self._count_ended()) / self._workers
        yield waves * median(self._seconds)

    def _limits_left(self) -> Iterator[float]:
        """Time until each other limit is reached [s], at the rate of this run."""
        spent, before = self._spent(), self._spent_before
        hours = spent.hours - before.hours
        for name, most in self._effort.stated.items():
            done = getattr(spent, name) - getattr(before, name)
            if name == "hours" or (name != "trials" and done and hours):
                rate = 1.0 if name == "hours" else done / hours
                yield 3600 * max(0.0, most - getattr(spent, name)) / rate

    def _counted(self) -> str:
        """`[ 41/200]`, or `[ 41]` where the number of trials has no limit."""
        total = self._effort.trials
        return f"[{self._count_ended():3d}{'' if total is None else f'/{total}'}]"

    def _limits(self) -> str:
        """`1 h 2 min of 2 h 0 min  `: what is spent of each limit but trials."""
        spent = self._spent()
        return "".join(
            f"{limit_text(name, getattr(spent, name))} of {limit_text(name, most)}  "
            for name, most in self._effort.stated.items()
            if name != "trials"
        )

    def _count_ended(self) -> int:
        """Trials that ended here; with rungs, candidates of which one has."""
        own = [trial for trial in self._trials.values() if not trial.taken_over_from]
        ended = [trial for trial in own if trial.state != "running"]
        if len(self._rungs) > 1:
            return len({trial.arch_id for trial in ended})
        return len(ended)

    def _front(self) -> Front:
        """The front of what is compared."""
        own = "trained" if self._objectives.accuracy.is_percent else "estimated"
        trials = [t for t in self._list() if t.source == own]
        if self._rungs:
            trials = [t for t in trials if t.fidelity == self._rungs[-1]]
        return Front.of(trials, self._objectives.each)

    def _cost(self, trial: Trial) -> str:
        """`   1.2 M FLOPs`: the first cost of a trial."""
        name = self._objectives.cost
        amount, _, word = cost_text(name, trial.value(name)).rpartition(" ")
        return f"{amount:>7} {word}"

    def _accuracy(self, trial: Trial) -> str:
        """`top1  61.2 %`."""
        accuracy = self._objectives.accuracy
        return f"{accuracy.name} {accuracy.text(trial.value(accuracy.name)):>7}"

    def _at(self, trial: Trial) -> str:
        """How a trial is trained, where that differs."""
        lower = trial.continued_from
        how = "" if lower is None else f", continued from {lower}"
        return f"  ({trial.fidelity}{how})" if len(self._rungs) > 1 else ""

    def _time_unknown(self) -> str:
        if len(self._rungs) > 1:
            return f"compared at {self._rungs[-1]}"
        return "measuring time per trial"

    def _list(self) -> list[Trial]:
        return [self._trials[number] for number in sorted(self._trials)]


def _label(trial: Trial) -> str:
    if trial.repeats is not None:
        return f"trial {trial.number:3d} (again {trial.repeats})"
    return visible(trial.baseline, keep="") or f"trial {trial.number:3d}"

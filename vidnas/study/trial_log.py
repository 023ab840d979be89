"""Where does a study stand? Its trials, sorted out as they change.

A study of 100,000 trials changes 300,000 times, so nothing here looks at all trials
when one of them changes.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence

from vidnas.trials.trial import Source, State, Trial


class TrialLog:
    """The trials of a study; whoever holds it sees them as they are now.

    Args:
        source: Source of the accuracies that the strategy sees.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._trials = _Ordered()
        self._baselines = _Ordered()
        self._visible = _Ordered()
        self._own = _Ordered()
        self._climbing = _Ordered()
        self._repeats = _Ordered()
        self._running = dict[int, Trial]()
        self._taken_over = set[str]()  # networks of visible trials taken over
        self._networks = set[str]()  # those of own trials
        self.states = Counter[State]()

    @classmethod
    def of(cls, by_number: Mapping[int, Trial], source: Source) -> "TrialLog":
        """The log of these trials.

        Args:
            by_number: Trials of candidates from 0 up, of baselines from -1 down.
            source: Source of the accuracies that the strategy sees.
        """
        log = cls(source)
        for number in sorted(by_number):
            log.put(by_number[number])
        return log

    @property
    def trials(self) -> Sequence[Trial]:
        """Trials of candidates, by number, those taken over among them."""
        return self._trials.trials

    @property
    def baselines(self) -> Sequence[Trial]:
        """Trials of baselines, the first begun first."""
        return self._baselines.trials

    @property
    def visible(self) -> Sequence[Trial]:
        """Trials that the strategy sees: those of one source of accuracy."""
        return self._visible.trials

    @property
    def own(self) -> Sequence[Trial]:
        """Visible trials that this study trains, or has trained."""
        return self._own.trials

    @property
    def climbing(self) -> Sequence[Trial]:
        """Own trials of networks whose full training was not taken over."""
        return self._climbing.trials

    @property
    def repeats(self) -> Sequence[Trial]:
        """Trials that train a network again; the strategy never hears of them."""
        return self._repeats.trials

    @property
    def running(self) -> tuple[Trial, ...]:
        """Running trials of candidates, of any source, the first begun first."""
        return tuple(self._running.values())

    @property
    def networks(self) -> int:
        """Number of different networks of own trials."""
        return len(self._networks)

    @property
    def next_number(self) -> int:
        """Number of the next candidate's trial; a repaired journal may have gaps."""
        last = (*self.trials[-1:], *self.repeats[-1:])
        return max((trial.number for trial in last), default=-1) + 1

    @property
    def next_baseline_number(self) -> int:
        """Number of the next baseline's trial."""
        return self.baselines[-1].number - 1 if self.baselines else -1

    def put(self, trial: Trial) -> None:
        """Takes in a trial that is new, or has changed its state."""
        if trial.number < 0:
            self._baselines.put(trial)
            return
        if trial.state == "running":
            self._running[trial.number] = trial
        else:
            self._running.pop(trial.number, None)
        if trial.repeats is not None:
            self._repeats.put(trial)
            return
        self._trials.put(trial)
        if trial.source == self._source:
            self._put_visible(trial)

    def _put_visible(self, trial: Trial) -> None:
        self._visible.put(trial)
        if trial.taken_over_from:
            if trial.arch_id in self._networks:
                self._climbing.remove(trial.arch_id)
            self._taken_over.add(trial.arch_id)
            return
        before = self._own.put(trial)
        if before is not None:
            self.states[before.state] -= 1
        self.states[trial.state] += 1
        self._networks.add(trial.arch_id)
        if trial.arch_id not in self._taken_over:
            self._climbing.put(trial)


class _Ordered:
    """Trials in the order of their numbers, from 0 up or from -1 down."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self._places: dict[int, int] = {}

    def put(self, trial: Trial) -> Trial | None:
        """Takes in a trial; the one that had its number, if any did."""
        at = self._places.get(trial.number)
        if at is not None:
            before, self.trials[at] = self.trials[at], trial
            return before
        if not self.trials or abs(trial.number) > abs(self.trials[-1].number):
            self._places[trial.number] = len(self.trials)
            self.trials.append(trial)
        else:  # of a journal that numbered them in another order
            place = bisect_left(self.trials, abs(trial.number), key=_distance)
            self.trials.insert(place, trial)
            self._number()
        return None

    def remove(self, arch_id: str) -> None:
        """Leaves out every trial of a network."""
        self.trials = [trial for trial in self.trials if trial.arch_id != arch_id]
        self._number()

    def _number(self) -> None:
        self._places = {trial.number: at for at, trial in enumerate(self.trials)}


def _distance(trial: Trial) -> int:
    """Number of a trial, or of a baseline's counted upwards."""
    return abs(trial.number)

"""Where does a study stand? Its trials at one moment, sorted out once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from vidnas.trials.trial import Source, State, Trial


@dataclass(frozen=True, slots=True)
class TrialLog:
    """The trials of a study at one moment.

    Args:
        trials: Trials of candidates, by number, those taken over among them.
        baselines: Trials of baselines, the first begun first.
        visible: Trials that the strategy sees: those of one source of accuracy.
        own: Visible trials that this study trains, or has trained.
        climbing: Own trials of networks whose full training was not taken over.
        networks: Number of different networks of own trials.
        states: Number of own trials per state.
    """

    trials: tuple[Trial, ...]
    baselines: tuple[Trial, ...]
    visible: tuple[Trial, ...]
    own: tuple[Trial, ...]
    climbing: tuple[Trial, ...]
    networks: int
    states: Counter[State]

    @property
    def next_number(self) -> int:
        """Number of the next candidate's trial; a repaired journal may have gaps."""
        return self.trials[-1].number + 1 if self.trials else 0

    @property
    def next_baseline_number(self) -> int:
        """Number of the next baseline's trial."""
        return self.baselines[-1].number - 1 if self.baselines else -1

    @classmethod
    def of(cls, by_number: Mapping[int, Trial], source: Source) -> "TrialLog":
        """The log of these trials.

        Args:
            by_number: Trials of candidates from 0 up, of baselines from -1 down.
            source: Source of the accuracies that the strategy sees.
        """
        numbers = sorted(by_number)
        trials = tuple(by_number[number] for number in numbers if number >= 0)
        visible = tuple(trial for trial in trials if trial.source == source)
        own = tuple(trial for trial in visible if not trial.taken_over_from)
        known = {trial.arch_id for trial in visible if trial.taken_over_from}
        return cls(
            trials=trials,
            baselines=tuple(by_number[n] for n in reversed(numbers) if n < 0),
            visible=visible,
            own=own,
            climbing=tuple(trial for trial in own if trial.arch_id not in known),
            networks=len({trial.arch_id for trial in own}),
            states=Counter(trial.state for trial in own),
        )

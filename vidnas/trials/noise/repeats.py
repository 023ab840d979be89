"""What do repeated trainings say? A repeat is a trial of a network under another seed.

A network with repeats has one accuracy, the mean over its seeds. How far seeds differ
is taken to be the same for every network of a study, so that a few repeats widen the
intervals of all its trials: those cover clips and seeds then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vidnas.statistics.seed_noise import LEAST_FREEDOM, spread_within
from vidnas.trials.front import Front
from vidnas.trials.objectives import (
    ACCURACIES,
    SEED_ERROR,
    SEED_FREEDOM,
    SEEDS,
    Objectives,
)
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Repeats:
    """Which networks are trained again, once a search has tried its candidates.

    Args:
        seeds: Trainings that each of these networks shall have in all; 1 for none
            beside the first.
        trials: Numbers of the trials that are repeated; None for those of the front,
            as it is after each repeat.
        are_alone: Whether nothing else is trained.
    """

    seeds: int = 1
    trials: tuple[int, ...] | None = None
    are_alone: bool = False

    def __str__(self) -> str:
        """`each network of the front 3 times in all`."""
        which = "each network of the front"
        if self.trials is not None:
            numbers = ", ".join(map(str, self.trials))
            which = f"trial{'s' if len(self.trials) > 1 else ''} {numbers}"
        return f"{which} {self.seeds} times in all"

    def next(
        self,
        trials: Sequence[Trial],
        repeats: Sequence[Trial],
        objectives: Objectives,
    ) -> Trial | None:
        """The trial that is repeated next, of those with the fewest trainings.

        Args:
            trials: Trials at full fidelity, with the means over seeds.
            repeats: Repeats so far, in any state; a failed one counts as trained.
            objectives: Objectives of the study.
        """
        if self.seeds < 2:
            return None
        done = [trial for trial in trials if trial.state == "done"]
        if self.trials is None:
            done = list(Front.of(done, objectives.each).trials)
        else:
            done = [trial for trial in done if trial.number in self.trials]
        counts = {trial.number: 1 for trial in done}
        for repeat in repeats:
            if repeat.repeats in counts:
                counts[repeat.repeats] += 1
        left = [trial for trial in done if counts[trial.number] < self.seeds]
        return min(left, key=lambda t: (counts[t.number], t.number), default=None)


def with_repeats(trials: Iterable[Trial], repeats: Sequence[Trial]) -> Sequence[Trial]:
    """The trials with what repeats say of their accuracies.

    Args:
        trials: Trials that are no repeats.
        repeats: Repeats among the trials of the study.
    """
    trials = tuple(trials)
    done = [repeat for repeat in repeats if repeat.state == "done"]
    if not done:
        return trials
    again: dict[int | None, list[Trial]] = {}
    for repeat in done:
        again.setdefault(repeat.repeats, []).append(repeat)
    trained = {
        trial.number: [trial, *again[trial.number]]
        for trial in trials
        if trial.number in again and trial.state == "done"
    }
    found = _seed_spreads(trained)
    compared = {(repeat.fidelity, repeat.source) for repeat in done}
    return tuple(
        _told(trial, trained.get(trial.number, [trial]), found)
        if trial.state == "done" and (trial.fidelity, trial.source) in compared
        else trial
        for trial in trials
    )


def _seed_spreads(
    trained: Mapping[int, Sequence[Trial]],
) -> dict[str, tuple[float, int]]:
    """Spread over seeds of each accuracy, and its degrees of freedom."""
    return {
        name: spread_within(
            [
                [t.measured[name] for t in group]
                for group in trained.values()
                if all(name in trial.measured for trial in group)
            ]
        )
        for name in ACCURACIES
    }


def _told(
    trial: Trial, group: Sequence[Trial], spreads: Mapping[str, tuple[float, int]]
) -> Trial:
    """A trial with the means over its trainings, and the error that seeds leave."""
    measured = dict(trial.measured)
    for name, (spread, freedom) in spreads.items():
        for told in (name, f"{name}_low", f"{name}_high"):
            numbers = [t.measured[told] for t in group if told in t.measured]
            if len(numbers) == len(group):
                measured[told] = sum(numbers) / len(group)
        if name in measured and freedom >= LEAST_FREEDOM:
            measured[f"{name}{SEED_ERROR}"] = spread / len(group) ** 0.5
            measured[SEED_FREEDOM] = float(freedom)
    if len(group) > 1:
        measured[SEEDS] = float(len(group))
    return replace(trial, measured=measured)


def seeds_of(trial: Trial) -> int:
    """Number of trainings that the accuracies of a trial are the means of."""
    return int(trial.measured.get(SEEDS, 1))

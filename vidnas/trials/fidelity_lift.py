"""How do trials of several fidelities compare? As one trial a network, on one scale.

A study with rungs trains one network at several fidelities, and an accuracy after one
epoch cannot be compared with one after ten. Networks that were trained at both are used
to predict the full accuracy of those that were trained at the cheap fidelity only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vidnas.arrays import Floats
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.trial import Trial

PRIOR = 2.0  # weight, in networks, of the prior: a slope of 1, no effect of FLOPs


def one_each(trials: Sequence[Trial]) -> list[Trial]:
    """One trial per network, in order of proposal: the highest fidelity that is done.

    A network counts as failed once its last fidelity failed, and as running while none
    of its trials has ended. Trials of one fidelity come back as they are.
    """
    if len({trial.fidelity for trial in trials}) < 2:
        return list(trials)
    networks: dict[str, list[Trial]] = {}
    for trial in trials:
        networks.setdefault(trial.arch_id, []).append(trial)
    return [_standing(found) for found in networks.values()]


def comparable(
    trials: Sequence[Trial], objectives: Objectives = STANDARD
) -> list[Trial]:
    """One trial per network, whose accuracy may be compared with that of every other.

    This serves strategies that know of one fidelity only. A network that was not
    trained at the highest fidelity done so far carries the accuracy that is predicted
    there, with `predicted` as its source. Trials of one fidelity come back as they are.

    Args:
        trials: Trials at any fidelity.
        objectives: Objectives of the study.
    """
    standing = one_each(trials)
    done = [trial for trial in standing if trial.state == "done"]
    if len({trial.fidelity for trial in done}) < 2:
        return standing
    top = max((trial.fidelity for trial in done), key=lambda f: f.order)
    lifts = {
        fidelity: Lift.of(trials, fidelity, top, objectives)
        for fidelity in {trial.fidelity for trial in done}
        if fidelity != top
    }
    return [
        _lift(trial, lifts[trial.fidelity])
        if trial.state == "done" and trial.fidelity in lifts
        else trial
        for trial in standing
    ]


def done_at(trials: Sequence[Trial], fidelity: Fidelity) -> dict[str, Trial]:
    """The done trials of a fidelity, by network."""
    return {
        trial.arch_id: trial
        for trial in trials
        if trial.state == "done" and trial.fidelity == fidelity
    }


@dataclass(frozen=True, slots=True)
class Lift:
    """Accuracy at a high fidelity, linear in that at a low one and in the log cost.

    Args:
        at: Mean accuracy at the low fidelity and mean log cost of the networks learned
            from.
        level: Mean accuracy [%] of those networks at the high fidelity.
        slope: Rise per point of accuracy at the low fidelity, at least 0; 0 where the
            low fidelity says nothing about the high one.
        trend: Rise per unit of the log cost.
        objectives: Objectives of the study, whose accuracy and first cost are meant.
    """

    at: tuple[float, float]
    level: float
    slope: float
    trend: float
    objectives: Objectives = STANDARD

    @classmethod
    def of(
        cls,
        trials: Sequence[Trial],
        low: Fidelity,
        high: Fidelity,
        objectives: Objectives = STANDARD,
    ) -> "Lift":
        """The lift fitted to networks done at both; equal means if there are none."""
        below, above = done_at(trials, low), done_at(trials, high)
        both = [name for name in below if name in above]
        features = _features(list(below.values()), objectives)
        if not both:
            middle = features.mean(axis=0)
            level = float(objectives.accuracies(list(above.values())).mean())
            at = (float(middle[0]), float(middle[1]))
            return cls(at, level, 1.0, 0.0, objectives)
        known = _features([below[name] for name in both], objectives)
        tops = objectives.accuracies([above[name] for name in both])
        middle, level = known.mean(axis=0), tops.mean()
        # Ridge towards a slope of 1, in units of the spread at the low fidelity.
        weights = PRIOR * features.var(axis=0) + 1e-9
        centred = known - middle
        left = centred.T @ centred + np.diag(weights)
        right = centred.T @ (tops - level) + weights * np.array([1.0, 0.0])
        slope, trend = np.linalg.solve(left, right)
        return cls(
            (float(middle[0]), float(middle[1])),
            float(level),
            max(0.0, float(slope)),
            float(trend),
            objectives,
        )

    def __call__(self, trial: Trial) -> float:
        """The predicted accuracy [%] of a trial at the low fidelity."""
        accuracy, size = _features([trial], self.objectives)[0]
        lifted = self.level + self.slope * (accuracy - self.at[0])
        lifted += self.trend * (size - self.at[1])
        return float(np.clip(lifted, 0.0, 100.0))


def _features(trials: Sequence[Trial], objectives: Objectives) -> Floats:
    """Accuracy and log cost, `[N, 2]`."""
    sizes = np.log(objectives.sizes(trials))
    return np.stack([objectives.accuracies(trials), sizes], axis=1)


def _standing(found: Sequence[Trial]) -> Trial:
    """The trial that stands for a network: the highest fidelity that ended, if any."""
    ended = [trial for trial in found if trial.state != "running"]
    return max(ended or found, key=lambda trial: trial.fidelity.order)


def _lift(trial: Trial, lift: Lift) -> Trial:
    measured = {**trial.measured, lift.objectives.accuracy.name: lift(trial)}
    return replace(trial, measured=measured, source="predicted")

"""May a trial be stopped by its curve? Where others that cost no more stay better.

A front holds a trial unless another costs no more, in every cost of the study, and is
at least as accurate. So a trial is stopped once the most that it may still reach, as
the curves of done trials tell, lies below what one of those has reached already. A
small network is never stopped because a large one is better, and with several costs
one must be beaten in all of them.

What a trial may still reach is a regression over done trials of about its size: their
last accuracy by what they showed after as many epochs and by their log cost, with the
upper end of its prediction interval. Where the curve says little that interval is wide,
and nothing is stopped. See docs/stopping.md for what this saves and loses.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats
from vidnas.statistics.student import student_quantile
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.trial import Trial

Curve = Mapping[int, Mapping[str, float]]

AFTER_EPOCHS = 2
CONFIDENCE = 0.99
LEAST = 12  # done curves before any trial is stopped
OF_SIZE = 4  # of them within a factor of 2 of the trial's first cost
NEAREST = 64  # done trials, by first cost, that a regression takes
SPARED = 8  # one of so many trials is never stopped: it keeps the others honest


@dataclass(frozen=True, slots=True)
class CurveRule:
    """The rule, as an experiment asks for it.

    Args:
        after_epochs: Epochs that every trial is trained at least.
        confidence: Probability with which a trial stays below the most that it is
            predicted to reach.
    """

    after_epochs: int = AFTER_EPOCHS
    confidence: float = CONFIDENCE

    def __str__(self) -> str:
        """`by curve, after 2 epochs at 99 % confidence`."""
        epochs = f"{self.after_epochs} epoch{'s' if self.after_epochs != 1 else ''}"
        return f"by curve, after {epochs} at {100 * self.confidence:g} % confidence"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a trial is stopped.

    Args:
        epoch: Number of epochs that it was trained.
        expected: Accuracy [%] that it would most probably have reached.
        at_most: Accuracy [%] that it would hardly have exceeded.
        better: Number of a trial that costs no more and has reached more.
        reached: Accuracy [%] of that trial.
    """

    epoch: int
    expected: float
    at_most: float
    better: int
    reached: float

    @property
    def words(self) -> str:
        """The sentence that people read."""
        return (
            f"after epoch {self.epoch}: at most {self.at_most:.1f} %, and trial "
            f"{self.better} reached {self.reached:.1f} % at no more cost"
        )


class DoneCurves:
    """What done trials of one fidelity showed after every epoch, and reached.

    Args:
        fidelity: Fidelity of the trials; others are passed over.
        objectives: Objectives of the study.
    """

    def __init__(self, fidelity: Fidelity, objectives: Objectives = STANDARD) -> None:
        self._fidelity = fidelity
        self._objectives = objectives
        self._numbers: list[int] = []
        self._costs: list[list[float]] = []
        self._reached: list[float] = []
        # By what is shown and epoch: places of trials, and what each showed.
        self._shown: dict[tuple[str, int], list[tuple[int, float]]] = {}
        self._arrays: tuple[Floats, Floats] | None = None

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, trial: Trial, curve: Curve) -> None:
        """Takes in a trial; only what fronts compare counts.

        Args:
            trial: A trial that has ended.
            curve: Its reports by epoch; empty where they are not known.
        """
        accuracy = self._objectives.accuracy.of(trial)
        if trial.state != "done" or accuracy is None or not self._compares(trial):
            return
        place = len(self._numbers)
        self._numbers.append(trial.number)
        self._costs.append(self._costs_of(trial))
        self._reached.append(accuracy)
        self._arrays = None
        for epoch, report in curve.items():
            for name, value in report.items():
                self._shown.setdefault((name, epoch), []).append((place, value))

    def verdict(
        self, rule: CurveRule, trial: Trial, epoch: int, report: Mapping[str, float]
    ) -> Verdict | None:
        """Why a trial is to be stopped after an epoch; None where it goes on.

        Args:
            rule: Rule that is asked for.
            trial: A running trial.
            epoch: Number of the epoch that ended.
            report: What it told.
        """
        if (
            not self._compares(trial)
            or not rule.after_epochs <= epoch < self._fidelity.epochs
            or trial.number % SPARED == SPARED - 1
        ):
            return None
        better = self._better(trial)
        signal = self._signal(report)
        if better is None or signal is None:
            return None
        name, value = signal
        reach = self._reach(rule, trial, epoch, name, value)
        if reach is None:
            return None
        expected, at_most = reach
        if name == self._objectives.accuracy.name:
            at_most = max(at_most, value)  # which it has already
        reached = self._reached[better]
        if not at_most < reached:
            return None
        return Verdict(epoch, expected, at_most, self._numbers[better], reached)

    def _compares(self, trial: Trial) -> bool:
        """Whether a trial is one of those that fronts compare."""
        return (
            trial.number >= 0
            and trial.fidelity == self._fidelity
            and trial.source == "trained"
            and all(trial.has(name) for name in self._objectives.costs)
        )

    def _costs_of(self, trial: Trial) -> list[float]:
        return [trial.value(name) for name in self._objectives.costs]

    def _better(self, trial: Trial) -> int | None:
        """Place of the most accurate trial that costs no more in anything."""
        costs, reached = self._known()
        if not len(reached):
            return None
        within = (costs <= np.array(self._costs_of(trial))).all(axis=1)
        if not within.any():
            return None
        return int(np.argmax(np.where(within, reached, -np.inf)))

    def _known(self) -> tuple[Floats, Floats]:
        """[N, M - 1], [N]. Costs and accuracies of the trials."""
        if self._arrays is None:
            costs = np.array(self._costs, np.float64)
            self._arrays = costs, np.array(self._reached, np.float64)
        return self._arrays

    def _signal(self, report: Mapping[str, float]) -> tuple[str, float] | None:
        """What of a report is gone by: the study's accuracy where it has that."""
        for name in (self._objectives.accuracy.name, "train_top1", "loss"):
            if name in report:
                return name, report[name]
        return None

    def _reach(
        self, rule: CurveRule, trial: Trial, epoch: int, name: str, value: float
    ) -> tuple[float, float] | None:
        """The accuracy that is expected, and that is hardly exceeded [%]."""
        shown = self._shown.get((name, epoch), ())
        if len(shown) < LEAST:
            return None
        places = np.array([place for place, _ in shown])
        values = np.array([of for _, of in shown])
        costs, reached = self._known()
        size = float(np.log(trial.value(self._objectives.cost)))
        sizes = np.log(costs[places, 0])
        apart = np.abs(sizes - size)
        if np.count_nonzero(apart <= np.log(2.0)) < OF_SIZE:
            return None
        near = np.argsort(apart, kind="stable")[:NEAREST]
        features = np.stack([values[near], sizes[near]], axis=1)
        return _predicted(
            features,
            reached[places[near]],
            np.array([value, size]),
            rises=name != "loss",
            confidence=rule.confidence,
        )


def _predicted(
    features: Floats, reached: Floats, at: Floats, *, rises: bool, confidence: float
) -> tuple[float, float] | None:
    """Mean and upper end of a prediction; None where the curve says nothing.

    Args:
        features: What was shown and the log size of done trials, `[N, 2]`.
        reached: Their accuracies [%], `[N]`.
        at: Value and log size of the trial, `[2]`.
        rises: Whether more of what is shown is better.
        confidence: Share of the predictions that lie below the upper end.
    """
    middle, spread = features.mean(axis=0), features.std(axis=0)
    if spread[0] <= 0:
        return None
    scale = np.where(spread > 0, spread, 1.0)
    basis = np.column_stack([np.ones(len(features)), (features - middle) / scale])
    weights, _, rank, _ = np.linalg.lstsq(basis, reached, rcond=None)
    if bool(weights[1] > 0) != rises:
        return None
    freedom = len(reached) - int(rank)
    left = reached - basis @ weights
    point = np.concatenate([[1.0], (at - middle) / scale])
    leverage = float(point @ np.linalg.pinv(basis.T @ basis) @ point)
    error = float(np.sqrt(left @ left / freedom * (1.0 + leverage)))
    expected = float(point @ weights)
    at_most = expected + student_quantile(confidence, freedom) * error
    return float(np.clip(expected, 0.0, 100.0)), min(at_most, 100.0)

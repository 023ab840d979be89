"""How does a trial train under its watch? On from what was kept, epoch by epoch.

The state after an epoch has with it what the trial has told and taken so far, so that
one that goes on ends as if there had been no break.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from vidnas.errors import InputError
from vidnas.training.fit import Fit
from vidnas.training.score import Score
from vidnas.training.session import State
from vidnas.trials.objectives import ACCURACIES
from vidnas.trials.watch import Kept, TrainingStoppedError, Watch

TOLD = "trial"  # its name among the arrays of a state
Report = dict[str, float]


class WatchedTrial:
    """One trial in training.

    Args:
        fit: Training of the trial, at its first step.
        watch: Watch over it, which may have kept a state to go on from.
        epochs: Epochs of the trial.
        began: Time at which this try of the trial began, by `time.perf_counter` [s].
    """

    def __init__(self, fit: Fit, watch: Watch, epochs: int, began: float) -> None:
        self._fit = fit
        self.watch = watch
        self._epochs = epochs
        self._began = began
        self._built = time.perf_counter()
        self._train_seconds = 0.0
        self._earlier: dict[str, float] = {}  # seconds of tries that it goes on from
        self._reports: dict[int, Report] = {}
        self._resumed = self._continued = 0
        kept = watch.kept()
        if kept is not None:
            self._go_on(kept)

    @property
    def seconds(self) -> float:
        """Time of the trial so far, of every try that it goes on from [s]."""
        return self._sum("seconds", time.perf_counter() - self._began)

    @property
    def measured(self) -> Report:
        """Where the time went, and which epochs were trained before."""
        epochs = {
            "resumed_epochs": float(self._resumed),
            "continued_epochs": float(self._continued),
        }
        return {**self._times(), **{k: v for k, v in epochs.items() if v}}

    def train(self, *, each_epoch: bool) -> Score:
        """Trains the epochs that are left; how the network does in the end.

        Args:
            each_epoch: Whether to measure after every epoch.

        Raises:
            TrainingStoppedError: the study wants the training to end.
        """
        for epoch, report in self._reports.items():  # the study may have missed some
            self.watch.epoch(epoch, report)
        score = None
        for epoch in range(self._fit.epochs_done, self._epochs):
            began = time.perf_counter()
            report = self._fit.train(epoch, lambda *step: self.watch.step())
            self._train_seconds += time.perf_counter() - began
            if each_epoch:
                score = self._fit.score()
                report = {**report, **_told(score)}
            self._end_epoch(epoch + 1, report)
        return score or self._fit.score()

    def _end_epoch(self, epoch: int, report: Report) -> None:
        """Tells of an epoch and keeps it, also where the study wants no more."""
        self._reports[epoch] = report
        try:
            self.watch.epoch(epoch, report)
        except TrainingStoppedError:
            self.watch.keep(epoch, self._state())
            raise
        self.watch.keep(epoch, self._state())

    def _state(self) -> State:
        told = {
            "reports": list(self._reports.items()),
            "continued": self._continued,
            "times": {**self._times(), "seconds": self.seconds},
        }
        return {**self._fit.state(), TOLD: np.array(json.dumps(told))}

    def _go_on(self, kept: Kept) -> None:
        """Goes on from a state; one that does not fit is passed over."""
        state = dict(kept.state)
        try:
            told: Mapping[str, Any] = json.loads(str(state.pop(TOLD)))
            reports = {int(epoch): dict(report) for epoch, report in told["reports"]}
            times = {name: float(told["times"][name]) for name in _TIMES}
            continued = int(told["continued"])
            self._fit.restore(state)
        except (InputError, ValueError, LookupError, TypeError):
            return
        if kept.is_of_lower_rung:  # that trial told its epochs and its time
            self._continued = self._fit.epochs_done
            return
        self._continued = continued
        self._resumed = self._fit.epochs_done - continued
        self._reports, self._earlier = reports, times

    def _times(self) -> dict[str, float]:
        return {
            "build_seconds": self._sum("build_seconds", self._built - self._began),
            "train_seconds": self._sum("train_seconds", self._train_seconds),
        }

    def _sum(self, name: str, seconds: float) -> float:
        return self._earlier.get(name, 0.0) + seconds


_TIMES = ("build_seconds", "train_seconds", "seconds")


def _told(score: Score) -> Report:
    """What is told of a measurement after an epoch."""
    found = {k: v for k, v in score.accuracies.items() if k in ACCURACIES}
    return {"val_loss": score.loss, **found}

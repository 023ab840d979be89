"""What has one study found, after how much effort? Its networks as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Bools, Floats
from vidnas.statistics.attainment import best_within
from vidnas.statistics.fronts.growing_volume import GrowingVolume
from vidnas.study.history import History
from vidnas.trials.trial import Trial

EFFORTS = ("trials", "epochs", "hours")
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class ComparedStudy:
    """A study that is compared with others.

    Args:
        place: Folder or address, as somebody named it.
        history: Study as its journal tells it.
        known_at: Effort after which each network was known, `[N]`, by name: `trials`
            (different networks that were tried), `epochs` trained, and `hours` of
            training, as trials measured them.
        costs: Costs that the study lowers, of each network, `[N, K]`.
        accuracies: Accuracy of each network [%], `[N]`.
        spent: Effort of all its finished trials, by the same names.
    """

    place: str
    history: History
    known_at: Mapping[str, Floats]
    costs: Floats
    accuracies: Floats
    spent: Mapping[str, float]

    @classmethod
    def of(cls, place: str, history: History) -> "ComparedStudy":
        """A study by its trials done in full, in their order of proposal.

        Earlier studies' trials are known before anything is spent.
        """
        aims = history.objectives
        spent, seen = np.zeros(len(EFFORTS)), set[str]()
        known: list[Floats] = []
        rows: list[list[float]] = []
        for trial in history.trials:
            if trial.state == "running":
                continue
            if not trial.taken_over_from:
                spent = spent + _effort_of(trial, history, trial.arch_id not in seen)
                seen.add(trial.arch_id)
            if _is_compared(trial, history):
                known.append(spent if not trial.taken_over_from else 0.0 * spent)
                rows.append([trial.value(name) for name in aims.names])
        for trial in history.repeats:  # what they measured is in the means above
            spent = spent + _effort_of(trial, history, is_new=False)
        table = np.array(rows, np.float64).reshape(-1, len(aims.names))
        at = np.array(known, np.float64).reshape(-1, len(EFFORTS))
        return cls(
            place=place,
            history=history,
            known_at=dict(zip(EFFORTS, at.T, strict=True)),
            costs=table[:, :-1],
            accuracies=table[:, -1],
            spent=dict(zip(EFFORTS, spent.tolist(), strict=True)),
        )

    @property
    def seed(self) -> int:
        """Seed of its proposals."""
        return self.history.head.identity.seed

    def within(self, by: str, at: float) -> Bools:
        """Which networks an effort has found, `[N]`.

        Args:
            by: Name of the effort.
            at: How much of it is spent.
        """
        found: Bools = self.known_at[by] <= at
        return found

    def best(self, budgets: Floats, by: str, at: float, *, least: float) -> Floats:
        """The best accuracy within each budget of the first cost [%], `[B]`.

        Args:
            budgets: Budgets of the first cost, `[B]`.
            by: Name of the effort.
            at: How much of it is spent.
            least: Accuracy of guessing [%], which counts where nothing better fits.
        """
        found = self.within(by, at)
        costs, accuracies = self.costs[found, 0], self.accuracies[found]
        return best_within(costs, accuracies, budgets, least=least)

    def volumes(self, by: str, reference: Floats) -> tuple[Floats, Floats]:
        """The efforts at which the hypervolume grew, ascending, and what it was then.

        Args:
            by: Name of the effort.
            reference: Worst costs and accuracy that still count, `[K + 1]`.
        """
        worst = _lowered(reference)
        rows = _lowered(np.column_stack([self.costs, self.accuracies]))
        order = np.argsort(self.known_at[by], kind="stable")
        growing = GrowingVolume(worst.tolist())
        at, volumes = [0.0], [0.0]
        for index in order.tolist():
            if growing.add(rows[index].tolist()):
                at.append(float(self.known_at[by][index]))
                volumes.append(growing.volume)
        return np.array(at), np.array(volumes)


def _lowered(rows: Floats) -> Floats:
    """Costs and accuracy, the last, as costs to minimise."""
    signs = np.ones(rows.shape[-1])
    signs[-1] = -1.0
    lowered: Floats = rows * signs
    return lowered


def _is_compared(trial: Trial, history: History) -> bool:
    """Whether a trial may stand on the study's front."""
    return (
        trial.state == "done"
        and trial.fidelity == history.fidelity
        and trial.source == "trained"
        and history.objectives.are_known_of(trial)
    )


def _effort_of(trial: Trial, history: History, is_new: bool) -> Floats:
    """Trials, epochs and hours of one trial, `[3]`."""
    epochs = float(len(history.curves.get(trial.number, ())))
    if not epochs and trial.state == "done":
        before = trial.measured.get("continued_epochs", 0.0)
        epochs = trial.fidelity.epochs - before
    hours = trial.measured.get("seconds", 0.0) / HOUR
    return np.array([float(is_new), epochs, hours])

"""How good are predictions? Accuracies and loss, over views where there are several."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidnas.statistics.bootstrap import class_means, mean_precision
from vidnas.statistics.classification import (
    average_precisions,
    confusion,
    f1_scores,
    mean_known,
    named_within,
    recalls,
)

LEAST = 1e-12  # probability whose logarithm is taken in place of none at all
SEED = 0  # of the bootstrap: the same predictions have the same intervals

Rows = NDArray[np.float32]  # [N, K]


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """How a network does on N clips of K classes.

    Args:
        probabilities: Probability of each class, `[N, K]`.
        targets: 1 for each class of each clip, `[N, K]`.
        losses: Loss of each clip, `[N]`.
        multi_label: Whether a clip may have several classes, or none.
    """

    probabilities: Rows
    targets: Rows
    losses: NDArray[np.float32]
    multi_label: bool = False

    @property
    def clips(self) -> int:
        """Number of clips."""
        return len(self.targets)

    @property
    def loss(self) -> float:
        """Mean loss of a clip."""
        return float(self.losses.mean())

    @property
    def top1(self) -> float:
        """Share of clips whose class is named first [%]."""
        return self._named_within(1)

    @property
    def top5(self) -> float:
        """Share of clips whose class is among the first five [%]."""
        return self._named_within(5)

    @property
    def mean_average_precision(self) -> float:
        """Mean of the average precisions of classes with a clip [%]."""
        found = average_precisions(self.probabilities, self.targets)
        return 100.0 * float(mean_known(found))

    @property
    def accuracies(self) -> dict[str, float]:
        """Every accuracy by name [%], with intervals where Wilson has none."""
        rng = np.random.default_rng(SEED)
        low, high = mean_precision(self.probabilities, self.targets, rng)
        several = _percents("map", self.mean_average_precision / 100.0, low, high)
        if self.multi_label:
            return several
        confused = confusion(self.probabilities, self.targets)
        recall, f1 = class_means(confused, rng)
        right, clips, named = _totals(confused)
        return {
            "top1": self.top1,
            "top5": self.top5,
            **_percents(
                "balanced_accuracy", float(mean_known(recalls(right, clips))), *recall
            ),
            **_percents(
                "macro_f1", float(mean_known(f1_scores(right, clips, named))), *f1
            ),
            **several,
        }

    def per_class(self) -> dict[str, list[float | None]]:
        """Clips, average precision and, with one class a clip, recall of each class.

        Shares are in percent; None for a class without a clip.
        """
        precisions = average_precisions(self.probabilities, self.targets)
        found: dict[str, list[float | None]] = {
            "clips": [float(count) for count in self.targets.sum(axis=0)],
            "average_precision": _list_of(precisions),
        }
        if not self.multi_label:
            right, clips, _ = _totals(confusion(self.probabilities, self.targets))
            found["recall"] = _list_of(recalls(right, clips))
        return found

    def _named_within(self, guesses: int) -> float:
        right = named_within(self.probabilities, self.targets, guesses)
        return 100.0 * float(right.mean())


def _percents(name: str, value: float, low: float, high: float) -> dict[str, float]:
    return {
        name: 100.0 * value,
        f"{name}_low": 100.0 * low,
        f"{name}_high": 100.0 * high,
    }


def _totals(
    confused: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Right clips, clips, and clips named so, of each class."""
    return np.diag(confused), confused.sum(axis=1), confused.sum(axis=0)


def _list_of(shares: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(share) else 100.0 * float(share) for share in shares]


def average_views(probabilities: Rows, views: int) -> Rows:
    """Probabilities of each video: the mean of those of its views.

    Args:
        probabilities: Probabilities `[N * views, K]`, the views of a video one after
            another.
        views: Views of each video.

    Returns:
        Probabilities `[N, K]`.
    """
    grouped = probabilities.reshape(-1, views, probabilities.shape[-1])
    return np.asarray(grouped.mean(axis=1), np.float32)


def score_of(probabilities: Rows, targets: Rows, multi_label: bool = False) -> Score:
    """How good probabilities are.

    Args:
        probabilities: Probabilities `[N, K]`.
        targets: Share of each class `[N, K]`.
        multi_label: Whether a clip may have several classes, or none.
    """
    logs = targets * np.log(np.maximum(probabilities, LEAST))
    if multi_label:
        logs = logs + (1.0 - targets) * np.log(np.maximum(1.0 - probabilities, LEAST))
        logs = logs / logs.shape[1]
    losses = -logs.sum(axis=1)
    return Score(probabilities, targets, np.asarray(losses, np.float32), multi_label)

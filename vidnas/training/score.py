"""How good are predictions? Accuracy and loss, over views where there are several."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST = 1e-12  # probability whose logarithm is taken in place of none at all


class Score(NamedTuple):
    """How a network does on a set of clips."""

    top1: float  # [%]
    top5: float  # [%]
    loss: float
    clips: int


def average_views(
    probabilities: NDArray[np.float32], views: int
) -> NDArray[np.float32]:
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


def score_of(probabilities: NDArray[np.float32], targets: NDArray[np.float32]) -> Score:
    """How good probabilities are.

    Args:
        probabilities: Probabilities `[N, K]`.
        targets: Share of each class `[N, K]`.
    """
    K = probabilities.shape[1]
    label = targets.argmax(1)[:, None]
    own = np.take_along_axis(probabilities, label, axis=1)
    better = (probabilities > own).sum(axis=1)
    losses = -(targets * np.log(np.maximum(probabilities, LEAST))).sum(axis=1)
    return Score(
        top1=100.0 * float((better < 1).mean()),
        top5=100.0 * float((better < min(5, K)).mean()),
        loss=float(losses.mean()),
        clips=len(targets),
    )

"""How good are the probabilities of classes? Accuracies of clips and of classes.

Numbers are shares from 0 to 1. A class without a clip of its own says nothing of a
network: its recall, F1 and average precision are NaN and no mean counts them.
"""

import warnings

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Bools, Floats, Ints

Probabilities = NDArray[np.floating]  # [N, K]
Targets = NDArray[np.floating]  # [N, K]: 1 for each class of a clip, 0 elsewhere


def named_within(probabilities: Probabilities, targets: Targets, guesses: int) -> Bools:
    """Whether the class of each clip is among the most probable `guesses`, `[N]`.

    Of equally probable classes the first comes first. A clip with a probability that is
    NaN is wrong.

    Args:
        probabilities: Probability of each class, `[N, K]`.
        targets: 1 for the class of each clip, `[N, K]`.
        guesses: Number of classes that may be named.
    """
    truth = targets.argmax(axis=1)[:, None]
    own = np.take_along_axis(probabilities, truth, axis=1)
    earlier = np.arange(targets.shape[1])[None, :] < truth
    before = (probabilities > own) | ((probabilities == own) & earlier)
    sound = ~np.isnan(probabilities).any(axis=1)
    return np.asarray((before.sum(axis=1) < guesses) & sound, np.bool_)


def confusion(probabilities: Probabilities, targets: Targets) -> Ints:
    """Clips of each class (row) that were named each class (column), `[K, K]`.

    Args:
        probabilities: Probability of each class, `[N, K]`; the first of the highest is
            named.
        targets: 1 for the class of each clip, `[N, K]`.
    """
    classes = targets.shape[1]
    cells = targets.argmax(axis=1) * classes + probabilities.argmax(axis=1)
    counts = np.bincount(cells, minlength=classes * classes)
    return counts.reshape(classes, classes)


def recalls(right: Ints, clips: Ints) -> Floats:
    """Share of each class's clips that were named so, `[..., K]`.

    Args:
        right: Clips of each class that were named so, `[..., K]`.
        clips: Clips of each class, `[..., K]`.
    """
    return np.where(clips > 0, right / np.maximum(clips, 1), np.nan)


def f1_scores(right: Ints, clips: Ints, named: Ints) -> Floats:
    """Harmonic mean of each class's precision and recall, `[..., K]`.

    Args:
        right: Clips of each class that were named so, `[..., K]`.
        clips: Clips of each class, `[..., K]`.
        named: Clips that were named each class, `[..., K]`.
    """
    either = np.maximum(clips + named, 1)
    return np.where(clips > 0, 2.0 * right / either, np.nan)


def average_precisions(probabilities: Probabilities, targets: Targets) -> Floats:
    """Precision over the recall of each class, `[K]`; NaN without a positive.

    Clips of equal probability are counted together, so their order means nothing.

    Args:
        probabilities: Probability of each class, `[N, K]`; NaN comes last.
        targets: 1 for each class of each clip, `[N, K]`.

    Source:
        Area under the precision-recall steps, without interpolation, as Charades
        (arXiv 1604.01753) counts it.
    """
    every = np.ones((1, len(targets)), np.int64)
    found: Floats = weighted_precisions(probabilities, targets, every)[0]
    return found


def weighted_precisions(
    probabilities: Probabilities, targets: Targets, counts: Ints
) -> Floats:
    """Average precision of each class where clips count several times, `[R, K]`.

    Args:
        probabilities: Probability of each class, `[N, K]`.
        targets: 1 for each class of each clip, `[N, K]`.
        counts: How often each clip counts, in each of R samples `[R, N]`.
    """
    scores = np.nan_to_num(probabilities, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    found = np.full((len(counts), targets.shape[1]), np.nan)
    for k in range(targets.shape[1]):
        order = np.argsort(-scores[:, k], kind="stable")
        falling, positive = scores[order, k], targets[order, k] > 0.5
        if not positive.any():
            continue
        # Where a run of equal scores ends; only runs with a positive count.
        ends = np.append(falling[1:] != falling[:-1], True)
        run = np.cumsum(ends) - ends
        used = np.unique(run[positive])
        at = np.flatnonzero(ends)[used]
        ranked = counts[:, order]
        above = np.cumsum(ranked, axis=1)[:, at]
        hits = np.cumsum(ranked[:, positive], axis=1)
        last = np.searchsorted(run[positive], used, side="right") - 1
        hits = hits[:, last]
        gained = np.diff(hits, axis=1, prepend=0)
        precision = hits / np.maximum(above, 1)
        total = hits[:, -1]
        summed = (gained * precision).sum(axis=1)
        found[:, k] = np.where(total > 0, summed / np.maximum(total, 1), np.nan)
    return found


def mean_known(values: Floats) -> Floats:
    """Mean over the last axis, `[...]`, of what is not NaN; NaN where all is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a mean over nothing
        return np.asarray(np.nanmean(values, axis=-1), np.float64)

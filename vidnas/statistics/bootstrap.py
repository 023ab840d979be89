"""How sure is an accuracy that is no share of clips? Bootstrap over the clips.

Clips are drawn with replacement, as many as there are, and the accuracy is computed
again: the percentiles of what comes out are its interval. That covers the chance of the
clips, not that of the training's seed.
"""

from collections.abc import Callable, Sequence

import numpy as np

from vidnas.arrays import Floats, Ints
from vidnas.statistics.classification import (
    Probabilities,
    Targets,
    f1_scores,
    mean_known,
    recalls,
    weighted_precisions,
)

RESAMPLES = 1000
FEWEST = 100  # resamples of the largest sets
_CELLS = 4_000_000  # numbers in memory at once
_WORK = 200_000_000  # clips times classes times resamples, where precision is averaged

Interval = tuple[float, float]


def percentiles(values: Floats, level: float) -> Interval:
    """The limits between which `level` of the resamples `[R]` lie; NaN counts not."""
    tail = 50.0 * (1.0 - level)
    low, high = np.nanpercentile(values, [tail, 100.0 - tail])
    return float(low), float(high)


def resampled_means(
    values: Floats,
    rng: np.random.Generator,
    *,
    groups: Sequence[str] = (),
    resamples: int = RESAMPLES,
) -> Floats:
    """Means of samples of clips, `[R]`; of the same seed, samples are the same.

    Args:
        values: Number of each clip, `[N]`, such as 1 where its class was named.
        rng: Generator that draws the clips.
        groups: Group of each clip, such as a person, of which whole ones are drawn;
            none to draw clips one by one.
        resamples: Number of samples.
    """
    names = groups or tuple(map(str, range(len(values))))
    _, of_clip = np.unique(np.array(names), return_inverse=True)
    sums = np.bincount(of_clip, weights=values)
    sizes = np.bincount(of_clip)
    count = len(sums)

    def means(some: int) -> Floats:
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=some)
        return np.asarray((drawn @ sums) / (drawn @ sizes), np.float64)

    return _in_parts(means, resamples, max(1, _CELLS // count))


def class_means(
    confused: Ints,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> tuple[Interval, Interval]:
    """Intervals of the mean recall and of the mean F1 over classes.

    Args:
        confused: Clips of each class (row) by the class they were named (column),
            `[K, K]`.
        rng: Generator that draws the clips.
        level: Share of such intervals that shall hold the true value.
        resamples: Number of samples of clips.
    """
    rows, columns = np.nonzero(confused)
    counts = confused[rows, columns]
    clips = int(counts.sum())
    step = max(1, _CELLS // len(counts))
    found: list[tuple[Floats, Floats]] = []
    for begin in range(0, resamples, step):
        drawn = rng.multinomial(
            clips, counts / clips, size=min(step, resamples - begin)
        )
        found.append(_class_means(drawn, rows, columns, len(confused)))
    recall, f1 = (np.concatenate(some) for some in zip(*found, strict=True))
    return percentiles(recall, level), percentiles(f1, level)


def _class_means(
    drawn: Ints, rows: Ints, columns: Ints, classes: int
) -> tuple[Floats, Floats]:
    """Mean recall and mean F1 of each sample of cells `[R, cells]`, each `[R]`."""

    def summed(cells: Ints, where: Ints) -> Ints:
        found = np.zeros((classes, len(drawn)), np.int64)
        np.add.at(found, where, cells.T)
        return found.T

    hit = rows == columns
    right = summed(drawn[:, hit], rows[hit])
    of_class, named = summed(drawn, rows), summed(drawn, columns)
    return (
        mean_known(recalls(right, of_class)),
        mean_known(f1_scores(right, of_class, named)),
    )


def mean_precision(
    probabilities: Probabilities,
    targets: Targets,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Interval of the mean average precision.

    Args:
        probabilities: Probability of each class, `[N, K]`.
        targets: 1 for each class of each clip, `[N, K]`.
        rng: Generator that draws the clips.
        level: Share of such intervals that shall hold the true value.
        resamples: Number of samples of clips, at most; fewer for large sets.
    """
    means = resampled_precisions(probabilities, targets, rng, resamples=resamples)
    return percentiles(means, level)


def resampled_precisions(
    probabilities: Probabilities,
    targets: Targets,
    rng: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
) -> Floats:
    """Mean average precisions of samples of clips, `[R]`; of one seed, the same clips.

    Args:
        probabilities: Probability of each class, `[N, K]`.
        targets: 1 for each class of each clip, `[N, K]`.
        rng: Generator that draws the clips.
        resamples: Number of samples of clips, at most; fewer for large sets.
    """
    clips, classes = targets.shape
    resamples = min(resamples, max(FEWEST, _WORK // (clips * classes)))
    step = max(1, _CELLS // clips)

    def means(count: int) -> Floats:
        drawn = np.stack(
            [
                np.bincount(rng.integers(clips, size=clips), minlength=clips)
                for _ in range(count)
            ]
        )
        return mean_known(weighted_precisions(probabilities, targets, drawn))

    return _in_parts(means, resamples, step)


def _in_parts(compute: Callable[[int], Floats], count: int, step: int) -> Floats:
    """`count` numbers, computed `step` at a time."""
    return np.concatenate(
        [compute(min(step, count - begin)) for begin in range(0, count, step)]
    )

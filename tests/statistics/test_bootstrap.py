"""Intervals of accuracies that are no share of clips."""

import numpy as np
import pytest

from vidnas.statistics.bootstrap import (
    class_means,
    mean_precision,
    percentiles,
    resampled_means,
    resampled_precisions,
)
from vidnas.statistics.classification import average_precisions, confusion

RECALLS = np.array([0.9, 0.6, 0.4])  # true ones of three classes
SHARES = np.array([0.5, 0.3, 0.2])


def sampled_table(rng, clips):
    """Clips drawn of all that there are, each named by chance."""
    labels = rng.choice(3, size=clips, p=SHARES)
    right = rng.random(clips) < RECALLS[labels]
    named = np.where(right, labels, (labels + rng.integers(1, 3, clips)) % 3)
    table = np.zeros((3, 3), np.int64)
    np.add.at(table, (labels, named), 1)
    return table


def sampled_scores(rng, clips):
    targets = (rng.random((clips, 2)) < [0.3, 0.5]).astype(np.float64)
    return rng.normal(size=(clips, 2)) + [1.2, 0.6] * targets, targets


def test_nine_of_ten_intervals_hold_the_true_mean_recall():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        (low, high), _ = class_means(
            sampled_table(rng, 150), rng, level=0.9, resamples=300
        )
        held += low <= RECALLS.mean() <= high
    assert 0.85 <= held / 300 <= 0.95


@pytest.mark.slow
def test_nine_of_ten_intervals_hold_the_true_mean_precision():
    rng = np.random.default_rng(1)
    truth = average_precisions(*sampled_scores(rng, 200_000)).mean()
    held = 0
    for _ in range(300):
        scores, targets = sampled_scores(rng, 150)
        low, high = mean_precision(scores, targets, rng, level=0.9, resamples=150)
        held += low <= truth <= high
    assert 0.85 <= held / 300 <= 0.95


def test_an_interval_shrinks_with_the_root_of_the_clips():
    rng = np.random.default_rng(0)
    widths = []
    for clips in (200, 3200):
        (low, high), _ = class_means(sampled_table(rng, clips), rng)
        widths.append(high - low)
    # 16 times the clips, a quarter of the width
    assert widths[0] / widths[1] == pytest.approx(4.0, rel=0.25)


def test_what_is_always_right_has_no_width():
    targets = np.eye(4)[np.arange(40) % 4]
    rng = np.random.default_rng(0)
    assert class_means(confusion(targets, targets), rng) == ((1.0, 1.0), (1.0, 1.0))
    assert mean_precision(targets, targets, rng) == (1.0, 1.0)


def test_the_same_seed_gives_the_same_interval():
    scores, targets = sampled_scores(np.random.default_rng(3), 100)
    first, again = (
        mean_precision(scores, targets, np.random.default_rng(0)) for _ in range(2)
    )
    assert first == again


def test_percentiles_are_those_of_what_is_known():
    values = np.append(np.arange(101.0), np.nan)
    assert percentiles(values, 0.9) == pytest.approx((5.0, 95.0))


def test_means_of_samples_are_spread_as_means_of_clips_are():
    values = np.repeat([0.0, 1.0], 50)
    means = resampled_means(values, np.random.default_rng(0))
    # sqrt(0.25 / 100): half a point of 100 clips
    assert means.mean() == pytest.approx(0.5, abs=0.005)
    assert means.std() == pytest.approx(0.05, abs=0.005)
    assert (resampled_means(values, np.random.default_rng(0)) == means).all()


def test_clips_of_one_group_are_drawn_together():
    values = np.repeat([0.0, 1.0], 50)
    groups = [f"person {n // 25}" for n in range(100)]  # four, each all right or wrong
    means = resampled_means(values, np.random.default_rng(0), groups=groups)
    assert set(means.tolist()) <= {0.0, 0.25, 0.5, 0.75, 1.0}
    # sqrt(0.25 / 4): as sure as four persons are, whatever their clips
    assert means.std() == pytest.approx(0.25, abs=0.02)
    unlike = np.array([1.0, 0.0, 0.0, 0.0])
    drawn = resampled_means(
        unlike, np.random.default_rng(1), groups=["a", "b", "b", "b"]
    )
    assert set(np.round(drawn, 6).tolist()) == {0.0, 0.25, 1.0}


def test_a_paired_difference_of_precision_draws_the_same_clips_for_both():
    scores, targets = sampled_scores(np.random.default_rng(0), 200)
    first, second = (
        resampled_precisions(scores, targets, np.random.default_rng(3), resamples=50)
        for _ in range(2)
    )
    assert (first == second).all()
    low, high = mean_precision(scores, targets, np.random.default_rng(3), resamples=50)
    assert percentiles(first, 0.95) == (low, high)

"""What failed is modelled: a region, or no pattern at all."""

import numpy as np

from vidnas.strategies.ladder.success import LEAST, Success


def trainings(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 12))


def test_one_failure_teaches_nothing():
    points = trainings(10)
    failed = np.arange(10) == 3
    assert (Success.of(points, failed).chance(points) == 1.0).all()


def test_a_region_that_fails_is_told_from_the_rest():
    # Large in the first feature and in the second: a sixth of the trainings.
    points, unseen = trainings(100), trainings(400, seed=1)

    def fails(rows):
        return (rows[:, 0] > 0.2) & (rows[:, 1] > 0.2)

    chance = Success.of(points, fails(points)).chance(unseen)
    assert chance[fails(unseen)].mean() < 0.35
    assert chance[~fails(unseen)].mean() > 0.85
    assert chance.min() >= LEAST


def test_failures_without_a_pattern_change_little():
    points, unseen = trainings(100), trainings(400, seed=1)
    spreads = []
    for seed in range(4):
        failed = np.random.default_rng(seed).random(100) < 0.1
        chance = Success.of(points, failed).chance(unseen)
        assert abs(chance.mean() - (1.0 - failed.mean())) < 0.06
        spreads.append(chance.std())
    assert np.median(spreads) < 0.1


def test_where_all_failed_every_candidate_is_alike():
    chance = Success.of(trainings(4), np.ones(4, np.bool_)).chance(trainings(3))
    assert (chance == LEAST).all()

import math

import numpy as np
import pytest

from vidnas.statistics.seeds import (
    difference_of_means,
    halves_over_seeds,
    mean_over_seeds,
)


def test_the_interval_of_three_seeds_is_that_of_a_table():
    # standard deviation 2, t of 2 degrees of freedom 4.303
    found = mean_over_seeds(np.array([8.0, 10.0, 12.0]))
    assert (found.value, found.seeds) == (10.0, 3)
    assert found.half == pytest.approx(4.303 * 2.0 / math.sqrt(3), rel=1e-3)
    assert found.limits == (10.0 - found.half, 10.0 + found.half)
    rows = np.array([[8.0, 1.0], [10.0, 1.0], [12.0, 1.0]])
    assert halves_over_seeds(rows) == pytest.approx([found.half, 0.0])


def test_one_seed_shows_no_spread():
    assert mean_over_seeds(np.array([3.0])).limits is None
    assert difference_of_means(np.array([3.0]), np.array([1.0, 2.0])).half is None
    assert np.isnan(halves_over_seeds(np.array([[1.0, 2.0]]))).all()


def test_equal_values_are_no_difference_whatever_rounding_leaves():
    thirds = np.array([0.1 + 0.2, 0.3, 0.3])
    found = difference_of_means(thirds, thirds)
    assert (found.value, found.half) == (0.0, 0.0)


def test_equal_spreads_have_the_degrees_of_freedom_of_both():
    # each variance 4 / 3, t of 4 degrees of freedom 2.776
    found = difference_of_means(np.array([8.0, 10.0, 12.0]), np.array([1.0, 3.0, 5.0]))
    assert found.value == 7.0
    assert found.half == pytest.approx(2.776 * math.sqrt(8 / 3), rel=1e-3)


@pytest.mark.parametrize(("ours", "theirs"), [(3, 3), (2, 5), (5, 5), (8, 3)])
@pytest.mark.parametrize("wider", [1.0, 4.0])
def test_intervals_of_differences_hold_the_truth_as_often_as_they_say(
    ours, theirs, wider
):
    rng = np.random.default_rng([ours, theirs, int(wider)])
    held = []
    for _ in range(1500):
        a, b = rng.normal(2.0, 1.0, ours), rng.normal(1.0, wider, theirs)
        found = difference_of_means(a, b, 0.9)
        held.append(abs(found.value - 1.0) <= found.half)
    # Welch with the freedom rounded down errs to the safe side with two seeds.
    assert 0.88 < np.mean(held) < 0.98


def test_more_seeds_make_a_mean_surer():
    rng = np.random.default_rng(0)
    values = rng.normal(size=400)
    halves = [mean_over_seeds(values[:n]).half for n in (3, 10, 100, 400)]
    assert halves == sorted(halves, reverse=True)


def test_three_equal_groups_are_seldom_told_apart():
    rng = np.random.default_rng(1)
    level, alarms = 1.0 - 0.05 / 3, 0
    for _ in range(1000):
        groups = rng.normal(size=(3, 3))
        found = [difference_of_means(groups[a], groups[b], level) for a, b in PAIRS]
        alarms += any(abs(one.value) > one.half for one in found)
    assert alarms <= 50  # 5 % of the comparisons, for all pairs together


PAIRS = ((0, 1), (0, 2), (1, 2))

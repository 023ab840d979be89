"""True values behind noisy ones: drawn towards a line, as far as noise asks."""

import numpy as np
import pytest

from vidnas.statistics.shrinkage import Shrinkage


def study(rng, spread, noise, count=60):
    """Positions, true values around a rising line, measured ones."""
    at = rng.uniform(0.0, 3.0, count)
    true = 50.0 + 6.0 * at + rng.normal(0.0, spread, count)
    return at, true, true + rng.normal(0.0, noise, count)


def test_without_noise_true_values_are_the_measured_ones():
    at, _, values = study(np.random.default_rng(0), 2.0, 0.0)
    means, deviations = Shrinkage.of(values, np.zeros(60), at).moments()
    assert means == pytest.approx(values, abs=1e-3)
    assert deviations.max() < 0.01


def test_where_networks_differ_by_noise_alone_they_are_those_of_the_line():
    at, _, values = study(np.random.default_rng(1), 0.0, 5.0)
    means, _ = Shrinkage.of(values, np.full(60, 25.0), at).moments()
    # Far less is left around the true line than was measured around it.
    assert np.std(means - (50.0 + 6.0 * at)) < 0.4 * np.std(values - 50.0 - 6.0 * at)


def test_fewer_than_five_values_stand_for_themselves():
    means, deviations = Shrinkage.of(
        np.array([10.0, 90.0]), np.array([4.0, 9.0]), np.array([1.0, 1.0])
    ).moments()
    assert means.tolist() == [10.0, 90.0]
    assert deviations.tolist() == pytest.approx([2.0, 3.0])


def test_draws_have_the_moments_that_are_told():
    at, _, values = study(np.random.default_rng(2), 2.0, 3.0, count=12)
    model = Shrinkage.of(values, np.full(12, 9.0), at)
    means, deviations = model.moments()
    which = np.array([7, 0, 3])
    draws = model.draw(np.random.default_rng(0), 40_000, which)
    assert draws.shape == (40_000, 3)
    # The mean of 40,000 draws of a deviation of about 2 errs by 0.01.
    assert draws.mean(axis=0) == pytest.approx(means[which], abs=0.05)
    assert draws.std(axis=0) == pytest.approx(deviations[which], rel=0.03)


@pytest.mark.parametrize("spread", [2.0, 6.0])
def test_ninety_percent_of_true_values_lie_in_ninety_percent_intervals(spread):
    rng = np.random.default_rng(int(spread))
    inside, inside_best = [], []
    for _ in range(60):
        at, true, values = study(rng, spread, 2.5)
        means, deviations = Shrinkage.of(values, np.full(60, 6.25), at).moments()
        holds = np.abs(means - true) < 1.645 * deviations
        inside.append(holds.mean())
        inside_best.append(holds[np.argsort(-values)[:5]].mean())
    assert 0.85 <= np.mean(inside) <= 0.95
    # Of the luckiest five too, which measured values overstate.
    assert 0.85 <= np.mean(inside_best) <= 0.95

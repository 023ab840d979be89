import math

import numpy as np
import pytest

from vidnas.strategies.ladder.model import Ladder, Scale, _learnt, _normal


def test_the_normal_distribution_is_that_of_erf():
    z = np.linspace(-6.0, 6.0, 241)
    exact = [0.5 * (1.0 + math.erf(x / math.sqrt(2.0))) for x in z]
    np.testing.assert_allclose(_normal(z), exact, atol=1e-7)


@pytest.mark.parametrize("percent", [True, False])
def test_the_expected_improvement_is_the_mean_of_improvements(percent):
    accuracies = np.array([40.0, 60.0, 75.0]) if percent else np.array([-3.0, 250.0])
    scale = Scale.of(accuracies)
    assert scale.percent is percent
    mean, deviation, best = 0.3, 0.7, np.array([-0.5, 0.4])
    rng = np.random.default_rng(0)
    drawn = mean + deviation * rng.normal(size=400_000)

    def accuracy(cost):
        cost = scale.mean + scale.deviation * cost
        return 100.5 - np.exp(cost) if percent else -cost

    gains = scale.improvement(np.array([mean]), np.array([deviation]), best)[0]
    for gain, level in zip(gains, best, strict=True):
        sampled = np.maximum(accuracy(drawn) - accuracy(level), 0.0).mean()
        assert gain == pytest.approx(sampled, rel=0.01)


def test_modelled_costs_fall_where_accuracy_rises_and_have_deviation_one():
    scale = Scale.of(np.array([10.0, 50.0, 90.0, 99.0]))
    costs = scale.costs(np.array([10.0, 50.0, 90.0, 99.0]))
    assert (np.diff(costs) < 0.0).all()
    assert costs.mean() == pytest.approx(0.0, abs=1e-12)
    assert costs.std() == pytest.approx(1.0)


def test_a_ladder_is_raised_on_the_rungs_that_a_candidate_fits():
    ladder = Ladder(np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.0, -1.0]))
    raised = ladder.raised(cost=2.0, mean=-0.5)
    # Too dear for the first rung; better than the second; the third has better.
    np.testing.assert_allclose(raised.best, [0.5, -0.5, -1.0])


def test_what_diverged_is_left_out_and_nothing_else():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(60, 3))
    accuracies = 60.0 + 8.0 * points[:, 0] + 0.5 * rng.normal(size=60)
    diverged = np.arange(60) % 20 == 7  # three of them
    _, process, sound = _learnt(points, np.where(diverged, 2.0, accuracies), None)
    assert (sound == ~diverged).all()
    assert len(process.points) == 57
    _, process, sound = _learnt(points, accuracies, None)
    assert sound.all()
    # A lucky training is not on the bad side: it stays.
    _, process, sound = _learnt(points, np.where(diverged, 99.0, accuracies), None)
    assert sound[diverged].all()

"""Learning rates and batch-norm momentum by hand."""

import numpy as np
import pytest

from vidnas.training.learning_rate import learning_rates, norm_momentum
from vidnas.trials.recipe import SCHEDULES


def test_the_rate_rises_linearly_and_falls_as_half_a_cosine():
    rates = learning_rates(6, peak=2.0, warmup=1 / 3)
    # Two steps rise by halves. Four fall: cosines at 1/8, 3/8, 5/8, 7/8 of half a turn.
    fall = 1 + np.cos(np.pi * np.array([1, 3, 5, 7]) / 8)
    np.testing.assert_allclose(rates, [1.0, 2.0, *fall], rtol=1e-6)


def test_a_constant_rate_stays_where_the_warm_up_ended():
    rates = learning_rates(4, peak=2.0, warmup=0.5, schedule="constant")
    np.testing.assert_allclose(rates, [1.0, 2.0, 2.0, 2.0])


def test_a_stable_rate_falls_in_a_line_over_the_last_fifth():
    rates = learning_rates(10, peak=4.0, warmup=0.1, schedule="stable_decay")
    # One step rises, seven are stable, and of the last two the middles are taken: a
    # line from 4 to 0 over two steps is at 3 and at 1 there.
    np.testing.assert_allclose(rates, [4.0] * 8 + [3.0, 1.0])


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_rates_are_positive_and_never_above_the_peak(steps, warmup, schedule):
    rates = learning_rates(steps, peak=0.5, warmup=warmup, schedule=schedule)
    assert rates.shape == (steps,)
    assert (rates > 0).all()
    assert rates.max() <= 0.5


def test_statistics_remember_a_tenth_of_a_training_and_at_most_100_steps():
    assert norm_momentum(200) == pytest.approx(0.95)  # 1 - 1 / 20
    assert norm_momentum(1000) == pytest.approx(0.99)
    assert norm_momentum(100_000) == 0.99
    assert norm_momentum(1) == 0.0  # of one step, nothing before it

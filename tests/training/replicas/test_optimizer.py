"""Steps of the flat optimizers against the formulas of their papers."""

import numpy as np
import pytest

from vidnas.errors import InputError
from vidnas.trials import Recipe

pytestmark = pytest.mark.keras
DECAYED = np.array([1.0, 0.0, 1.0])
START = np.array([1.0, 2.0, -3.0])
GRADIENTS = np.array([[0.5, -1.0, 2.0], [0.1, 0.3, -0.2], [0.0, 1.0, 1.0]])
RATES = (0.1, 0.2, 0.05)
SIZES = [2, 1]  # numbers of two weight arrays


def stepped(recipe):
    import tensorflow as tf

    from vidnas.training.replicas.optimizer import FlatOptimizer

    weights = tf.Variable(START, dtype=tf.float32)
    optimizer = FlatOptimizer(recipe, weights, DECAYED, SIZES)

    @tf.function
    def apply(gradient, rate, step):
        optimizer.apply(gradient, rate, step)

    for n, (gradient, rate) in enumerate(zip(GRADIENTS, RATES, strict=True)):
        apply(*(tf.constant(x, tf.float32) for x in (gradient, rate, n + 1.0)))
    return weights.numpy()


def test_adamw_moves_by_its_formula():
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for n, (g, rate) in enumerate(zip(GRADIENTS, RATES, strict=True), start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9**n)) / (np.sqrt(v / (1 - 0.999**n)) + 1e-7)
        w = w - rate * step - rate * 0.01 * DECAYED * w
    result = stepped(Recipe(optimizer="adamw", weight_decay=0.01))
    np.testing.assert_allclose(result, w, rtol=1e-5)


def test_sgd_moves_with_nesterov_momentum():
    w, m = START.copy(), np.zeros(3)
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        m = 0.9 * m + g
        w = w - rate * (g + 0.9 * m) - rate * 0.01 * DECAYED * w
    result = stepped(Recipe(optimizer="sgd", weight_decay=0.01))
    np.testing.assert_allclose(result, w, rtol=1e-5)


def test_rmsprop_moves_as_movinets_were_trained():
    w, square, m = START.copy(), np.zeros(3), np.zeros(3)
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        square = 0.9 * square + 0.1 * g**2
        m = 0.9 * m + rate * g / np.sqrt(square + 1.0)
        w = w - m - rate * 0.01 * DECAYED * w
    result = stepped(Recipe(optimizer="rmsprop", weight_decay=0.01))
    np.testing.assert_allclose(result, w, rtol=1e-5)


def test_the_penalty_goes_through_the_optimizer_and_arrays_are_clipped_one_by_one():
    w, m = START.copy(), np.zeros(3)
    clipped = 0
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        g = g + 0.1 * DECAYED * w
        for array in (slice(0, 2), slice(2, 3)):
            norm = np.sqrt((g[array] ** 2).sum())
            clipped += norm > 0.8
            g[array] *= min(1.0, 0.8 / norm)
        m = 0.9 * m + g
        w = w - rate * (g + 0.9 * m)
    assert 0 < clipped < 6
    result = stepped(Recipe(optimizer="sgd", weight_decay=0.0, l2=0.1, clip_norm=0.8))
    np.testing.assert_allclose(result, w, rtol=1e-5)


def test_another_optimizer_is_refused():
    with pytest.raises(InputError, match="must be adamw, sgd or rmsprop, got `lion`"):
        stepped(Recipe(optimizer="lion"))

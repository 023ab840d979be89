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


def stepped(recipe):
    import tensorflow as tf

    from vidnas.training.replicas.optimizer import FlatOptimizer

    weights = tf.Variable(START, dtype=tf.float32)
    optimizer = FlatOptimizer(recipe, weights, DECAYED)

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


def test_another_optimizer_is_refused():
    with pytest.raises(InputError, match="must be adamw or sgd, got `lion`"):
        stepped(Recipe(optimizer="lion"))

"""How does one vector of weights follow its gradient?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vidnas.errors import InputError
from vidnas.nets.layers.tensor import Tensor
from vidnas.trials.recipe import OPTIMIZERS, Recipe

MOMENTUM = 0.9
BETAS = (0.9, 0.999)  # arXiv 1412.6980
EPSILON = 1e-7


class FlatOptimizer:
    """AdamW or SGD with momentum, with decoupled weight decay, on one vector.

    Args:
        recipe: Recipe that names the optimizer and its weight decay.
        weights: Vector to train, a `tf.Variable`.
        decay_mask: Vector that is 1 where weight decay applies, 0 elsewhere.

    Raises:
        InputError: the recipe names another optimizer.

    Source:
        Decoupled weight decay, arXiv 1711.05101.
    """

    def __init__(self, recipe: Recipe, weights: Any, decay_mask: Tensor) -> None:
        if recipe.optimizer not in OPTIMIZERS:
            raise InputError(
                f"`optimizer` must be adamw or sgd, got `{recipe.optimizer}`."
            )
        slots = 2 if recipe.optimizer == "adamw" else 1
        self._weights = weights
        self._slots = [tf.Variable(tf.zeros_like(weights)) for _ in range(slots)]
        self._decay = tf.constant(decay_mask * recipe.weight_decay, tf.float32)

    def state(self) -> dict[str, NDArray[np.float32]]:
        """What it remembers of the steps so far, as arrays by name."""
        return {f"slot{n}": np.array(s.numpy()) for n, s in enumerate(self._slots)}

    def restore(self, state: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes what `state` gave for the same recipe and weights."""
        for n, slot in enumerate(self._slots):
            slot.assign(state[f"slot{n}"])

    def apply(self, gradient: Tensor, rate: Tensor, step: Tensor) -> None:
        """Moves the weights by one step; `step` counts from 1.0."""
        # Once the gradient is there: the decay, as large, would be alive all step long.
        with tf.control_dependencies([gradient]):
            decay = rate * self._decay * self._weights.read_value()
        # First, so that it is gone; neither optimizer looks at the weights it moves.
        self._weights.assign_sub(decay)
        if len(self._slots) == 2:
            tf.raw_ops.ResourceApplyAdam(
                var=self._weights.handle,
                m=self._slots[0].handle,
                v=self._slots[1].handle,
                beta1_power=tf.pow(BETAS[0], step),
                beta2_power=tf.pow(BETAS[1], step),
                lr=rate,
                beta1=BETAS[0],
                beta2=BETAS[1],
                epsilon=EPSILON,
                grad=gradient,
            )
        else:
            tf.raw_ops.ResourceApplyMomentum(
                var=self._weights.handle,
                accum=self._slots[0].handle,
                lr=rate,
                grad=gradient,
                momentum=MOMENTUM,
                use_nesterov=True,
            )

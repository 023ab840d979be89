"""How does one vector of weights follow its gradient?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vidnas.errors import InputError
from vidnas.nets.layers.tensor import Tensor
from vidnas.trials.recipe import OPTIMIZERS, Recipe

MOMENTUM = 0.9
MEMORY = 0.9  # of RMSProp's mean square; with its epsilon, of every MoViNet
RMS_EPSILON = 1.0  # Model Garden, official/projects/movinet/configs/yaml
BETAS = (0.9, 0.999)  # arXiv 1412.6980
EPSILON = 1e-7


class FlatOptimizer:
    """AdamW, SGD with momentum or RMSProp, with decoupled weight decay, on one vector.

    Args:
        recipe: Recipe that names the optimizer, its decay, penalty and clipping.
        weights: Vector to train, a `tf.Variable`.
        decay_mask: Vector that is 1 where decay and penalty apply, 0 elsewhere.
        sizes: Numbers in each weight array, in the vector's order, whose gradients are
            clipped one by one; None for one array.

    Raises:
        InputError: the recipe names another optimizer.

    Source:
        Decoupled weight decay, arXiv 1711.05101. Penalty and clipping as Keras has
        them for Model Garden's `l2_weight_decay` (halved there) and `clipnorm`.
    """

    def __init__(
        self,
        recipe: Recipe,
        weights: Any,
        decay_mask: Tensor,
        sizes: Sequence[int] | None = None,
    ) -> None:
        if recipe.optimizer not in OPTIMIZERS:
            raise InputError(
                f"`optimizer` must be {', '.join(OPTIMIZERS[:-1])} or "
                f"{OPTIMIZERS[-1]}, got `{recipe.optimizer}`."
            )
        slots = 1 if recipe.optimizer == "sgd" else 2
        self._name = recipe.optimizer
        self._weights = weights
        self._slots = [tf.Variable(tf.zeros_like(weights)) for _ in range(slots)]
        self._decay = tf.constant(decay_mask * recipe.weight_decay, tf.float32)
        self._penalty = None
        if recipe.l2:
            self._penalty = tf.constant(decay_mask * recipe.l2, tf.float32)
        self._clip_norm = recipe.clip_norm
        self._sizes = list(sizes or [weights.shape[0]])

    def state(self) -> dict[str, NDArray[np.float32]]:
        """What it remembers of the steps so far, as arrays by name."""
        return {f"slot{n}": np.array(s.numpy()) for n, s in enumerate(self._slots)}

    def restore(self, state: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes what `state` gave for the same recipe and weights."""
        for n, slot in enumerate(self._slots):
            slot.assign(state[f"slot{n}"])

    def apply(self, gradient: Tensor, rate: Tensor, step: Tensor) -> None:
        """Moves the weights by one step; `step` counts from 1.0."""
        gradient = self._penalised_and_clipped(gradient)
        # Once the gradient is there: the decay, as large, would be alive all step long.
        with tf.control_dependencies([gradient]):
            decay = rate * self._decay * self._weights.read_value()
        # First, so that it is gone; no optimizer looks at the weights it moves.
        self._weights.assign_sub(decay)
        if self._name == "rmsprop":
            tf.raw_ops.ResourceApplyRMSProp(
                var=self._weights.handle,
                ms=self._slots[0].handle,
                mom=self._slots[1].handle,
                lr=rate,
                rho=MEMORY,
                momentum=MOMENTUM,
                epsilon=RMS_EPSILON,
                grad=gradient,
            )
        elif self._name == "adamw":
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

    def _penalised_and_clipped(self, gradient: Tensor) -> Tensor:
        """The gradient with the penalty's, that of each array within its norm."""
        if self._penalty is not None:
            gradient = gradient + self._penalty * self._weights.read_value()
        if not self._clip_norm:
            return gradient
        parts = tf.split(gradient, self._sizes)
        return tf.concat([tf.clip_by_norm(p, self._clip_norm) for p in parts], 0)

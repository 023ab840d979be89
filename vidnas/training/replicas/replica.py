"""What does one device do in a step? All of it where there is one, else its part."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from vidnas.nets.layers.norm import norm_over_devices
from vidnas.nets.layers.tensor import Tensor
from vidnas.training.replicas.devices import Devices
from vidnas.training.replicas.flat_weights import FlatWeights
from vidnas.training.replicas.optimizer import FlatOptimizer
from vidnas.trials.recipe import Recipe

FLOAT16_LOSS_SCALE = 1024.0  # keeps small float16 gradients above its smallest number


class Replica:
    """One device's copy of the weights, which all devices move alike.

    Args:
        model: Model from float clips to logits.
        recipe: Recipe of the training.
        classes: Number of outputs of the model.
        devices: Devices of the training.
        number: Number of this one, from 0.
        micro_batches: Equal parts in which a batch is taken.
        class_weights: Weight of each class in the loss, `[K]`; None for one each.
        multi_label: Whether a clip may have several classes, or none.
    """

    def __init__(
        self,
        model: keras.Model,
        recipe: Recipe,
        classes: int,
        devices: Devices,
        number: int,
        *,
        micro_batches: int,
        class_weights: Any,
        multi_label: bool,
    ) -> None:
        self._model = model
        self._recipe = recipe
        self._classes = classes
        self._devices = devices
        self._number = number
        self._parts = micro_batches
        self._class_weights = class_weights
        self._multi_label = multi_label
        self.weights = FlatWeights(model)
        self.optimizer = FlatOptimizer(
            recipe,
            self.weights.trained_vector,
            self.weights.decay_mask(),
            self.weights.sizes,
        )
        if micro_batches > 1:
            self._sums = [
                tf.Variable(tf.zeros_like(vector))
                for vector in (self.weights.trained_vector, self.weights.moving_vector)
            ]

    def step(
        self,
        clips: Tensor,
        targets: Tensor,
        seeds: Sequence[Tensor],
        rate: Tensor,
        step: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Takes a step; gives the loss of its clips, and how many were right.

        Args:
            clips: Clips of this device, uint8 `[B, T, H, W, 3]`.
            targets: Share of each class in each clip, float32 `[B, K]`.
            seeds: Seeds of this device; none for the model's.
            rate: Learning rate.
            step: Number of the step, from 1.0.
        """
        gradient, statistics, loss, right = self._differentiate(clips, targets, seeds)
        self._move(gradient, statistics, rate, step)
        return loss, right

    def add_part(
        self, clips: Tensor, targets: Tensor, seeds: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Adds what a micro-batch tells to the sums of its batch; see `step`."""
        gradient, statistics, loss, right = self._differentiate(clips, targets, seeds)
        for total, part in zip(self._sums, (gradient, statistics), strict=True):
            total.assign_add(part)
        return loss, right

    def apply_sums(self, rate: Tensor, step: Tensor) -> None:
        """Takes the step of a batch whose parts are all summed."""
        gradient, statistics = (
            total.read_value() / self._parts for total in self._sums
        )
        self._move(gradient, statistics, rate, step)
        for total in self._sums:
            total.assign(tf.zeros_like(total))

    def _move(
        self, gradient: Tensor, statistics: Tensor, rate: Tensor, step: Tensor
    ) -> None:
        gradient, statistics = self._devices.average([gradient, statistics])
        self.optimizer.apply(gradient, rate, step)
        self.weights.moving_vector.assign(statistics)

    def _differentiate(
        self, clips: Tensor, targets: Tensor, seeds: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Gradient, moved batch-norm statistics, loss, and how many were right."""
        several = self._devices.count > 1
        with norm_over_devices(several and self._recipe.sync_norm):
            return self._gradient_and_more(clips, targets, seeds)

    def _gradient_and_more(
        self, clips: Tensor, targets: Tensor, seeds: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        smoothing = self._recipe.label_smoothing
        scale = 1.0
        if self._recipe.precision == "mixed_float16":
            scale = FLOAT16_LOSS_SCALE
        trained = self.weights.trained_vector.read_value()
        with self.weights.use_vectors(
            trained, self.weights.moving_vector.read_value(), seeds
        ) as scope:
            logits = self._model(_in_unit_range(clips), training=True)
        goal = 0.5 if self._multi_label else 1.0 / self._classes
        smooth = targets * (1.0 - smoothing) + smoothing * goal
        losses = self._cross_entropies(smooth, logits, self._class_weights)
        if self._class_weights is not None and not self._multi_label:
            losses *= tf.linalg.matvec(targets, self._class_weights)
        loss = tf.reduce_mean(losses)
        (gradient,) = tf.gradients(loss * scale, [trained])
        if self._number == 0:  # seeds are the model's, whatever the devices
            self.weights.apply_other_updates(scope)
        right = tf.equal(tf.argmax(logits, 1), tf.argmax(targets, 1))
        right = tf.reduce_sum(tf.cast(right, tf.float32))
        return gradient / scale, self.weights.new_statistics(scope), loss, right

    def score(
        self, clips: Tensor, targets: Tensor, moving: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Probabilities `[B, K]` and losses `[B]` of clips, by these statistics."""
        with self.weights.use_vectors(self.weights.trained_vector.read_value(), moving):
            logits = self._model(_in_unit_range(clips), training=False)
        logits = tf.cast(logits, tf.float32)
        spread = tf.nn.sigmoid if self._multi_label else tf.nn.softmax
        return spread(logits), self._cross_entropies(targets, logits)

    def _cross_entropies(
        self, targets: Tensor, logits: Tensor, weights: Tensor | None = None
    ) -> Tensor:
        """Loss of each clip, `[B]`; where it has several classes, the mean of theirs.

        Args:
            targets: Share of each class, `[B, K]`.
            logits: Logits, `[B, K]`.
            weights: Weight of each class, `[K]`, where a clip has several.
        """
        if not self._multi_label:
            return tf.nn.softmax_cross_entropy_with_logits(targets, logits)
        each = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
        return tf.reduce_mean(each if weights is None else each * weights, axis=1)


def _in_unit_range(clips: Tensor) -> Tensor:
    return tf.cast(clips, tf.float32) * (1.0 / 255.0)

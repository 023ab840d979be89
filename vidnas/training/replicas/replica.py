"""What does one device do in a step? All of it where there is one, else its part."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from vidnas.nets.layers.norm import norm_over_devices
from vidnas.nets.layers.tensor import Tensor
from vidnas.training.replicas.devices import Devices
from vidnas.training.replicas.flat_weights import FlatWeights
from vidnas.training.replicas.optimizer import FlatOptimizer
from vidnas.trials.recipe import Recipe

FLOAT16_LOSS_SCALE = 1024.0  # keeps small float16 gradients above its smallest number


class Outcome(NamedTuple):
    """What a step, or a part of one, tells of its clips on one device.

    Args:
        loss: Mean loss of its clips.
        right: How many of them were right.
        states: States of a stream after its frames; none where clips are whole.
    """

    loss: Tensor
    right: Tensor
    states: dict[str, Tensor]


class Replica:
    """One device's copy of the weights, which all devices move alike.

    Args:
        model: Model from float clips to logits.
        recipe: Recipe of the training.
        classes: Number of outputs of the model.
        devices: Devices of the training.
        number: Number of this one, from 0.
        parts: Parts in which a step is taken: micro-batches, each in its sub-clips.
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
        parts: int,
        class_weights: Any,
        multi_label: bool,
    ) -> None:
        self._model = model
        self._recipe = recipe
        self._classes = classes
        self._devices = devices
        self._number = number
        self._parts = parts
        self._class_weights = class_weights
        self._multi_label = multi_label
        self.weights = FlatWeights(model)
        self.optimizer = FlatOptimizer(
            recipe,
            self.weights.trained_vector,
            self.weights.decay_mask(),
            self.weights.sizes,
        )
        if parts > 1:
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
    ) -> Outcome:
        """Takes a step of whole clips.

        Args:
            clips: Clips of this device, uint8 `[B, T, H, W, 3]`.
            targets: Share of each class in each clip, float32 `[B, K]`.
            seeds: Seeds of this device; none for the model's.
            rate: Learning rate.
            step: Number of the step, from 1.0.
        """
        gradient, statistics, outcome = self._differentiate(clips, targets, seeds, {})
        self._move(gradient, statistics, rate, step)
        return outcome

    def add_part(
        self,
        clips: Tensor,
        targets: Tensor,
        seeds: Sequence[Tensor],
        states: Mapping[str, Tensor],
    ) -> Outcome:
        """Adds what a part tells to the sums of its step; see `step`.

        Args:
            clips: Clips of a micro-batch, or sub-clips of it.
            targets: Share of each class in each clip.
            seeds: Seeds of this device; none for the model's.
            states: States that the sub-clips before left; none for whole clips.
        """
        gradient, statistics, outcome = self._differentiate(
            clips, targets, seeds, states
        )
        for total, part in zip(self._sums, (gradient, statistics), strict=True):
            total.assign_add(part)
        return outcome

    def apply_sums(self, rate: Tensor, step: Tensor) -> None:
        """Takes the step whose parts are all summed."""
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
        self,
        clips: Tensor,
        targets: Tensor,
        seeds: Sequence[Tensor],
        states: Mapping[str, Tensor],
    ) -> tuple[Tensor, Tensor, Outcome]:
        """Gradient, moved batch-norm statistics, and the outcome."""
        several = self._devices.count > 1
        with norm_over_devices(several and self._recipe.sync_norm):
            return self._gradient_and_more(clips, targets, seeds, states)

    def _gradient_and_more(
        self,
        clips: Tensor,
        targets: Tensor,
        seeds: Sequence[Tensor],
        states: Mapping[str, Tensor],
    ) -> tuple[Tensor, Tensor, Outcome]:
        smoothing = self._recipe.label_smoothing
        scale = 1.0
        if self._recipe.precision == "mixed_float16":
            scale = FLOAT16_LOSS_SCALE
        trained = self.weights.trained_vector.read_value()
        with self.weights.use_vectors(
            trained, self.weights.moving_vector.read_value(), seeds
        ) as scope:
            logits, after = self._trained_logits(_in_unit_range(clips), states)
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
        statistics = self.weights.new_statistics(scope)
        return gradient / scale, statistics, Outcome(loss, right, after)

    def _trained_logits(
        self, clips: Tensor, states: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits of whole clips, or after sub-clips with the states they leave."""
        if not states:
            return self._model(clips, training=True), {}
        logits, after = self._model.train_subclip(clips, states)
        return logits, after

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

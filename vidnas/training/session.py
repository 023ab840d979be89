"""What is compiled to train one network, and to score it? One graph for each.

Both take batches of one fixed shape, so each is traced once.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vidnas.arrays import Floats
from vidnas.errors import InputError
from vidnas.nets.layers.tensor import Tensor
from vidnas.training.flat_weights import FlatWeights
from vidnas.training.optimizer import FlatOptimizer
from vidnas.training.score import Score, average_views, score_of
from vidnas.trials.recipe import Recipe

State = Mapping[str, NDArray[Any]]
FLOAT16_LOSS_SCALE = 1024.0  # keeps small float16 gradients above its smallest number


class Session:
    """One model in training.

    Args:
        model: Model from float clips to logits; updated by `finish`.
        recipe: Recipe of the training.
        classes: Number of outputs of the model.
        clips_shape: Shape `(B, T, H, W, 3)` of every batch.
        norm_momentum: Momentum of batch norm that the model was built with.
        micro_batches: Equal parts in which a batch is taken, one after another, to
            save memory. The step is that of the mean of their gradients, which is the
            batch's own; batch norm normalises each part by itself, and its statistics
            move by the mean of the parts'.
        score_frames: Frames of the clips that are measured on; None for as many as
            in training.
        class_weights: Weight of each class in the loss, `[K]`; None for one each.
        multi_label: Whether a clip may have several classes, or none: each is then
            judged by itself.
    """

    def __init__(
        self,
        model: keras.Model,
        recipe: Recipe,
        classes: int,
        clips_shape: tuple[int, int, int, int, int],
        *,
        norm_momentum: float,
        micro_batches: int = 1,
        score_frames: int | None = None,
        class_weights: Floats | None = None,
        multi_label: bool = False,
    ) -> None:
        self._multi_label = multi_label
        self._class_weights = (
            None if class_weights is None else tf.constant(class_weights, tf.float32)
        )
        self._model = model
        self._recipe = recipe
        self._classes = classes
        self._parts = micro_batches
        self._shape = (clips_shape[0] // micro_batches, *clips_shape[1:])
        self.score_shape = _score_shape(self._shape, score_frames)
        self._momentum = norm_momentum
        self.steps = 0  # trained so far
        self.weights = FlatWeights(model)
        self._optimizer = FlatOptimizer(
            recipe, self.weights.trained_vector, self.weights.decay_mask()
        )
        clips = tf.TensorSpec(self._shape, tf.uint8)
        targets = tf.TensorSpec((self._shape[0], classes), tf.float32)
        scalar = tf.TensorSpec((), tf.float32)
        moving = tf.TensorSpec(self.weights.moving_vector.shape, tf.float32)
        if micro_batches == 1:
            self._train = tf.function(
                self._train_step, autograph=False
            ).get_concrete_function(clips, targets, scalar, scalar)
        else:
            self._sums = [
                tf.Variable(tf.zeros_like(vector))
                for vector in (self.weights.trained_vector, self.weights.moving_vector)
            ]
            self._add = tf.function(
                self._add_part, autograph=False
            ).get_concrete_function(clips, targets)
            self._apply = tf.function(
                self._apply_sums, autograph=False
            ).get_concrete_function(scalar, scalar)
        clips = tf.TensorSpec(self.score_shape, tf.uint8)
        targets = tf.TensorSpec((self.score_shape[0], classes), tf.float32)
        self._score = tf.function(
            self._score_step, autograph=False
        ).get_concrete_function(clips, targets, moving)

    def train(self, clips: Any, targets: Any, rate: float) -> tuple[Tensor, Tensor]:
        """One step; gives the batch's loss and how many clips were right, unread.

        Args:
            clips: Clips of the batch, uint8 `[B, T, H, W, 3]`.
            targets: Share of each class in each clip, float32 `[B, K]`.
            rate: Learning rate of the step.
        """
        self.steps += 1
        scalars = (
            tf.constant(rate, tf.float32),
            tf.constant(self.steps, tf.float32),
        )
        if self._parts == 1:
            return self._train(tf.constant(clips), tf.constant(targets), *scalars)
        outcomes = [
            self._add(tf.constant(some), tf.constant(same))
            for some, same in zip(
                np.split(np.asarray(clips), self._parts),
                np.split(np.asarray(targets), self._parts),
                strict=True,
            )
        ]
        self._apply(*scalars)
        losses, right = zip(*outcomes, strict=True)
        return tf.add_n(losses) / self._parts, tf.add_n(right)

    def score(self, batches: Iterable[tuple[Any, Any]], *, views: int = 1) -> Score:
        """Accuracy and loss over batches, of which the last may be short.

        Args:
            batches: Clips of `score_shape`, uint8, and their targets `[B, K]`.
            views: Clips of each video, which come one after another: their
                probabilities are averaged.
        """
        rows = []
        for clips, targets, real, moving in self._whole(batches):
            found = (*self._score(clips, targets, moving), targets)
            rows.append([array.numpy()[:real] for array in found])
        probabilities, losses, targets = map(np.concatenate, zip(*rows, strict=True))
        if views > 1:
            averaged = average_views(probabilities, views)
            return score_of(averaged, targets[::views], self._multi_label)
        return Score(probabilities, targets, losses, self._multi_label)

    def _whole(
        self, batches: Iterable[tuple[Any, Any]]
    ) -> Iterator[tuple[Tensor, Tensor, int, Tensor]]:
        """Batches filled up to their shape, how many clips are real, and statistics."""
        moving = self._moving_statistics()
        for clips, targets in batches:
            missing = self.score_shape[0] - len(targets)
            if missing:
                clips = np.pad(clips, [(0, missing), *[(0, 0)] * 4])
            filled = np.pad(targets, [(0, missing), (0, 0)])
            yield tf.constant(clips), tf.constant(filled), len(targets), moving

    def finish(self) -> None:
        """Gives the model its trained weights."""
        self.weights.write_back(self._moving_statistics())

    def state(self) -> State:
        """Everything that training changes, as arrays by name."""
        return {
            "steps": np.array(self.steps),
            **self.weights.state(),
            **self._optimizer.state(),
        }

    def restore(self, state: State) -> None:
        """Goes on from what `state` gave in a session of the same network and recipe.

        Raises:
            InputError: it was another network's or recipe's. Nothing is changed then.
        """
        expected, got = (
            {name: f"{array.dtype} {array.shape}" for name, array in arrays.items()}
            for arrays in (self.state(), state)
        )
        for name in sorted(expected.keys() | got.keys()):
            if expected.get(name) != got.get(name):
                raise InputError(
                    "A state to go on from must be this training's, got "
                    f"`{name}` as {got.get(name)} in place of {expected.get(name)}."
                )
        self.steps = int(state["steps"])
        self.weights.restore(state)
        self._optimizer.restore(state)

    def _moving_statistics(self) -> Tensor:
        if self.steps == 0:
            return tf.convert_to_tensor(self.weights.moving_vector)
        return self.weights.debiased_statistics(self.steps, self._momentum)

    def _train_step(
        self, clips: Tensor, targets: Tensor, rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Tensor]:
        gradient, statistics, loss, right = self._differentiate(clips, targets)
        self._optimizer.apply(gradient, rate, step)
        self.weights.moving_vector.assign(statistics)
        return loss, right

    def _add_part(self, clips: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Adds what a micro-batch tells to the sums of its batch."""
        gradient, statistics, loss, right = self._differentiate(clips, targets)
        for total, part in zip(self._sums, (gradient, statistics), strict=True):
            total.assign_add(part)
        return loss, right

    def _apply_sums(self, rate: Tensor, step: Tensor) -> None:
        """Takes the step of a batch whose parts are all summed."""
        gradient, statistics = (
            total.read_value() / self._parts for total in self._sums
        )
        self._optimizer.apply(gradient, rate, step)
        self.weights.moving_vector.assign(statistics)
        for total in self._sums:
            total.assign(tf.zeros_like(total))

    def _differentiate(
        self, clips: Tensor, targets: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Gradient, moved batch-norm statistics, loss, and how many were right."""
        smoothing = self._recipe.label_smoothing
        scale = 1.0
        if self._recipe.precision == "mixed_float16":
            scale = FLOAT16_LOSS_SCALE
        trained = self.weights.trained_vector.read_value()
        with self.weights.use_vectors(
            trained, self.weights.moving_vector.read_value()
        ) as scope:
            logits = self._model(_in_unit_range(clips), training=True)
        goal = 0.5 if self._multi_label else 1.0 / self._classes
        smooth = targets * (1.0 - smoothing) + smoothing * goal
        losses = self._cross_entropies(smooth, logits, self._class_weights)
        if self._class_weights is not None and not self._multi_label:
            losses *= tf.linalg.matvec(targets, self._class_weights)
        loss = tf.reduce_mean(losses)
        (gradient,) = tf.gradients(loss * scale, [trained])
        self.weights.apply_other_updates(scope)
        right = tf.equal(tf.argmax(logits, 1), tf.argmax(targets, 1))
        right = tf.reduce_sum(tf.cast(right, tf.float32))
        return gradient / scale, self.weights.new_statistics(scope), loss, right

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

    def _score_step(
        self, clips: Tensor, targets: Tensor, moving: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Probabilities `[B, K]` and losses `[B]`."""
        with self.weights.use_vectors(self.weights.trained_vector.read_value(), moving):
            logits = self._model(_in_unit_range(clips), training=False)
        logits = tf.cast(logits, tf.float32)
        spread = tf.nn.sigmoid if self._multi_label else tf.nn.softmax
        return spread(logits), self._cross_entropies(targets, logits)


def _score_shape(shape: tuple[int, ...], frames: int | None) -> tuple[int, ...]:
    """Shape of what is scored at once: no more frames in all than a part trains on."""
    B, T, *rest = shape
    frames = frames or T
    return (max(1, min(B, B * T // frames)), frames, *rest)


def _in_unit_range(clips: Tensor) -> Tensor:
    return tf.cast(clips, tf.float32) * (1.0 / 255.0)

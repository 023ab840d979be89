"""What is compiled to train one network, and to score it? One graph for each.

Both take batches of one fixed shape, so each is traced once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vidnas.arrays import Floats
from vidnas.errors import InputError
from vidnas.nets.layers.tensor import Tensor
from vidnas.training.replicas.devices import Devices
from vidnas.training.replicas.replica import Outcome, Replica
from vidnas.training.score import Score, average_views, score_of
from vidnas.trials.recipe import Recipe

State = Mapping[str, NDArray[Any]]


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
        subclips: Frames of each part of a clip, where a causal network sees one part
            after another, its states carried over; the step is that of the mean of the
            parts' losses. None for whole clips.
        score_frames: Frames of the clips that are measured on; None for as many as
            in training.
        class_weights: Weight of each class in the loss, `[K]`; None for one each.
        multi_label: Whether a clip may have several classes, or none: each is then
            judged by itself.
        devices: Devices that share every batch, or micro-batch, equally; None for one.
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
        subclips: Sequence[int] | None = None,
        score_frames: int | None = None,
        class_weights: Floats | None = None,
        multi_label: bool = False,
        devices: Devices | None = None,
    ) -> None:
        self._multi_label = multi_label
        self._model = model
        self._parts = micro_batches
        self._subclips = tuple(subclips or clips_shape[1:2])
        self._in_parts = micro_batches * len(self._subclips) > 1
        self._devices = devices or Devices()
        count = self._devices.count
        self._shape = (clips_shape[0] // micro_batches // count, *clips_shape[1:])
        each, *rest = _score_shape(self._shape, score_frames)
        self.score_shape = (each * count, *rest)
        self._momentum = norm_momentum
        self.steps = 0  # trained so far
        if class_weights is not None:
            class_weights = tf.constant(class_weights, tf.float32)
        self._replicas = []
        for number in range(count):
            with self._devices.scope(number):
                replica = Replica(
                    model,
                    recipe,
                    classes,
                    self._devices,
                    number,
                    parts=micro_batches * len(self._subclips),
                    class_weights=class_weights,
                    multi_label=multi_label,
                )
            self._replicas.append(replica)
        self.weights = self._replicas[0].weights
        self._trace(classes, each)

    def _trace(self, classes: int, scored: int) -> None:
        """Makes the graphs; `scored` clips at once are measured on each device."""
        count = self._devices.count

        def graph(step: Callable[..., Any], *inputs: Any) -> Any:
            traced = tf.function(step, autograph=False)
            return traced.get_concrete_function(*inputs)

        def inputs(shape: tuple[int, ...]) -> list[list[Any]]:
            clips = tf.TensorSpec(shape, tf.uint8)
            targets = tf.TensorSpec((shape[0], classes), tf.float32)
            return [[clips] * count, [targets] * count]

        scalars = [tf.TensorSpec((), tf.float32)] * 2
        if not self._in_parts:
            self._train = graph(self._train_step, *inputs(self._shape), *scalars)
        else:
            self._states = self._first_states()
            B, _, *frame = self._shape
            self._add = {
                length: graph(
                    self._add_part, *inputs((B, length, *frame)), self._states
                )
                for length in dict.fromkeys(self._subclips)
            }
            self._apply = graph(self._apply_sums, *scalars)
        moving = tf.TensorSpec(self.weights.moving_vector.shape, tf.float32)
        shape = (scored, *self.score_shape[1:])
        self._score = graph(self._score_step, *inputs(shape), moving)

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
        if not self._in_parts:
            return self._train(*map(self._devices.split, (clips, targets)), *scalars)
        outcomes = [
            self._add_clips(some, same)
            for some, same in zip(
                np.split(np.asarray(clips), self._parts),
                np.split(np.asarray(targets), self._parts),
                strict=True,
            )
        ]
        self._apply(*scalars)
        losses, right = zip(*outcomes, strict=True)
        return tf.add_n(losses) / self._parts, tf.add_n(right)

    def _add_clips(
        self, clips: NDArray[Any], targets: NDArray[Any]
    ) -> tuple[Tensor, Tensor]:
        """Adds what clips tell, part by part; gives how many were right at the end."""
        states, losses = self._states, []
        for frames in np.split(clips, np.cumsum(self._subclips)[:-1], axis=1):
            loss, right, states = self._add[frames.shape[1]](
                self._devices.split(frames), self._devices.split(targets), states
            )
            losses.append(loss)
        return tf.add_n(losses) / len(losses), right

    def _first_states(self) -> list[dict[str, Tensor]]:
        """By device, the states before the first sub-clip; none for whole clips."""
        if len(self._subclips) == 1:
            return [{}] * self._devices.count
        found = []
        for number in range(self._devices.count):
            with self._devices.scope(number):
                found.append(self._model.stream().initial_states(self._shape[0]))
        return found

    def score(self, batches: Iterable[tuple[Any, Any]], *, views: int = 1) -> Score:
        """Accuracy and loss over batches, of which the last may be short.

        Args:
            batches: Clips of `score_shape`, uint8, and their targets `[B, K]`.
            views: Clips of each video, which come one after another: their
                probabilities are averaged.
        """
        rows = []
        for clips, parts, real, moving in self._whole(batches):
            found = self._score(clips, parts, moving)
            rows.append([*(array.numpy()[: len(real)] for array in found), real])
        probabilities, losses, targets = map(np.concatenate, zip(*rows, strict=True))
        if views > 1:
            averaged = average_views(probabilities, views)
            return score_of(averaged, targets[::views], self._multi_label)
        return Score(probabilities, targets, losses, self._multi_label)

    def _whole(
        self, batches: Iterable[tuple[Any, Any]]
    ) -> Iterator[tuple[list[Tensor], list[Tensor], Any, Tensor]]:
        """Parts of batches filled up to their shape, real targets, and statistics."""
        moving = self._moving_statistics()
        for clips, targets in batches:
            missing = self.score_shape[0] - len(targets)
            if missing:
                clips = np.pad(clips, [(0, missing), *[(0, 0)] * 4])
            filled = np.pad(targets, [(0, missing), (0, 0)])
            parts = self._devices.split(clips), self._devices.split(filled)
            yield *parts, filled[: len(targets)], moving

    def finish(self) -> None:
        """Gives the model its trained weights."""
        self.weights.write_back(self._moving_statistics())

    def state(self) -> State:
        """Everything that training changes, as arrays by name."""
        return {
            "steps": np.array(self.steps),
            **self.weights.state(),
            **self._replicas[0].optimizer.state(),
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
        for replica in self._replicas:
            replica.weights.restore(state)
            replica.optimizer.restore(state)

    def _moving_statistics(self) -> Tensor:
        if self.steps == 0:
            return tf.convert_to_tensor(self.weights.moving_vector)
        return self.weights.debiased_statistics(self.steps, self._momentum)

    def _train_step(
        self,
        clips: list[Tensor],
        targets: list[Tensor],
        rate: Tensor,
        step: Tensor,
    ) -> tuple[Tensor, Tensor]:
        seeds = self._seeds()
        outcomes = self._devices.run(
            lambda n: self._replicas[n].step(clips[n], targets[n], seeds[n], rate, step)
        )
        return _joined(outcomes)

    def _add_part(
        self,
        clips: list[Tensor],
        targets: list[Tensor],
        states: list[dict[str, Tensor]],
    ) -> tuple[Tensor, Tensor, list[dict[str, Tensor]]]:
        seeds = self._seeds()
        outcomes = self._devices.run(
            lambda n: self._replicas[n].add_part(
                clips[n], targets[n], seeds[n], states[n]
            )
        )
        return *_joined(outcomes), [one.states for one in outcomes]

    def _apply_sums(self, rate: Tensor, step: Tensor) -> None:
        self._devices.run(lambda n: self._replicas[n].apply_sums(rate, step))

    def _seeds(self) -> list[list[Tensor]]:
        """Seeds of each device, read before the first of them moves them on."""
        if self._devices.count == 1:
            return [[]]
        return self.weights.seeds_of_devices(self._devices.count)

    def _score_step(
        self, clips: list[Tensor], targets: list[Tensor], moving: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Probabilities `[B, K]` and losses `[B]`."""
        found = self._devices.run(
            lambda n: self._replicas[n].score(clips[n], targets[n], moving)
        )
        if len(found) == 1:
            return found[0]
        probabilities, losses = zip(*found, strict=True)
        return tf.concat(probabilities, 0), tf.concat(losses, 0)


def _joined(outcomes: list[Outcome]) -> tuple[Tensor, Tensor]:
    """Loss of a batch, and how many were right, from those of its equal parts."""
    if len(outcomes) == 1:
        return outcomes[0].loss, outcomes[0].right
    losses = [one.loss for one in outcomes]
    return tf.add_n(losses) / len(losses), tf.add_n([one.right for one in outcomes])


def _score_shape(shape: tuple[int, ...], frames: int | None) -> tuple[int, ...]:
    """Shape of what is scored at once: no more frames in all than a part trains on."""
    B, T, *rest = shape
    frames = frames or T
    return (max(1, min(B, B * T // frames)), frames, *rest)

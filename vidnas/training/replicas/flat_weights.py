"""How are a network's weights held while it trains? As two flat vectors.

One vector holds what is trained, one the batch-norm statistics. The network reads its
weights out of them, the optimizer updates one vector instead of hundreds of variables,
and the graph to trace is small: tracing costs more than training in a short trial.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vidnas.nets.layers.tensor import Tensor

SEED_STEP = 1_000_003  # between the seeds of two devices; any number above 0 would do


class FlatWeights:
    """A copy of a model's weights as vectors `trained_vector` and `moving_vector`.

    Args:
        model: Built model; it is unchanged until `write_back`.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._trained_variables = model.trainable_variables
        # Random seeds are state as well, but no weights.
        self._moving_variables = [
            weight for weight in model.weights if not weight.trainable
        ]
        self.trained_vector = _flat_variable(self._trained_variables)
        self.moving_vector = _flat_variable(self._moving_variables)
        self.initial_moving = self.moving_vector.numpy()

    @property
    def sizes(self) -> list[int]:
        """Numbers in each array of what is trained, in the vector's order."""
        return [int(np.prod(weight.shape)) for weight in self._trained_variables]

    def decay_mask(self) -> Any:
        """1 for every value of a kernel, 0 for norms, biases and scales."""
        parts = [
            np.full(int(np.prod(weight.shape)), weight.name == "kernel", np.float32)
            for weight in self._trained_variables
        ]
        return np.concatenate(parts)

    @contextmanager
    def use_vectors(
        self, trained: Tensor, moving: Tensor, seeds: Sequence[Tensor] = ()
    ) -> Iterator[Any]:
        """Makes the model compute with these vectors while the scope lasts.

        Args:
            trained: Values of what is trained.
            moving: Batch-norm statistics.
            seeds: Values of its seeds; without any, the model's own.

        Yields:
            The scope, from which `new_statistics` reads new batch-norm statistics.
        """
        values = zip(
            [*self._trained_variables, *self._moving_variables],
            [
                *_unpack(trained, self._trained_variables),
                *_unpack(moving, self._moving_variables),
            ],
            strict=True,
        )
        mapped = [*values, *zip(self._seeds(), seeds, strict=bool(seeds))]
        with keras.StatelessScope(state_mapping=mapped) as scope:
            yield scope

    def new_statistics(self, scope: Any) -> Tensor:
        """The batch-norm statistics at the end of a scope, as a vector."""
        return tf.concat(
            [scope.get_current_value(weight) for weight in self._moving_variables], 0
        )

    def seeds_of_devices(self, count: int) -> list[list[Tensor]]:
        """By device, seeds unlike those of the others; the first has the model's."""
        values = [tf.convert_to_tensor(variable.value) for variable in self._seeds()]
        return [
            [value + tf.cast([number * SEED_STEP, 0], value.dtype) for value in values]
            for number in range(count)
        ]

    def apply_other_updates(self, scope: Any) -> None:
        """Carries out the scope's updates of state that is no weight (seeds)."""
        for variable in self._seeds():
            new = scope.get_current_value(variable)
            if new is not None:
                variable.assign(new)

    def debiased_statistics(self, steps: int, momentum: float) -> Tensor:
        """Batch-norm statistics after so many steps, without their starting values."""
        weight = momentum**steps
        return (self.moving_vector - weight * self.initial_moving) / (1.0 - weight)

    def state(self) -> dict[str, NDArray[Any]]:
        """Both vectors, where statistics began, and seeds, as arrays by name."""
        seeds = {f"other{n}": v.value for n, v in enumerate(self._seeds())}
        tensors = {
            "trained": self.trained_vector,
            "moving": self.moving_vector,
            **seeds,
        }
        return {
            "initial_moving": self.initial_moving,
            # Copied: on a CPU `numpy()` is the tensor's own memory, and keeps it.
            **{name: np.array(tensor.numpy()) for name, tensor in tensors.items()},
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Takes what `state` gave for the same model."""
        self.trained_vector.assign(state["trained"])
        self.moving_vector.assign(state["moving"])
        self.initial_moving = state["initial_moving"]
        for n, variable in enumerate(self._seeds()):
            variable.assign(state[f"other{n}"])

    def _seeds(self) -> list[Any]:
        """Variables that are no weights: the seeds of dropout."""
        weights = {id(weight) for weight in self._model.weights}
        variables = self._model.non_trainable_variables
        return [variable for variable in variables if id(variable) not in weights]

    def write_back(self, moving: Tensor) -> None:
        """Gives the model the trained weights and these batch-norm statistics."""
        for variables, vector in (
            (self._trained_variables, self.trained_vector),
            (self._moving_variables, moving),
        ):
            values = _unpack(tf.convert_to_tensor(vector), variables)
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)


def _flat_variable(variables: Sequence[Any]) -> Any:
    values = [np.ravel(variable.numpy()) for variable in variables]
    return tf.Variable(np.concatenate(values).astype(np.float32))


def _unpack(vector: Tensor, variables: Sequence[Any]) -> list[Tensor]:
    shapes = [tuple(variable.shape) for variable in variables]
    parts = tf.split(vector, [int(np.prod(shape)) for shape in shapes])
    return [
        part if len(shape) == 1 else tf.reshape(part, shape)
        for part, shape in zip(parts, shapes, strict=True)
    ]

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


class FlatWeights:
    """A copy of a model's weights as vectors `trained` and `moving`.

    Args:
        model: Built model; it is unchanged until `write_back`.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._trained = model.trainable_variables
        # Random seeds are state as well, but no weights.
        self._moving = [weight for weight in model.weights if not weight.trainable]
        self.trained = _flat_variable(self._trained)
        self.moving = _flat_variable(self._moving)
        self.initial_moving = self.moving.numpy()

    def decayed(self) -> Any:
        """1 for every value of a kernel, 0 for norms, biases and scales."""
        parts = [
            np.full(int(np.prod(weight.shape)), weight.name == "kernel", np.float32)
            for weight in self._trained
        ]
        return np.concatenate(parts)

    @contextmanager
    def used(self, trained: Tensor, moving: Tensor) -> Iterator[Any]:
        """A scope in which the model computes with these vectors.

        Yields:
            The scope, from which `moved` reads new batch-norm statistics.
        """
        values = zip(
            [*self._trained, *self._moving],
            [*_unpacked(trained, self._trained), *_unpacked(moving, self._moving)],
            strict=True,
        )
        with keras.StatelessScope(state_mapping=list(values)) as scope:
            yield scope

    def moved(self, scope: Any) -> Tensor:
        """The batch-norm statistics at the end of a scope, as a vector."""
        return tf.concat(
            [scope.get_current_value(weight) for weight in self._moving], 0
        )

    def other_updates(self, scope: Any) -> None:
        """Carries out the scope's updates of state that is no weight (seeds)."""
        for variable in self._others():
            new = scope.get_current_value(variable)
            if new is not None:
                variable.assign(new)

    def debiased_moving(self, steps: int, momentum: float) -> Tensor:
        """Batch-norm statistics after so many steps, without their starting values."""
        left = momentum**steps
        return (self.moving - left * self.initial_moving) / (1.0 - left)

    def state(self) -> dict[str, NDArray[Any]]:
        """Both vectors, where statistics began, and seeds, as arrays by name."""
        others = {f"other{n}": v.value for n, v in enumerate(self._others())}
        tensors = {"trained": self.trained, "moving": self.moving, **others}
        return {
            "initial_moving": self.initial_moving,
            # Copied: on a CPU `numpy()` is the tensor's own memory, and keeps it.
            **{name: np.array(tensor.numpy()) for name, tensor in tensors.items()},
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Takes what `state` gave for the same model."""
        self.trained.assign(state["trained"])
        self.moving.assign(state["moving"])
        self.initial_moving = state["initial_moving"]
        for n, variable in enumerate(self._others()):
            variable.assign(state[f"other{n}"])

    def _others(self) -> list[Any]:
        """Variables that are no weights: the seeds of dropout."""
        known = {id(weight) for weight in self._model.weights}
        variables = self._model.non_trainable_variables
        return [variable for variable in variables if id(variable) not in known]

    def write_back(self, moving: Tensor) -> None:
        """Gives the model the trained weights and these batch-norm statistics."""
        for variables, vector in (
            (self._trained, self.trained),
            (self._moving, moving),
        ):
            values = _unpacked(tf.convert_to_tensor(vector), variables)
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)


def _flat_variable(variables: Sequence[Any]) -> Any:
    values = [np.ravel(variable.numpy()) for variable in variables]
    return tf.Variable(np.concatenate(values).astype(np.float32))


def _unpacked(vector: Tensor, variables: Sequence[Any]) -> list[Tensor]:
    shapes = [tuple(variable.shape) for variable in variables]
    parts = tf.split(vector, [int(np.prod(shape)) for shape in shapes])
    return [
        part if len(shape) == 1 else tf.reshape(part, shape)
        for part, shape in zip(parts, shapes, strict=True)
    ]

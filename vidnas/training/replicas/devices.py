"""On which devices does one training run? Each has a part of every batch."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import tensorflow as tf

from vidnas.errors import InputError
from vidnas.nets.layers.tensor import Tensor


class Devices:
    """Devices of this machine that take each step of a training together.

    Args:
        names: Names of logical devices of TensorFlow, such as `GPU:0`; without any, the
            training runs where TensorFlow puts it.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._names = tuple(names)
        self.count = max(len(self._names), 1)
        self._strategy = _strategy(self._names) if self.count > 1 else None

    def scope(self, number: int) -> Any:
        """A scope whose operations run on the device of that number, from 0."""
        return tf.device(self._names[number] if self.count > 1 else None)

    def split(self, array: Any) -> list[Tensor]:
        """The equal parts of a batch, each on its device.

        Args:
            array: Numbers of the batch, `[B, ...]`.
        """
        if self.count == 1:
            return [tf.constant(array)]
        parts = []
        size = len(array) // self.count
        for number in range(self.count):
            with self.scope(number):
                part = array[number * size : (number + 1) * size]
                parts.append(tf.constant(part))
        return parts

    def run(self, step: Callable[[int], Any]) -> list[Any]:
        """What a function gives on each device, for its number; to be traced."""
        if self._strategy is None:
            return [step(0)]
        found: dict[int, Any] = {}

        def on_one() -> None:
            context = tf.distribute.get_replica_context()
            number = int(tf.get_static_value(context.replica_id_in_sync_group))
            found[number] = step(number)

        self._strategy.run(on_one)
        return [found[number] for number in range(self.count)]

    def average(self, tensors: list[Tensor]) -> list[Tensor]:
        """Means of tensors over the devices, inside of `run`, the same on each."""
        if self.count == 1:
            return tensors
        context = tf.distribute.get_replica_context()
        means: list[Tensor] = context.all_reduce(tf.distribute.ReduceOp.MEAN, tensors)
        return means


def gpu_devices(count: int) -> Devices:
    """The first GPUs that this process sees; for one or none, TensorFlow's choice."""
    if count < 2:
        return Devices()
    return Devices([f"GPU:{number}" for number in range(count)])


def require_multiple(batch: int, devices: int) -> None:
    """Raises where devices cannot share a batch equally.

    Args:
        batch: Clips per step.
        devices: Number of devices.

    Raises:
        InputError: the batch is no multiple of their number.
    """
    if batch % devices:
        raise InputError(
            f"`batch` must be a multiple of the {devices} GPUs that share it, "
            f"got {batch}."
        )


@cache  # collectives of a process are set up once
def _strategy(names: tuple[str, ...]) -> Any:
    return tf.distribute.MirroredStrategy(list(names))

"""How much of TensorFlow's memory may a training take, and how much did it take?"""

import os

import tensorflow as tf

from vidnas.errors import SurroundingsError


def limit_gpus(most: float) -> None:
    """Holds this process to so much memory [bytes] on each GPU it sees.

    Must be called before TensorFlow has used one.
    """
    limit = tf.config.LogicalDeviceConfiguration(memory_limit=int(most // 2**20))
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.set_logical_device_configuration(gpu, [limit])


def require_gpu(count: int = 1) -> None:
    """Raises where TensorFlow would silently train on the CPU, or on fewer GPUs.

    Args:
        count: GPUs that one training takes.

    Raises:
        SurroundingsError: it finds fewer.
    """
    found = len(tf.config.list_physical_devices("GPU"))
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    among = "" if seen is None else f" among CUDA_VISIBLE_DEVICES={seen}"
    if count > 1 and found < count:
        raise SurroundingsError(
            f"a training on {count} GPUs must see as many, TensorFlow found "
            f"{found}{among}"
        )
    if not found:
        raise SurroundingsError(
            f"a worker with `workers.gpus` must see a GPU, TensorFlow found none{among}"
        )


class AllocatorPeak:
    """Watches the allocator of the device that trains, from its construction on.

    On a CPU this needs `environment.prepare` before TensorFlow is imported.
    """

    def __init__(self) -> None:
        gpus = tf.config.list_logical_devices("GPU")
        self._device = "GPU:0" if gpus else "CPU:0"
        self._before = self._read("current")
        if self._before is not None:
            tf.config.experimental.reset_memory_stats(self._device)

    @property
    def measured(self) -> dict[str, float]:
        """`peak_bytes` since the watch began, beyond what was alive then.

        Nothing where the device's allocator keeps no statistics.
        """
        peak = self._read("peak")
        if peak is None or self._before is None:
            return {}
        return {"peak_bytes": float(peak - self._before)}

    def _read(self, statistic: str) -> int | None:
        try:
            return int(tf.config.experimental.get_memory_info(self._device)[statistic])
        except ValueError:  # this device's allocator keeps no statistics
            return None

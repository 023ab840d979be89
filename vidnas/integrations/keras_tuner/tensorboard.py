"""Why does Keras Tuner need TensorBoard? It imports the package though nobody uses it.

Keras Tuner 1.4.8 does so before each training. TensorFlow 2.21 does not bring the
package any more.
"""

import functools
import importlib.util
from typing import Any

import keras_tuner


@functools.cache
def allow_missing_tensorboard() -> None:
    """Lets every tuner of this process train without the package `tensorboard`.

    Nothing is changed where the package is there. Where it is not, a `TensorBoard`
    callback stops the search with the reason, instead of failing trial after trial.
    """
    if importlib.util.find_spec("tensorboard") is None:
        keras_tuner.Tuner._configure_tensorboard_dir = _without_tensorboard


def _without_tensorboard(
    tuner: Any, callbacks: list[Any], trial: Any, execution: int = 0
) -> None:
    """Stands for `Tuner._configure_tensorboard_dir`."""
    if any(type(callback).__name__ == "TensorBoard" for callback in callbacks):
        raise keras_tuner.errors.FatalRuntimeError(
            "A `TensorBoard` callback must have the package `tensorboard`, which is "
            "not installed. Run `pip install tensorboard`."
        )

"""How is what Keras runs loaded again? A `.keras` file, or code with its weights."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from vidnas.deploy.exported.about import IMAGE, LOGITS, About
from vidnas.deploy.exported.formats import KERAS
from vidnas.deploy.running.runner import Values
from vidnas.nets.stream import StreamNetwork

MODULE = "vidnas_exported_code"  # under which code is imported


def keras_answers(
    written: list[Path], kind: str, about: About
) -> Callable[[Values], Values]:
    """A function from clips, or the next frame of each stream, to logits.

    Args:
        written: Files of the export, the network's first.
        kind: Name of their format, `Keras` or `Keras code`.
        about: What they are of.
    """
    if kind == KERAS:
        network = keras.models.load_model(written[0])
        if isinstance(network, StreamNetwork):
            return _Carried(network, network.initial_states)
        return lambda clips: network(tf.constant(clips), training=False).numpy()
    code = _import(written[0])
    model = code.build(stream=True) if about.stream else code.build()
    code.load_weights(model, written[1])
    if not about.stream:
        return lambda clips: model(tf.constant(clips), training=False).numpy()

    def step(frames: Any, states: Any) -> Any:
        found = model({IMAGE: frames[:, 0], **states})
        return found.pop(LOGITS), found

    shapes = code.STATES
    return _Carried(
        step, lambda batch: {n: tf.zeros([batch, *shapes[n]]) for n in shapes}
    )


class _Carried:
    """A step with its states."""

    def __init__(self, step: Callable[..., Any], begin: Callable[[int], Any]) -> None:
        self._step, self._begin = step, begin
        self._states: Any = None

    def __call__(self, frames: Values) -> Values:
        if self._states is None:
            self._states = self._begin(len(frames))
        logits, self._states = self._step(tf.constant(frames[:, None]), self._states)
        return logits.numpy()


def _import(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(MODULE, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

"""How does a Keras network run? Compiled, its weights constants."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from vidnas.architecture.architecture import Architecture
from vidnas.deploy.running.runner import Values
from vidnas.deploy.single_operator import compile_frozen
from vidnas.errors import InputError
from vidnas.nets.network import VideoNetwork
from vidnas.nets.stream import States, StreamNetwork
from vidnas.nets.weights.pretrained import load_pretrained

RUNTIME = "keras"


class KerasClips:
    """A clip network in Keras; see `ClipRunner`.

    Args:
        network: Network to run, as its weights are now.
    """

    runtime = RUNTIME

    def __init__(self, network: VideoNetwork) -> None:
        self._network = network
        self._compiled: dict[tuple[int, ...], tf.types.experimental.Callable] = {}

    def clip_logits(self, clips: Values) -> Values:
        """Logits `[B, K]` of clips `[B, T, H, W, C]`; compiled once for each shape."""
        shape = clips.shape
        if shape not in self._compiled:
            network = self._network
            self._compiled[shape] = compile_frozen(
                lambda x: network(x, training=False), network.weights, [shape]
            )
        logits = self._compiled[shape](tf.constant(clips))
        return np.asarray(logits.numpy(), np.float32)


class KerasStream:
    """A stream network in Keras; see `StreamRunner`.

    Args:
        network: Network to run, as its weights are now.
        streams: Streams side by side.
    """

    runtime = RUNTIME

    def __init__(self, network: StreamNetwork, streams: int = 1) -> None:
        self.streams = streams
        self._step = network.frozen(streams)
        self._initial = network.initial_states(streams)
        self._states: States = self._initial

    def frame_logits(self, frames: Values) -> Values:
        """Logits `[B, K]` after the next frame `[B, H, W, C]` of each stream."""
        logits, self._states = self._step(tf.constant(frames[:, None]), self._states)
        return np.asarray(logits.numpy(), np.float32)

    def restart(self) -> None:
        """Forgets every frame: the next one is the first."""
        self._states = self._initial


def load_network(
    architecture: Architecture, file: Path, classes: int | None
) -> VideoNetwork:
    """The clip network of an architecture with the weights of a file.

    Args:
        architecture: Architecture of the weights.
        file: Weights file, training folder or official checkpoint.
        classes: Number of outputs; None for as many as the file has.
    """
    return load_pretrained(file, architecture, classes=classes)


def open_keras_file(
    path: Path, streams: int = 1
) -> tuple[KerasClips | KerasStream, Architecture]:
    """The network in a file of Keras, ready to run, and its architecture.

    Args:
        path: File that `network.save` or `vidnas export` wrote.
        streams: Streams side by side, where it is a stream.

    Raises:
        InputError: it cannot be loaded, or holds another model.
    """
    try:
        network = keras.models.load_model(path)
    except (OSError, ValueError, TypeError, KeyError) as wrong:
        (reason, *_) = str(wrong).splitlines() or [type(wrong).__name__]
        raise InputError(
            f"{path} cannot be loaded by Keras: {reason.rstrip('.')}."
        ) from wrong
    if isinstance(network, StreamNetwork):
        return KerasStream(network, streams), network.architecture
    if isinstance(network, VideoNetwork):
        return KerasClips(network), network.architecture
    raise InputError(
        f"{path} must hold a network of vidnas, it holds a {type(network).__name__}."
    )

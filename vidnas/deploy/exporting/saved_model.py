"""How does a network become a SavedModel? With a signature for a frame, or for a clip.

A stream's has two: `serving_default` is one frame of any number of streams, and
`initial_states` gives the states that they begin with.
"""

from pathlib import Path
from typing import Any

import tensorflow as tf

from vidnas.deploy.exported.about import BEGIN, STEP
from vidnas.deploy.exporting.step import Network, exported_function
from vidnas.deploy.litert import quiet
from vidnas.nets.layers.tensor import Tensor
from vidnas.nets.stream import StreamNetwork


def save_function(function: Any, folder: Path) -> None:
    """Writes a SavedModel of one compiled function."""
    module = tf.Module()
    module.run = function
    tf.saved_model.save(module, str(folder), signatures={STEP: function})


def save_network(network: Network, folder: Path) -> None:
    """Writes the SavedModel of a network, for any batch.

    Args:
        network: Network to export, as its weights are now.
        folder: Folder to write to.
    """
    signatures = {STEP: exported_function(network, None)}
    if isinstance(network, StreamNetwork):
        signatures[BEGIN] = _beginning(network)
    module = tf.Module()
    with quiet():
        tf.saved_model.save(module, str(folder), signatures=signatures)


def _beginning(network: StreamNetwork) -> Any:
    shapes = {n: s.shape[1:].as_list() for n, s in network.initial_states(1).items()}

    def begin(batch: Tensor) -> dict[str, Tensor]:
        return {
            name: tf.zeros(tf.concat([[batch], shape], 0))
            for name, shape in shapes.items()
        }

    spec = tf.TensorSpec([], tf.int32, "batch")
    return tf.function(begin, autograph=False).get_concrete_function(spec)

"""Which function of a network is exported? One frame of its stream, or one clip.

Its weights are constants, its inputs and outputs have names, and no tensor of a stream
has more than 4 axes.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from vidnas.deploy.exported.about import CLIP, IMAGE, LOGITS
from vidnas.nets.layers.sites import Watcher, site, watched_by
from vidnas.nets.layers.tensor import Tensor
from vidnas.nets.network import VideoNetwork
from vidnas.nets.stream import StreamNetwork

Function = Callable[..., Any]
Network = VideoNetwork | StreamNetwork
FRAMES = "frames"  # counts those that a stream has seen


def exported_function(
    network: Network,
    batch: int | None,
    *,
    watcher: Callable[[], Watcher | None] = lambda: None,
    suffix: str = "",
) -> Any:
    """The compiled function of a network: from named tensors to named tensors.

    A stream takes `image` `[B, H, W, C]` and its states, and gives `logits` and the new
    states. A clip network takes `clip` `[B*T, H, W, C]`, frames of a clip one after the
    other, and gives `logits`.

    Args:
        network: Network to export, as its weights are now.
        batch: Clips or streams side by side, B; None for any.
        watcher: Function that gives who looks at the sites, anew for each tracing.
        suffix: End of the name of each new state.
    """
    specs = input_specs(network, batch)
    weights = [(weight, weight.numpy()) for weight in network.weights]

    def run(**tensors: Tensor) -> dict[str, Tensor]:
        constants = [(weight, tf.constant(value)) for weight, value in weights]
        with keras.StatelessScope(state_mapping=constants), watched_by(watcher()):
            return _run(network, tensors, suffix)

    return tf.function(run, autograph=False).get_concrete_function(**specs)


def input_specs(network: Network, batch: int | None) -> dict[str, tf.TensorSpec]:
    """Shape and type of each input, by name."""
    clip = network.architecture.clip
    frame = (clip.resolution, clip.resolution, clip.channels)
    if isinstance(network, VideoNetwork):
        frames = batch and batch * clip.frames
        return {CLIP: tf.TensorSpec([frames, *frame], tf.float32, CLIP)}
    specs = {IMAGE: tf.TensorSpec([batch, *frame], tf.float32, IMAGE)}
    for name, state in network.initial_states(1).items():
        specs[name] = tf.TensorSpec([batch, *state.shape[1:]], tf.float32, name)
    return specs


def _run(
    network: Network, tensors: dict[str, Tensor], suffix: str
) -> dict[str, Tensor]:
    if isinstance(network, VideoNetwork):
        return {LOGITS: network.run_folded(site(tensors[CLIP]))}
    images = site(tensors.pop(IMAGE))
    logits, states = network.step(images, tensors)
    return {LOGITS: logits, **{f"{name}{suffix}": states[name] for name in states}}

"""How do channels gate one another, by the whole clip or by the frames so far?"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from vidnas.nets.activations import ACTIVATIONS
from vidnas.nets.causal import Memory, cumulative_mean, sinusoids
from vidnas.nets.layers import Pointwise

Tensor = Any


class SqueezeExcite(keras.layers.Layer):
    """Channels gated by two dense layers that look at the whole clip.

    Causal, each frame has its own gates, from the mean of all frames so far beside the
    mean of the frame itself.

    Args:
        width: Channels.
        hidden: Width between the two dense layers.
        activation: Name of the activation between them.
        gate: Name of the gate.
        causal: Whether no gate sees a later frame.
        positional: Whether the dense layers also see where in time a frame stands:
            sines and cosines of its position, times a learnt scalar that starts at
            zero, are added to their input. Causal only.
        rng: Draws the kernels.
        name: Name of the layer.

    Input shape:
        `[B*T, H, W, width]`.

    Output shape:
        The same.

    Source:
        MoViNets, arXiv 2103.11511; the causal form is the released "2plus3d".
        Positions: Model Garden, official/projects/movinet, StreamSqueezeExcitation.
    """

    def __init__(
        self,
        width: int,
        hidden: int,
        *,
        activation: str,
        gate: str,
        causal: bool = False,
        positional: bool = False,
        rng: np.random.Generator,
        name: str,
    ) -> None:
        super().__init__(name=name)
        self.causal = causal
        self.activation = ACTIVATIONS[activation]
        self.gate = ACTIVATIONS[gate]
        squeezed = 2 * width if causal else width
        with keras.name_scope(name):
            self.reduce = Pointwise(squeezed, hidden, bias=True, rng=rng, name="reduce")
            self.expand = Pointwise(hidden, width, bias=True, rng=rng, name="expand")
        self.position_scale = None
        if positional:
            self.position_scale = self.add_weight(
                name="position_scale", shape=(), initializer="zeros"
            )
        self.built = True

    def call(self, x: Tensor, frames: int, memory: Memory | None = None) -> Tensor:
        """The gated clip of `frames` frames, or chunk of a causal stream."""
        _, H, W, C = x.shape
        if self.causal:
            clip = tf.reshape(x, [-1, frames, H * W, C])
            squeezed = self._squeezed(tf.reduce_mean(clip, 2), memory)
            folded = [-1, H * W, C]  # a gate per frame
        else:
            folded = [-1, frames * H * W, C]  # a gate per clip
            squeezed = tf.reduce_mean(tf.reshape(x, folded), 1)
        gates = self.gate(self.expand(self.activation(self.reduce(squeezed))))
        y = tf.reshape(x, folded) * tf.expand_dims(gates, 1)
        return tf.reshape(y, [-1, H, W, C])

    def _squeezed(self, means: Tensor, memory: Memory | None) -> Tensor:
        """`[B*T, 2*C]` of all frames so far and of each, from means `[B, T, C]`."""
        _, T, C = means.shape
        so_far = (
            memory.averaged(means) if memory is not None else cumulative_mean(means)
        )
        squeezed = tf.concat([so_far, means], -1)
        if self.position_scale is not None:
            first = memory.frames if memory is not None else tf.zeros([1, 1])
            places = tf.cast(sinusoids(first, T, 2 * C), means.dtype)
            squeezed += self.position_scale.value * places
        return tf.reshape(squeezed, [-1, 2 * C])

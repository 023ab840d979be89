"""How do channels gate one another? By the clip, the frames so far or one frame."""

from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from vidnas.architecture.architecture import Placed
from vidnas.nets.layers.activations import ACTIVATIONS, is_portable
from vidnas.nets.layers.causal import Memory, cumulative_mean, sinusoids
from vidnas.nets.layers.construction import Construction
from vidnas.nets.layers.depthwise import Pointwise
from vidnas.nets.layers.frames import clip_means, frame_means
from vidnas.nets.layers.restoration import Restorable, fresh_rng, register
from vidnas.nets.layers.sites import site
from vidnas.nets.layers.tensor import Tensor


@register
class SqueezeExcite(Restorable, keras.layers.Layer):
    """Channels gated by two dense layers that look at means over space and time.

    Over the whole clip, or with gates of its own for each frame: from the mean of the
    frames so far beside the mean of the frame itself, or from the latter alone.

    Args:
        width: Channels that are gated.
        hidden: Width between the two dense layers.
        activation: Name of the activation between them.
        gate: Name of the gate.
        squeezed: Frames that are averaged: `clip`, `so_far` (causal) or `frame`.
        positional: Whether the dense layers also see where in time a frame stands:
            sines and cosines of its position, times a learnt scalar that starts at
            zero, are added to their input. With `so_far` only.
        rng: Generator that draws the kernels.
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
        squeezed: str = "clip",
        positional: bool = False,
        rng: np.random.Generator,
        name: str,
    ) -> None:
        super().__init__(name=name)
        self.squeezed = squeezed
        self.names = {"activation": activation, "gate": gate}
        self.activation = ACTIVATIONS[activation]
        self.gate = ACTIVATIONS[gate]
        input_width = 2 * width if squeezed == "so_far" else width
        with keras.name_scope(name):
            self.reduce = Pointwise(
                input_width, hidden, bias=True, rng=rng, name="reduce"
            )
            self.expand = Pointwise(hidden, width, bias=True, rng=rng, name="expand")
        self.position_scale = None
        if positional:
            self.position_scale = self.add_weight(
                name="position_scale", shape=(), initializer="zeros"
            )
        self.built = True

    def facts(self) -> dict[str, Any]:
        """Widths, activations and what is averaged."""
        return {
            "width": int(self.expand.kernel.shape[1]),
            "hidden": int(self.reduce.kernel.shape[1]),
            **self.names,
            "squeezed": self.squeezed,
            "positional": self.position_scale is not None,
        }

    @classmethod
    def of_facts(cls, *, name: str, **facts: Any) -> Self:
        """A fresh squeeze-excite of those."""
        return cls(rng=fresh_rng(), name=name, **facts)

    def call(self, x: Tensor, frames: int, memory: Memory | None = None) -> Tensor:
        """The gated clip of `frames` frames, or chunk of a causal stream."""
        x = site(x)
        _, H, W, C = x.shape
        per_frame = self.squeezed != "clip"
        means = frame_means(x) if per_frame else clip_means(x, frames)
        if self.squeezed == "so_far":
            means = self._so_far(tf.reshape(means, [-1, frames, C]), memory)
        gates = site(self.gate(self.expand(self.activation(self.reduce(means)))))
        seen = 1 if per_frame else frames
        if is_portable():
            y = tf.reshape(x, [-1, seen, H * W, C]) * tf.reshape(gates, [-1, 1, 1, C])
        else:
            y = tf.reshape(x, [-1, seen * H * W, C]) * tf.expand_dims(gates, 1)
        return site(tf.reshape(y, [-1, H, W, C]))

    def _so_far(self, means: Tensor, memory: Memory | None) -> Tensor:
        """`[B*T, 2*C]` of all frames so far and of each, from means `[B, T, C]`."""
        _, T, C = means.shape
        so_far = (
            memory.update_mean(means) if memory is not None else cumulative_mean(means)
        )
        means = tf.concat([so_far, means], -1)
        if self.position_scale is not None:
            first = memory.frames if memory is not None else tf.zeros([1, 1])
            places = tf.cast(sinusoids(first, T, 2 * C), means.dtype)
            means += self.position_scale.value * places
        return tf.reshape(means, [-1, 2 * C])


def excite_layer(
    place: Placed, width: int, construction: Construction
) -> SqueezeExcite | None:
    """The squeeze-excite of a layer over `width` channels, if it has one."""
    if not place.layer.squeeze_excite:
        return None
    rules = construction.rules(place)
    return SqueezeExcite(
        width,
        place.layer.squeeze_excite,
        activation=rules.hidden,
        gate=rules.gate,
        squeezed=rules.squeezed,
        positional=construction.architecture.positional_encoding,
        rng=construction.rng,
        name="squeeze_excite",
    )

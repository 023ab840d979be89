"""What are the parts of a network, put together from layers by its architecture?

A stem, inverted bottlenecks and a head. Like layers they take a feature map
`[B*T, H, W, C]` and the frames T of a clip; given a `Memory`, the T frames are the next
chunk of a stream.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from vidnas.core.architecture import Architecture, Kernel, Placed
from vidnas.core.errors import ShapeError
from vidnas.nets.activations import ACTIVATIONS
from vidnas.nets.causal import Memory
from vidnas.nets.layers import DepthwiseConv3D, Norm, Pointwise, SpatialConv
from vidnas.nets.squeeze_excite import SqueezeExcite

Tensor = Any


@dataclass(frozen=True)
class Rules:
    """What the layers of one network have in common."""

    expanded: str  # activation after expand, and between (2+1)D halves
    filtered: str  # after depthwise, before squeeze-excite
    excited: str  # after squeeze-excite
    summed: str  # after the shortcut is added
    hidden: str  # in squeeze-excite
    gate: str  # of squeeze-excite
    classifier: str  # of the head's hidden layer
    residual_scale: bool
    pooled_shortcut: bool
    split: bool  # (2+1)D
    causal: bool
    positional: bool  # squeeze-excite sees where in time a frame stands
    momentum: float

    @classmethod
    def of(cls, architecture: Architecture, momentum: float) -> "Rules":
        """The rules of an architecture.

        Source:
            Model Garden, official/projects/movinet; PySlowFast, X3D.
        """
        activation = architecture.activation
        movinet = architecture.block == "movinet"
        return cls(
            expanded=activation if movinet else "relu",
            filtered=activation if movinet else "",
            excited="" if movinet else activation,
            summed="" if movinet else "relu",
            hidden=activation if movinet else "relu",
            gate="hard_sigmoid" if activation == "hard_swish" else "sigmoid",
            classifier="swish" if movinet else "relu",
            residual_scale=movinet,
            pooled_shortcut=movinet,
            split=architecture.convolution == "2plus1d",
            causal=architecture.causal,
            positional=architecture.positional_encoding,
            momentum=momentum,
        )


class Stem(keras.layers.Layer):
    """First convolution, with X3D's temporal depthwise one behind it.

    Input shape:
        `[B*T, H, W, 3]`.

    Output shape:
        `[B*T, ceil(H / stride), ceil(W / stride), stem.width]`.
    """

    def __init__(
        self, architecture: Architecture, rules: Rules, rng: np.random.Generator
    ) -> None:
        super().__init__(name="stem")
        stem = architecture.stem
        if stem.kernel.frames != 1:
            raise ShapeError(
                f"`stem.kernel` must see 1 frame to be built, got {stem.kernel}."
            )
        self.activation = ACTIVATIONS[rules.expanded]
        with keras.name_scope("stem"):
            self.conv = SpatialConv(
                3, stem.width, stem.kernel.side, stem.stride, rng=rng, name="conv"
            )
            self.temporal = None
            if stem.temporal > 1:
                self.temporal = DepthwiseConv3D(
                    stem.width,
                    Kernel(stem.temporal, 1),
                    causal=rules.causal,
                    rng=rng,
                    name="temporal",
                )
            self.norm = Norm(stem.width, momentum=rules.momentum, name="norm")
        self.built = True

    def call(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None = None
    ) -> Tensor:
        """Features of clips of `frames` frames, or of chunks of streams."""
        x = self.conv(x)
        if self.temporal is not None:
            x = self.temporal(x, frames=frames, memory=memory)
        return self.activation(self.norm(x, training=training))


class InvertedBottleneck(keras.layers.Layer):
    """Expand, depthwise, squeeze-excite, project, and the shortcut around them.

    Input shape:
        `[B*T, in_side, in_side, in_width]`.

    Output shape:
        `[B*T, out_side, out_side, out_width]`.
    """

    def __init__(self, place: Placed, rules: Rules, rng: np.random.Generator) -> None:
        super().__init__(name=place.name)
        self.rules = rules
        layer = place.layer
        self.stride = layer.stride
        width, kernel = layer.expand_width, layer.kernel
        split = rules.split and kernel.frames > 1

        def norm(width: int, name: str) -> Norm:
            return Norm(width, momentum=rules.momentum, name=name)

        def depthwise(kernel: Kernel, stride: int, name: str) -> DepthwiseConv3D:
            return DepthwiseConv3D(
                width, kernel, stride, causal=rules.causal, rng=rng, name=name
            )

        with keras.name_scope(place.name):
            self.expand = Pointwise(place.in_width, width, rng=rng, name="expand")
            self.expand_norm = norm(width, "expand_norm")
            spatial = Kernel(1, kernel.side) if split else kernel
            self.depthwise = depthwise(spatial, layer.stride, "depthwise")
            self.depthwise_norm = norm(width, "depthwise_norm")
            self.temporal = self.temporal_norm = None
            if split:
                self.temporal = depthwise(Kernel(kernel.frames, 1), 1, "temporal")
                self.temporal_norm = norm(width, "temporal_norm")
            self.squeeze_excite = None
            if layer.squeeze_excite:
                self.squeeze_excite = SqueezeExcite(
                    width,
                    layer.squeeze_excite,
                    activation=rules.hidden,
                    gate=rules.gate,
                    causal=rules.causal,
                    positional=rules.positional,
                    rng=rng,
                    name="squeeze_excite",
                )
            self.project = Pointwise(width, place.out_width, rng=rng, name="project")
            self.project_norm = Norm(
                place.out_width,
                momentum=rules.momentum,
                residual_scale=rules.residual_scale,
                name="project_norm",
            )
            self.shortcut = self.shortcut_norm = None
            if place.projects_shortcut:
                self.shortcut = self._projection(place, rng)
                self.shortcut_norm = norm(place.out_width, "shortcut_norm")
        self.built = True

    def _projection(
        self, place: Placed, rng: np.random.Generator
    ) -> Pointwise | SpatialConv:
        widths = place.in_width, place.out_width
        if self.rules.pooled_shortcut or self.stride == 1:
            return Pointwise(*widths, rng=rng, name="shortcut")
        return SpatialConv(*widths, 1, self.stride, rng=rng, name="shortcut")

    def call(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None = None
    ) -> Tensor:
        """Features of clips of `frames` frames, or of chunks of streams."""
        rules = self.rules
        y = ACTIVATIONS[rules.expanded](
            self.expand_norm(self.expand(x), training=training)
        )
        y = self.depthwise(y, frames=frames, memory=memory)
        y = self.depthwise_norm(y, training=training)
        if self.temporal is not None and self.temporal_norm is not None:
            y = ACTIVATIONS[rules.expanded](y)
            y = self.temporal(y, frames=frames, memory=memory)
            y = self.temporal_norm(y, training=training)
        y = _activated(y, rules.filtered)
        if self.squeeze_excite is not None:
            y = self.squeeze_excite(y, frames=frames, memory=memory)
        y = self.project(_activated(y, rules.excited))
        y = self.project_norm(y, training=training)
        return _activated(y + self._short(x, training), rules.summed)

    def _short(self, x: Tensor, training: bool) -> Tensor:
        if self.shortcut is None or self.shortcut_norm is None:
            return x
        if self.rules.pooled_shortcut and self.stride > 1:
            x = tf.nn.avg_pool2d(x, 3, self.stride, "SAME")
        return self.shortcut_norm(self.shortcut(x), training=training)


class Head(keras.layers.Layer):
    """Project, average over the clip, and two dense layers.

    Input shape:
        `[B*T, H, W, C]`.

    Output shape:
        `[B, classes]`, float32.
    """

    def __init__(
        self,
        architecture: Architecture,
        width: int,
        classes: int,
        rules: Rules,
        dropout: float,
        rng: np.random.Generator,
    ) -> None:
        super().__init__(name="head")
        head = architecture.head
        self.activation = ACTIVATIONS[rules.expanded]
        self.classifier_activation = ACTIVATIONS[rules.classifier]
        self.dropout = dropout
        self.seeds = None
        if dropout:
            self.seeds = keras.random.SeedGenerator(int(rng.integers(2**31)))
        with keras.name_scope("head"):
            self.project = Pointwise(width, head.project_width, rng=rng, name="project")
            self.norm = Norm(head.project_width, momentum=rules.momentum, name="norm")
            self.hidden = Pointwise(
                head.project_width,
                head.hidden_width,
                bias=head.hidden_bias,
                rng=rng,
                name="hidden",
            )
            self.classes = Pointwise(
                head.hidden_width, classes, bias=True, rng=rng, name="classes"
            )
        self.built = True

    def call(
        self,
        x: Tensor,
        frames: int,
        training: bool,
        memory: Memory | None = None,
        every_frame: bool = False,
    ) -> Tensor:
        """Logits of clips of `frames` frames, or of streams after a chunk of them.

        With `every_frame`, which only streams have, `[B, T, classes]`.
        """
        x = self.activation(self.norm(self.project(x), training=training))
        _, H, W, C = x.shape
        if memory is None:
            x = tf.reduce_mean(tf.reshape(x, [-1, frames * H * W, C]), 1)
        else:
            means = tf.reduce_mean(tf.reshape(x, [-1, frames, H * W, C]), 2)
            so_far = memory.averaged(means)
            x = so_far if every_frame else so_far[:, -1]
        x = self.classifier_activation(self.hidden(x))
        if self.seeds is not None and training:
            x = keras.random.dropout(x, self.dropout, seed=self.seeds)
        return tf.cast(self.classes(x), "float32")


def _activated(x: Tensor, name: str) -> Tensor:
    return ACTIVATIONS[name](x) if name else x

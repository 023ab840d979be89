"""How does an architecture become a Keras model that trains, or that streams?

`build` makes a `VideoNetwork`: stem, inverted bottlenecks and head, from clips
`[B, T, H, W, 3]` in [0, 1] to logits `[B, classes]`. The network is convolutional and
takes clips of other lengths and sizes than its architecture names. A causal one has a
stream twin of the same weights, a `StreamNetwork`.
"""

from typing import Any, Literal, overload

import keras
import numpy as np
import tensorflow as tf

from vidnas.core.architecture import Architecture
from vidnas.core.errors import ShapeError
from vidnas.nets.blocks import Head, InvertedBottleneck, Rules, Stem
from vidnas.nets.layers import MOMENTUM
from vidnas.nets.shapes import frame_sizes
from vidnas.nets.stream import StreamNetwork

Tensor = Any


@overload
def build(
    architecture: Architecture,
    classes: int,
    *,
    stream: Literal[False] = False,
    dropout: float = ...,
    norm_momentum: float = ...,
    seed: int = ...,
) -> "VideoNetwork": ...


@overload
def build(
    architecture: Architecture,
    classes: int,
    *,
    stream: Literal[True],
    dropout: float = ...,
    norm_momentum: float = ...,
    seed: int = ...,
) -> StreamNetwork: ...


def build(
    architecture: Architecture,
    classes: int,
    *,
    stream: bool = False,
    dropout: float = 0.0,
    norm_momentum: float = MOMENTUM,
    seed: int = 0,
) -> "VideoNetwork | StreamNetwork":
    """The network of an architecture, as a Keras model with fresh weights.

    Args:
        architecture: What to build.
        classes: Outputs of the classifier.
        stream: Whether frames arrive in chunks, with states carried between them.
            What is not causal becomes its causal twin, `architecture.streaming()`.
            Otherwise a causal architecture becomes its clip form: a whole clip at
            once, no frame seeing a later one. To train a network on clips and run it
            as a stream, build that form and take its `stream()`.
        dropout: Share of hidden values dropped before the last layer, in [0, 1).
        norm_momentum: Of batch-norm statistics. The published 0.99 remembers some 100
            steps; a short training needs less.
        seed: Of the weights and of dropout.

    Returns:
        A model from float clips `[B, T, H, W, 3]` in [0, 1] to logits `[B, classes]`;
        with `stream`, from frames and states to logits and states.

    Raises:
        ShapeError: `classes` is below 1, or the architecture has a part that cannot be
            built.
    """
    if classes < 1:
        raise ShapeError(f"`classes` must be at least 1, got {classes}.")
    if stream:
        architecture = architecture.streaming()
    if architecture.positional_encoding and not architecture.causal:
        raise ShapeError(
            "`positional_encoding` needs a causal network, got one that sees later "
            "frames."
        )
    network = VideoNetwork(
        architecture,
        classes,
        dropout=dropout,
        norm_momentum=norm_momentum,
        seed=seed,
    )
    return network.stream() if stream else network


class VideoNetwork(keras.Model):
    """Stem, inverted bottlenecks and head of one architecture; see `build`.

    Input shape:
        `[B, T, H, W, 3]`, all but B known.

    Output shape:
        `[B, classes]`, float32.
    """

    def __init__(
        self,
        architecture: Architecture,
        classes: int,
        *,
        dropout: float,
        norm_momentum: float,
        seed: int,
    ) -> None:
        super().__init__(name="video_network")
        rng = np.random.default_rng(seed)
        rules = Rules.of(architecture, norm_momentum)
        self.architecture = architecture
        self.stem = Stem(architecture, rules, rng)
        placed = list(architecture.placed_layers())
        self.bottlenecks = [InvertedBottleneck(place, rules, rng) for place in placed]
        self.head = Head(
            architecture, placed[-1].out_width, classes, rules, dropout, rng
        )
        self.built = True

    def call(self, clips: Tensor, training: bool = False) -> Tensor:
        """Logits of float clips in [0, 1]."""
        T, H, W, C = frame_sizes(clips, "Clips")
        x = tf.reshape(clips, [-1, H, W, C])  # [B, T, H, W, C] -> [B*T, H, W, C]
        x = self.stem(x, frames=T, training=training)
        for bottleneck in self.bottlenecks:
            x = bottleneck(x, frames=T, training=training)
        return self.head(x, frames=T, training=training)

    def stream(self) -> StreamNetwork:
        """The same layers with the same weights, run on frames as they arrive.

        Raises:
            ShapeError: the network is not causal.
        """
        return StreamNetwork(
            self.architecture, self.stem, list(self.bottlenecks), self.head
        )

"""What does a layer of a network compute? What is inside, added to a shortcut."""

from typing import Any, Self

import keras
import tensorflow as tf

from vidnas.architecture.architecture import Placed
from vidnas.architecture.kernel import Kernel
from vidnas.nets.layers.activations import activate
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.construction import Construction
from vidnas.nets.layers.dense import DenseConv3D
from vidnas.nets.layers.depthwise import Pointwise
from vidnas.nets.layers.frames import shift_channels, take_every
from vidnas.nets.layers.norm import convolve_and_norm
from vidnas.nets.layers.restoration import Restorable
from vidnas.nets.layers.sites import site
from vidnas.nets.layers.tensor import Tensor


class ResidualLayer(Restorable, keras.layers.Layer):
    """A layer of a network; its two kinds say what is inside.

    Input shape:
        `[B*T, in_side, in_side, in_width]`.

    Output shape:
        `[B*T', out_side, out_side, out_width]`, where T' is
        `ceil(T / temporal_stride)`.
    """

    def __init__(self, place: Placed, construction: Construction) -> None:
        super().__init__(name=place.name)
        self.construction = construction
        self.rules = construction.rules(place)
        self.causal = construction.architecture.causal
        self.stride = place.layer.stride
        self.temporal_stride = place.layer.temporal_stride
        self.adds = self.rules.adds(place)
        self.shifts = construction.architecture.temporal_shift and place.keeps_shape
        self.shortcut = self.shortcut_norm = None
        with keras.name_scope(place.name):
            self.make_inside(place, construction)
            if self.rules.projects(place):
                self.shortcut = self._projection(place, construction)
                self.shortcut_norm = construction.norm(place.out_width, "shortcut_norm")
        self.built = True

    def facts(self) -> dict[str, Any]:
        """The network it is in; its name says where."""
        return self.construction.facts()

    @classmethod
    def of_facts(cls, *, name: str, **facts: Any) -> Self:
        """A fresh layer of that network and name."""
        construction = Construction.of_facts(**facts)
        return cls(construction.place(name), construction)

    def make_inside(self, place: Placed, construction: Construction) -> None:
        """Makes the parts that `inside` computes with."""
        raise NotImplementedError

    def inside(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None
    ) -> Tensor:
        """What is added to the shortcut."""
        raise NotImplementedError

    def call(
        self,
        x: Tensor,
        frames: int,
        training: bool,
        memory: Memory | None = None,
        share: Tensor = None,
    ) -> Tensor:
        """Features of clips of `frames` frames, or of chunks of streams.

        `share` `[B]` multiplies what is added to the shortcut, clip by clip.
        """
        y = shift_channels(x, frames, self.causal, memory) if self.shifts else x
        y = site(self.inside(y, frames, training, memory))
        if self.adds:
            if share is not None:
                y = _scale_clips(y, share)
            y += self._take_shortcut(x, frames, training)
        return activate(y, self.rules.summed)

    def _projection(
        self, place: Placed, construction: Construction
    ) -> Pointwise | DenseConv3D:
        widths = place.in_width, place.out_width
        if self.rules.shortcut == "pooled" or self.stride == 1:
            return Pointwise(*widths, rng=construction.rng, name="shortcut")
        return DenseConv3D(
            *widths, Kernel(1, 1), self.stride, rng=construction.rng, name="shortcut"
        )

    def _take_shortcut(self, x: Tensor, frames: int, training: bool) -> Tensor:
        if self.shortcut is None or self.shortcut_norm is None:
            return x
        x = take_every(x, frames, self.temporal_stride)
        if self.rules.shortcut == "pooled" and self.stride > 1:
            x = site(tf.nn.avg_pool2d(x, 3, self.stride, "SAME"))
        context = {"frames": frames} if isinstance(self.shortcut, DenseConv3D) else {}
        return site(
            convolve_and_norm(self.shortcut, self.shortcut_norm, x, training, **context)
        )


def _scale_clips(y: Tensor, share: Tensor) -> Tensor:
    """A factor per clip, on feature maps `[B*T, H, W, C]` of its frames."""
    _, H, W, C = y.shape
    clips = tf.reshape(y, [tf.shape(share)[0], -1])
    clips *= tf.cast(share, y.dtype)[:, None]
    return tf.reshape(clips, [-1, H, W, C])

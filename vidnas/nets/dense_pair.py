"""What is a layer of a plain 3D ResNet? Two dense convolutions, whole or factored."""

from functools import partial
from typing import Any

import keras

from vidnas.core.architecture import Placed
from vidnas.core.kernel import strided
from vidnas.core.rules import convolution_of, factored_width
from vidnas.nets.activations import activated
from vidnas.nets.causal import Memory
from vidnas.nets.dense import DenseConv3D
from vidnas.nets.layers import Norm
from vidnas.nets.making import Making
from vidnas.nets.residual import ResidualLayer
from vidnas.nets.squeeze_excite import excite_layer

Tensor = Any


class DensePair(ResidualLayer):
    """Two dense convolutions with batch norm; shapes as in `ResidualLayer`.

    Source:
        R3D and R(2+1)D, arXiv 1711.11248.
    """

    def make_inside(self, place: Placed, making: Making) -> None:
        """The first convolution alone has strides."""
        layer = place.layer
        width, out = layer.expand_width, place.out_width
        strides = layer.stride, layer.temporal_stride
        self.first = _Convolution(
            "first", place.in_width, width, strides, place, making
        )
        self.first_norm = making.norm(width, "first_norm")
        self.second = _Convolution("second", width, out, (1, 1), place, making)
        self.second_norm = making.norm(out, "second_norm")
        self.squeeze_excite = excite_layer(place, out, making)

    def inside(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None
    ) -> Tensor:
        """What is added to the shortcut."""
        after = strided(frames, self.temporal_stride)
        x = self.first(x, frames=frames, training=training, memory=memory)
        x = activated(self.first_norm(x, training=training), self.rules.expanded)
        x = self.second(x, frames=after, training=training, memory=memory)
        x = self.second_norm(x, training=training)
        if self.squeeze_excite is not None:
            x = self.squeeze_excite(x, frames=after, memory=memory)
        return x


class _Convolution(keras.layers.Layer):
    """A dense convolution: whole, or spatial, norm, activation and temporal."""

    def __init__(
        self,
        name: str,
        width_in: int,
        width_out: int,
        strides: tuple[int, int],
        place: Placed,
        making: Making,
    ) -> None:
        super().__init__(name=name)
        kernel, (stride, over_time) = place.layer.kernel, strides
        self.activation = making.rules(place).expanded
        self.norm: Norm | None = None
        self.temporal: DenseConv3D | None = None
        dense = partial(
            DenseConv3D,
            causal=making.architecture.causal,
            buffer=f"{name}_buffer",
            rng=making.rng,
        )
        with keras.name_scope(name):
            if convolution_of(making.architecture, place.layer) == "2plus1d":
                middle = factored_width(place)
                self.spatial = dense(
                    width_in, middle, kernel.spatial, stride, name="spatial"
                )
                self.norm = making.norm(middle, "norm")
                self.temporal = dense(
                    middle, width_out, kernel.temporal, 1, over_time, name="temporal"
                )
            else:
                self.spatial = dense(
                    width_in, width_out, kernel, stride, over_time, name="whole"
                )
        self.built = True

    def call(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None
    ) -> Tensor:
        """The convolved clip of `frames` frames, or chunk of a causal stream."""
        x = self.spatial(x, frames=frames, memory=memory)
        if self.norm is not None and self.temporal is not None:
            x = activated(self.norm(x, training=training), self.activation)
            x = self.temporal(x, frames=frames, memory=memory)
        return x

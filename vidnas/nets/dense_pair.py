"""What is a layer of a plain 3D ResNet? Two dense convolutions, whole or factored."""

from functools import partial
from typing import Any, Self

import keras

from vidnas.architecture.architecture import Placed
from vidnas.architecture.block_rules import convolution_of, factored_width
from vidnas.architecture.kernel import strided
from vidnas.nets.layers.activations import activate
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.construction import Construction
from vidnas.nets.layers.dense import DenseConv3D
from vidnas.nets.layers.norm import Norm, convolve_and_norm
from vidnas.nets.layers.residual import ResidualLayer
from vidnas.nets.layers.restoration import Restorable, register
from vidnas.nets.layers.squeeze_excite import excite_layer
from vidnas.nets.layers.tensor import Tensor


@register
class DensePair(ResidualLayer):
    """Two dense convolutions with batch norm; shapes as in `ResidualLayer`.

    Source:
        R3D and R(2+1)D, arXiv 1711.11248.
    """

    def make_inside(self, place: Placed, construction: Construction) -> None:
        """The first convolution alone has strides."""
        layer = place.layer
        width, out = layer.expand_width, place.out_width
        strides = layer.stride, layer.temporal_stride
        self.first = PairConvolution(
            "first", place.in_width, width, strides, place, construction
        )
        self.first_norm = construction.norm(width, "first_norm")
        self.second = PairConvolution("second", width, out, (1, 1), place, construction)
        self.second_norm = construction.norm(out, "second_norm")
        self.squeeze_excite = excite_layer(place, out, construction)

    def inside(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None
    ) -> Tensor:
        """What is added to the shortcut."""
        after = strided(frames, self.temporal_stride)
        context = {"training": training, "memory": memory}
        x = self.first(x, last_norm=self.first_norm, frames=frames, **context)
        x = activate(x, self.rules.expanded)
        x = self.second(x, last_norm=self.second_norm, frames=after, **context)
        if self.squeeze_excite is not None:
            x = self.squeeze_excite(x, frames=after, memory=memory)
        return x


@register
class PairConvolution(Restorable, keras.layers.Layer):
    """A dense convolution: whole, or spatial, norm, activation and temporal.

    It takes the norm that follows as an argument, and ends with that.
    """

    def __init__(
        self,
        name: str,
        width_in: int,
        width_out: int,
        strides: tuple[int, int],
        place: Placed,
        construction: Construction,
    ) -> None:
        super().__init__(name=name)
        self.construction = construction
        self.place = place.name
        self.widths, self.strides = (width_in, width_out), strides
        kernel, (stride, over_time) = place.layer.kernel, strides
        self.activation = construction.rules(place).expanded
        self.norm: Norm | None = None
        self.temporal: DenseConv3D | None = None
        dense = partial(
            DenseConv3D,
            causal=construction.architecture.causal,
            buffer=f"{name}_buffer",
            rng=construction.rng,
        )
        with keras.name_scope(name):
            if convolution_of(construction.architecture, place.layer) == "2plus1d":
                middle = factored_width(place)
                self.spatial = dense(
                    width_in, middle, kernel.spatial, stride, name="spatial"
                )
                self.norm = construction.norm(middle, "norm")
                self.temporal = dense(
                    middle, width_out, kernel.temporal, 1, over_time, name="temporal"
                )
            else:
                self.spatial = dense(
                    width_in, width_out, kernel, stride, over_time, name="whole"
                )
        self.built = True

    def facts(self) -> dict[str, Any]:
        """The layer it is in, widths and strides."""
        return {
            **self.construction.facts(),
            "place": self.place,
            "widths": list(self.widths),
            "strides": list(self.strides),
        }

    @classmethod
    def of_facts(
        cls,
        *,
        name: str,
        place: str = "",
        widths: tuple[int, int] = (1, 1),
        strides: tuple[int, int] = (1, 1),
        **facts: Any,
    ) -> Self:
        """A fresh convolution of those."""
        construction = Construction.of_facts(**facts)
        stride, over_time = strides
        inside = construction.place(place)
        return cls(name, *widths, (stride, over_time), inside, construction)

    def call(
        self,
        x: Tensor,
        last_norm: Norm,
        frames: int,
        training: bool,
        memory: Memory | None,
    ) -> Tensor:
        """The convolved clip of `frames` frames, or chunk of a causal stream."""
        context = {"frames": frames, "memory": memory}
        if self.norm is None or self.temporal is None:
            return convolve_and_norm(self.spatial, last_norm, x, training, **context)
        x = convolve_and_norm(self.spatial, self.norm, x, training, **context)
        x = activate(x, self.activation)
        return convolve_and_norm(self.temporal, last_norm, x, training, **context)

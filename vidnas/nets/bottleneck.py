"""What is an inverted bottleneck? Expand, depthwise, squeeze-excite, project."""

from typing import Any

from vidnas.architecture.architecture import Placed
from vidnas.architecture.block_rules import convolution_of
from vidnas.architecture.kernel import Kernel, strided
from vidnas.nets.layers.activations import activate
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.construction import Construction
from vidnas.nets.layers.depthwise import DepthwiseConv3D, Pointwise
from vidnas.nets.layers.norm import convolve_and_norm
from vidnas.nets.layers.residual import ResidualLayer
from vidnas.nets.layers.restoration import register
from vidnas.nets.layers.squeeze_excite import excite_layer
from vidnas.nets.layers.tensor import Tensor


@register
class InvertedBottleneck(ResidualLayer):
    """Expand, depthwise, squeeze-excite, project; shapes as in `ResidualLayer`."""

    def make_inside(self, place: Placed, construction: Construction) -> None:
        """Expansion is left out where the rules say so."""
        layer, rng = place.layer, construction.rng
        width, kernel = layer.expand_width, layer.kernel
        split = convolution_of(construction.architecture, layer) == "2plus1d"

        def depthwise(kernel: Kernel, stride: int, over_time: int, name: str) -> Any:
            return DepthwiseConv3D(
                width,
                kernel,
                stride,
                over_time,
                causal=self.causal,
                rng=rng,
                name=name,
            )

        self.expand = self.expand_norm = None
        if self.rules.expands(place):
            self.expand = Pointwise(place.in_width, width, rng=rng, name="expand")
            self.expand_norm = construction.norm(width, "expand_norm")
        self.temporal = self.temporal_norm = None
        if split:
            self.depthwise = depthwise(kernel.spatial, layer.stride, 1, "depthwise")
        else:
            self.depthwise = depthwise(
                kernel, layer.stride, layer.temporal_stride, "depthwise"
            )
        self.depthwise_norm = construction.norm(width, "depthwise_norm")
        if split:
            self.temporal = depthwise(
                kernel.temporal, 1, layer.temporal_stride, "temporal"
            )
            self.temporal_norm = construction.norm(width, "temporal_norm")
        self.squeeze_excite = excite_layer(place, width, construction)
        self.project = Pointwise(width, place.out_width, rng=rng, name="project")
        self.project_norm = construction.norm(
            place.out_width, "project_norm", residual_scale=self.rules.residual_scale
        )

    def inside(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None
    ) -> Tensor:
        """What is added to the shortcut."""
        rules = self.rules
        if self.expand is not None and self.expand_norm is not None:
            x = convolve_and_norm(self.expand, self.expand_norm, x, training)
            x = activate(x, rules.expanded)
        context = {"frames": frames, "memory": memory}
        x = convolve_and_norm(
            self.depthwise, self.depthwise_norm, x, training, **context
        )
        if self.temporal is not None and self.temporal_norm is not None:
            x = activate(x, rules.expanded)
            x = convolve_and_norm(
                self.temporal, self.temporal_norm, x, training, **context
            )
        x = activate(x, rules.filtered)
        if self.squeeze_excite is not None:
            after = strided(frames, self.temporal_stride)
            x = self.squeeze_excite(x, frames=after, memory=memory)
        x = activate(x, rules.excited)
        return convolve_and_norm(self.project, self.project_norm, x, training)

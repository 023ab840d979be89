"""What do the layers of each kind of block have in common? Facts, by block.

Costs and networks both follow these rules, so that a network is what was priced.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from vidnas.architecture.architecture import Architecture, Placed
from vidnas.architecture.one_or_many import choose
from vidnas.architecture.parts import Layer
from vidnas.arrays import Flags, Numbers

SHIFTED = 8  # of this many channels, one goes to each neighbour; TSM, arXiv 1811.08383


@dataclass(frozen=True, slots=True)
class Rules:
    """Activations (names, "" for none), shortcuts and norms of one network's layers.

    Args:
        stem: Activation after the stem.
        expanded: Activation after the first convolution of a layer, and between the
            spatial and the temporal half of a (2+1)D one.
        filtered: Activation after the depthwise convolution, before squeeze-excite.
        excited: Activation after squeeze-excite or, without one, after the depthwise
            convolution.
        summed: Activation after the sum with the shortcut.
        head: Activation after the head's projection.
        classifier: Activation after the head's hidden layer.
        hidden: Activation inside squeeze-excite.
        gate: Gate of squeeze-excite.
        squeezed: Frames that squeeze-excite averages: those of the clip, those so far
            beside the present one, or each frame by itself.
        shortcut: Shortcut of a layer that changes shape: average pooling and a
            convolution, a strided convolution, or none at all.
        residual_scale: Whether a learnt scale, zero at first, multiplies a layer.
        bottleneck: Whether a layer expands, convolves each channel and projects;
            otherwise it has two dense convolutions.
        expands_always: Whether expansion to the same width is a convolution still.
        epsilon: Epsilon of batch norms.
    """

    stem: str
    expanded: str
    filtered: str
    excited: str
    summed: str
    head: str
    classifier: str
    hidden: str
    gate: str
    squeezed: Literal["clip", "so_far", "frame"]
    shortcut: Literal["pooled", "strided", "none"]
    residual_scale: bool = False
    bottleneck: bool = True
    expands_always: bool = True
    epsilon: float = 1e-5

    def projects(self, place: Placed) -> bool:
        """Whether a layer's shortcut has a convolution of its own."""
        return bool(self.projects_if(place.keeps_shape))

    def adds(self, place: Placed) -> bool:
        """Whether a layer has a shortcut at all."""
        return bool(self.adds_if(place.keeps_shape))

    def expands(self, place: Placed) -> bool:
        """Whether a bottleneck begins with a convolution that expands."""
        return bool(self.expands_if(place.layer.expand_width != place.in_width))

    def projects_if(self, keeps_shape: Flags) -> Flags:
        """`projects` of one layer or many."""
        return self.adds_if(keeps_shape) ^ keeps_shape

    def adds_if(self, keeps_shape: Flags) -> Flags:
        """`adds` of one layer or many."""
        return keeps_shape | (self.shortcut != "none")

    def expands_if(self, widens: Flags) -> Flags:
        """`expands` of one layer or many."""
        return widens | self.expands_always


def rules_of(architecture: Architecture, layer: Layer | None = None) -> Rules:
    """The rules of an architecture, or of one of its layers."""
    activation = (layer.activation if layer else "") or architecture.activation
    return rules_for(architecture.block, activation, causal=architecture.causal)


@cache
def rules_for(block: str, activation: str, *, causal: bool = False) -> Rules:
    """The rules of layers with an activation; `causal` decides `squeezed` alone.

    Source:
        MoViNet: Model Garden, official/projects/movinet. X3D: PySlowFast. MobileNetV3:
        arXiv 1905.02244, Keras applications. ResNet: arXiv 1711.11248, torchvision.
    """
    over_clip: Literal["clip", "so_far"] = "so_far" if causal else "clip"
    if block == "x3d":
        return Rules(
            stem="relu",
            expanded="relu",
            filtered="",
            excited=activation,
            summed="relu",
            head="relu",
            classifier="relu",
            hidden="relu",
            gate=_gate(activation),
            squeezed=over_clip,
            shortcut="strided",
        )
    if block == "mobilenet":
        return Rules(
            stem=activation,
            expanded=activation,
            filtered=activation,
            excited="",
            summed="",
            head=activation,
            classifier=activation,
            hidden="relu",
            gate="hard_sigmoid",
            squeezed="frame",
            shortcut="none",
            expands_always=False,
            epsilon=1e-3,
        )
    if block == "resnet":
        return Rules(
            stem=activation,
            expanded=activation,
            filtered="",
            excited="",
            summed=activation,
            head=activation,
            classifier=activation,
            hidden="relu",
            gate="sigmoid",
            squeezed=over_clip,
            shortcut="strided",
            bottleneck=False,
        )
    return Rules(
        stem=activation,
        expanded=activation,
        filtered=activation,
        excited="",
        summed="",
        head=activation,
        classifier="relu6" if activation == "relu6" else "swish",
        hidden=activation,
        gate=_gate(activation),
        squeezed=over_clip,
        shortcut="pooled",
        residual_scale=True,
        epsilon=1e-3,
    )


def convolution_of(architecture: Architecture, layer: Layer) -> str:
    """How one layer convolves: `2plus1d`, or `3d` (always if it sees one frame)."""
    if layer.kernel.frames == 1:
        return "3d"
    return layer.convolution or architecture.convolution


def factored_width(place: Placed) -> int:
    """Channels between the spatial and the temporal half of a dense (2+1)D convolution.

    With that width both halves have as many weights as the whole 3D convolution.

    Source:
        R(2+1)D, arXiv 1711.11248, section 3.5; one width for both convolutions of a
        layer, as torchvision has it.
    """
    frames, side = place.layer.kernel
    return int(factored_widths(place.in_width, place.out_width, frames, side))


def factored_widths(
    in_width: Numbers, out_width: Numbers, frames: Numbers, side: Numbers
) -> Numbers:
    """`factored_width` of one layer or many, with kernels of `frames` and `side`."""
    taps = side**2
    whole = in_width * out_width * frames * taps
    width = whole // (in_width * taps + out_width * frames)
    return choose(width > 0, width, 1)


def _gate(activation: str) -> str:
    return "movinet_hard_sigmoid" if activation == "hard_swish" else "sigmoid"

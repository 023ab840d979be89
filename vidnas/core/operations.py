"""What does an architecture compute? Its operations, with shapes, and no network built.

Every cost is a sum or a maximum over this list. FLOPs are multiply-adds of convolutions
and dense layers, one each, as every MoViNet and X3D table counts them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from vidnas.core.architecture import Architecture, Placed, strided

NORM_PARAMETERS = 2  # batch norm: gamma and beta; moving statistics are not trained


@dataclass(frozen=True, slots=True)
class Operation:
    """One convolution, dense layer or pooling, with what follows it fused in.

    `held` counts values that must stay alive meanwhile because a shortcut waits for
    them; `kept` those the backward pass needs: the input of this operation and what
    the batch norm and activation behind it hold on to.
    """

    block: str  # "stem", "stage1.layer0" or "head"
    name: str
    parameters: int
    flops: int
    reads: int  # [values]
    writes: int  # [values]
    held: int = 0  # [values]
    kept: int = 0  # [values]
    norm_width: int = 0  # channels of the batch norm behind it
    state: int = 0  # values a stream carries from frame to frame


def operations(architecture: Architecture, classes: int) -> Iterator[Operation]:
    """What the network computes for one clip, in order."""
    yield from _stem(architecture)
    for placed in architecture.placed_layers():
        yield from _layer(architecture, placed)
    yield from _head(architecture, classes)


def _stem(architecture: Architecture) -> Iterator[Operation]:
    stem, clip = architecture.stem, architecture.clip
    side = strided(clip.resolution, stem.stride)
    pixels = clip.frames * side * side
    taps = 3 * stem.kernel.taps
    normed = stem.temporal == 1
    kept_writes = _kept_writes(_activations(architecture).stem) if normed else 0
    yield Operation(
        "stem",
        "conv",
        parameters=taps * stem.width + normed * NORM_PARAMETERS * stem.width,
        flops=taps * stem.width * pixels,
        reads=3 * clip.frames * clip.resolution**2,
        writes=stem.width * pixels,
        kept=3 * clip.frames * clip.resolution**2 + kept_writes * stem.width * pixels,
        norm_width=stem.width if normed else 0,
    )
    if stem.temporal > 1:
        yield _normed(
            "stem",
            "temporal",
            weights=stem.temporal * stem.width,
            pixels_in=pixels,
            pixels_out=pixels,
            width_in=stem.width,
            width_out=stem.width,
            taps=stem.temporal,
            activation=_activations(architecture).stem,
            state=_buffer(architecture, stem.temporal, side, stem.width),
        )


def _layer(architecture: Architecture, placed: Placed) -> Iterator[Operation]:
    layer, block, frames = placed.layer, placed.name, architecture.clip.frames
    width, expand = placed.in_width, layer.expand_width
    pixels_in = frames * placed.in_side**2
    pixels_out = frames * placed.out_side**2
    shortcut = width * pixels_in  # held until the sum at the end of the layer
    follows = _activations(architecture)
    # X3D activates behind squeeze-excite where there is one.
    excited = architecture.block == "x3d" and layer.squeeze_excite > 0
    after_depthwise = "" if excited else follows.depthwise
    yield _normed(
        block,
        "expand",
        weights=width * expand,
        pixels_in=pixels_in,
        pixels_out=pixels_in,
        width_in=width,
        width_out=expand,
        taps=width,
        activation=follows.expand,
    )
    side, past = layer.kernel.side, layer.kernel.frames
    split = architecture.convolution == "2plus1d"
    spatial_taps = side * side * (1 if split else past)
    yield _normed(
        block,
        "depthwise",
        weights=spatial_taps * expand,
        pixels_in=pixels_in,
        pixels_out=pixels_out,
        width_in=expand,
        width_out=expand,
        taps=spatial_taps,
        held=shortcut,
        activation=after_depthwise,
        # A full 3D stream buffers before its stride, (2+1)D after it.
        state=0 if split else _buffer(architecture, past, placed.in_side, expand),
    )
    if split and past > 1:
        yield _normed(
            block,
            "temporal",
            weights=past * expand,
            pixels_in=pixels_out,
            pixels_out=pixels_out,
            width_in=expand,
            width_out=expand,
            taps=past,
            held=shortcut,
            activation=after_depthwise,
            state=_buffer(architecture, past, placed.out_side, expand),
        )
    if layer.squeeze_excite:
        yield _squeeze_excite(architecture, placed, pixels_out, shortcut)
    yield _normed(
        block,
        "project",
        weights=expand * placed.out_width,
        pixels_in=pixels_out,
        pixels_out=pixels_out,
        width_in=expand,
        width_out=placed.out_width,
        taps=expand,
        held=shortcut,
        extra_parameters=1 if architecture.block == "movinet" else 0,  # residual scale
    )
    if placed.projects_shortcut:
        yield _normed(
            block,
            "shortcut",
            weights=width * placed.out_width,
            pixels_in=pixels_out if architecture.block == "movinet" else pixels_in,
            pixels_out=pixels_out,
            width_in=width,
            width_out=placed.out_width,
            taps=width,
            held=placed.out_width * pixels_out,
        )


def _squeeze_excite(
    architecture: Architecture, placed: Placed, pixels: int, held: int
) -> Operation:
    hidden, expand = placed.layer.squeeze_excite, placed.layer.expand_width
    causal = architecture.causal
    # Causal squeeze-excite sees the cumulative mean beside the frame's own, each frame.
    squeezed = 2 * expand if causal else expand
    steps = architecture.clip.frames if causal else 1
    behind = 2 if architecture.block == "x3d" else 0  # the swish behind it
    return Operation(
        placed.name,
        "squeeze_excite",
        # The scale of the positional encoding is learnt, one per layer.
        parameters=squeezed * hidden
        + hidden
        + hidden * expand
        + expand
        + (1 if architecture.positional_encoding else 0),
        flops=steps * (squeezed * hidden + hidden * expand),
        reads=expand * pixels,
        writes=expand * pixels,
        held=held,
        kept=(1 + behind) * expand * pixels
        + steps * (squeezed + 2 * hidden + 2 * expand),
        state=expand if causal else 0,  # running sum; frame counters are not counted
    )


def _head(architecture: Architecture, classes: int) -> Iterator[Operation]:
    head, frames = architecture.head, architecture.clip.frames
    *_, last = architecture.placed_layers()
    pixels = frames * last.out_side**2
    yield _normed(
        "head",
        "project",
        weights=last.out_width * head.project_width,
        pixels_in=pixels,
        pixels_out=pixels,
        width_in=last.out_width,
        width_out=head.project_width,
        taps=last.out_width,
        activation=_activations(architecture).head,
        state=head.project_width if architecture.causal else 0,
    )
    hidden = head.project_width * head.hidden_width
    yield Operation(
        "head",
        "hidden",
        parameters=hidden + head.hidden_bias * head.hidden_width,
        flops=hidden,
        reads=head.project_width,
        writes=head.hidden_width,
        kept=head.project_width + head.hidden_width,
    )
    yield Operation(
        "head",
        "classes",
        parameters=head.hidden_width * classes + classes,
        flops=head.hidden_width * classes,
        reads=head.hidden_width,
        writes=classes,
        kept=head.hidden_width + classes,
    )


class _Activations(NamedTuple):
    """What follows the batch norm of each convolution."""

    stem: str
    expand: str
    depthwise: str
    head: str


def _activations(architecture: Architecture) -> _Activations:
    if architecture.block == "x3d":
        return _Activations("relu", "relu", "swish", "relu")
    return _Activations(*(architecture.activation,) * 4)


def _kept_writes(activation: str) -> int:
    """Copies of a convolution's output that its backward pass holds on to.

    The input of the batch norm always; a swish also keeps its input and its gate, where
    a ReLU can tell from its output, which the next operation keeps as its input.
    """
    return 3 if activation in ("swish", "hard_swish") else 1


def _buffer(architecture: Architecture, frames: int, side: int, width: int) -> int:
    """Values of past frames a causal convolution keeps between frames."""
    return (frames - 1) * side * side * width if architecture.causal else 0


def _normed(
    block: str,
    name: str,
    *,
    weights: int,
    pixels_in: int,
    pixels_out: int,
    width_in: int,
    width_out: int,
    taps: int,
    held: int = 0,
    state: int = 0,
    extra_parameters: int = 0,
    activation: str = "",
) -> Operation:
    """A convolution without bias, with its batch norm and activation.

    Args:
        block: Where it stands.
        name: What it is.
        weights: Weights of the convolution.
        pixels_in: Positions of the input over the clip, `T * H * W`.
        pixels_out: Positions of the output.
        width_in: Input channels.
        width_out: Output channels.
        taps: Multiply-adds per output value.
        held: Values a shortcut keeps alive meanwhile.
        state: Values a stream carries.
        extra_parameters: Learnt scalars beside weights and norm.
        activation: What follows the batch norm, or "".
    """
    written = width_out * pixels_out
    return Operation(
        block,
        name,
        parameters=weights + NORM_PARAMETERS * width_out + extra_parameters,
        flops=taps * written,
        reads=width_in * pixels_in,
        writes=written,
        held=held,
        kept=width_in * pixels_in + written * _kept_writes(activation),
        norm_width=width_out,
        state=state,
    )

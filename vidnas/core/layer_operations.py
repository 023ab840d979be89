"""What does one layer compute? An inverted bottleneck, or two dense convolutions."""

from collections.abc import Iterator
from dataclasses import dataclass

from vidnas.core.architecture import Architecture, Placed
from vidnas.core.operation import Operation, convolution
from vidnas.core.rules import (
    SHIFTED,
    Rules,
    convolution_of,
    factored_width,
    rules_of,
)


def layer_operations(architecture: Architecture, placed: Placed) -> Iterator[Operation]:
    """What one layer computes for one clip, in order."""
    facts = _Facts.of(architecture, placed)
    if facts.rules.bottleneck:
        yield from _bottleneck(facts)
    else:
        yield from _dense_pair(facts)
    if facts.rules.projects(placed):
        pooled = facts.rules.shortcut == "pooled"
        yield convolution(
            placed.name,
            "shortcut",
            taps=1,
            width_in=placed.in_width,
            width_out=placed.out_width,
            pixels_in=facts.pixels_out if pooled else facts.pixels_in,
            pixels_out=facts.pixels_out,
            held=placed.out_width * facts.pixels_out,
        )


def buffer(architecture: Architecture, frames: int, side: int, width: int) -> int:
    """Values of past frames a causal convolution keeps between frames."""
    return (frames - 1) * side * side * width if architecture.causal else 0


@dataclass(frozen=True, slots=True)
class _Facts:
    """A layer in its network.

    Args:
        architecture: The network.
        placed: The layer.
        rules: The layer's.
        split: Whether space and time have a convolution each.
        pixels_in: `T * H * W` of the input.
        pixels_between: Of what a spatial convolution gives, before one over time.
        pixels_out: Of the output.
        shortcut: Values held until the sum at the end of the layer.
        shifted: Values that a temporal shift carries from frame to frame.
    """

    architecture: Architecture
    placed: Placed
    rules: Rules
    split: bool
    pixels_in: int
    pixels_between: int
    pixels_out: int
    shortcut: int
    shifted: int

    @classmethod
    def of(cls, architecture: Architecture, placed: Placed) -> "_Facts":
        rules = rules_of(architecture, placed.layer)
        shifts = architecture.temporal_shift and placed.keeps_shape
        pixels_in = placed.in_frames * placed.in_side**2
        return cls(
            architecture=architecture,
            placed=placed,
            rules=rules,
            split=convolution_of(architecture, placed.layer) == "2plus1d",
            pixels_in=pixels_in,
            pixels_between=placed.in_frames * placed.out_side**2,
            pixels_out=placed.out_frames * placed.out_side**2,
            shortcut=placed.in_width * pixels_in if rules.adds(placed) else 0,
            shifted=(
                buffer(architecture, 2, placed.in_side, placed.in_width // SHIFTED)
                if shifts
                else 0
            ),
        )


def _bottleneck(facts: _Facts) -> Iterator[Operation]:
    placed, rules, layer = facts.placed, facts.rules, facts.placed.layer
    expand = layer.expand_width
    if rules.expands(placed):
        yield convolution(
            placed.name,
            "expand",
            taps=1,
            width_in=placed.in_width,
            width_out=expand,
            pixels_in=facts.pixels_in,
            pixels_out=facts.pixels_in,
            activation=rules.expanded,
            state=facts.shifted,
        )
    # X3D activates behind squeeze-excite where there is one.
    late = "" if layer.squeeze_excite else rules.excited
    filtered = rules.filtered or late
    kernel = layer.kernel
    yield convolution(
        placed.name,
        "depthwise",
        taps=(kernel.spatial if facts.split else kernel).taps,
        width_in=expand,
        width_out=expand,
        pixels_in=facts.pixels_in,
        pixels_out=facts.pixels_between if facts.split else facts.pixels_out,
        depthwise=True,
        activation=filtered,
        held=facts.shortcut,
        # A full 3D stream buffers before its stride, (2+1)D after it.
        state=0
        if facts.split
        else buffer(facts.architecture, kernel.frames, placed.in_side, expand),
    )
    if facts.split:
        yield convolution(
            placed.name,
            "temporal",
            taps=kernel.frames,
            width_in=expand,
            width_out=expand,
            pixels_in=facts.pixels_between,
            pixels_out=facts.pixels_out,
            depthwise=True,
            activation=filtered,
            held=facts.shortcut,
            state=buffer(facts.architecture, kernel.frames, placed.out_side, expand),
        )
    if layer.squeeze_excite:
        yield _squeeze_excite(facts, expand)
    yield convolution(
        placed.name,
        "project",
        taps=1,
        width_in=expand,
        width_out=placed.out_width,
        pixels_in=facts.pixels_out,
        pixels_out=facts.pixels_out,
        held=facts.shortcut,
        extra_parameters=1 if rules.residual_scale else 0,
    )


def _dense_pair(facts: _Facts) -> Iterator[Operation]:
    placed, layer = facts.placed, facts.placed.layer
    yield from _dense(facts, "first", placed.in_width, layer.expand_width)
    yield from _dense(facts, "second", layer.expand_width, placed.out_width)
    if layer.squeeze_excite:
        yield _squeeze_excite(facts, placed.out_width)


def _dense(
    facts: _Facts, name: str, width_in: int, width_out: int
) -> Iterator[Operation]:
    placed, kernel, rules = facts.placed, facts.placed.layer.kernel, facts.rules
    first = name == "first"  # it alone has strides
    between = facts.pixels_between if first else facts.pixels_out
    activation = rules.expanded if first else ""
    if not facts.split:
        yield convolution(
            placed.name,
            name,
            taps=kernel.taps,
            width_in=width_in,
            width_out=width_out,
            pixels_in=facts.pixels_in if first else facts.pixels_out,
            pixels_out=facts.pixels_out,
            activation=activation,
            held=facts.shortcut,
            state=buffer(
                facts.architecture,
                kernel.frames,
                placed.in_side if first else placed.out_side,
                width_in,
            )
            + first * facts.shifted,
        )
        return
    middle = factored_width(placed)
    yield convolution(
        placed.name,
        name,
        taps=kernel.spatial.taps,
        width_in=width_in,
        width_out=middle,
        pixels_in=facts.pixels_in if first else facts.pixels_out,
        pixels_out=between,
        activation=rules.expanded,
        held=facts.shortcut,
        state=first * facts.shifted,
    )
    yield convolution(
        placed.name,
        f"{name}_temporal",
        taps=kernel.frames,
        width_in=middle,
        width_out=width_out,
        pixels_in=between,
        pixels_out=facts.pixels_out,
        activation=activation,
        held=facts.shortcut,
        state=buffer(facts.architecture, kernel.frames, placed.out_side, middle),
    )


def _squeeze_excite(facts: _Facts, width: int) -> Operation:
    placed, architecture = facts.placed, facts.architecture
    hidden, pixels = placed.layer.squeeze_excite, facts.pixels_out
    squeezed = facts.rules.squeezed
    # It sees the cumulative mean beside the frame's own, each frame.
    seen = 2 * width if squeezed == "so_far" else width
    steps = 1 if squeezed == "clip" else placed.out_frames
    # A swish behind it keeps its input and its gate.
    behind = 2 if facts.rules.excited in ("swish", "hard_swish") else 0
    return Operation(
        placed.name,
        "squeeze_excite",
        # The scale of the positional encoding is learnt, one per layer.
        parameters=seen * hidden
        + hidden
        + hidden * width
        + width
        + (1 if architecture.positional_encoding else 0),
        flops=steps * (seen * hidden + hidden * width),
        reads=width * pixels,
        writes=width * pixels,
        held=facts.shortcut,
        kept=(1 + behind) * width * pixels + steps * (seen + 2 * hidden + 2 * width),
        # A running mean; frame counters are not counted.
        state=width if squeezed == "so_far" else 0,
    )

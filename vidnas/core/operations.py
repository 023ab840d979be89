"""What does an architecture compute? Its operations, with shapes, and no network built.

Every cost is a sum or a maximum over this list.
"""

from collections.abc import Iterator
from dataclasses import replace

from vidnas.core.architecture import Architecture
from vidnas.core.kernel import strided
from vidnas.core.layer_operations import buffer, layer_operations
from vidnas.core.operation import Operation, convolution, dense
from vidnas.core.rules import rules_of


def operations(architecture: Architecture, classes: int) -> Iterator[Operation]:
    """What the network computes for one clip, in order."""
    yield from _stem(architecture)
    for placed in architecture.placed_layers():
        yield from layer_operations(architecture, placed)
    yield from _head(architecture, classes)


def _stem(architecture: Architecture) -> Iterator[Operation]:
    stem, clip = architecture.stem, architecture.clip
    kernel, side = stem.kernel, strided(clip.resolution, stem.stride)
    pixels = clip.frames * side * side
    last = rules_of(architecture).stem
    first = convolution(
        "stem",
        "conv",
        taps=(kernel.spatial if stem.factored_width else kernel).taps,
        width_in=3,
        width_out=stem.factored_width or stem.width,
        pixels_in=clip.frames * clip.resolution**2,
        pixels_out=pixels,
        activation=last if stem.factored_width or stem.temporal == 1 else "",
        state=(
            0
            if stem.factored_width
            else buffer(architecture, kernel.frames, clip.resolution, 3)
        ),
    )
    yield first if stem.temporal == 1 or stem.factored_width else _bare(first)
    if stem.factored_width:
        second = convolution(
            "stem",
            "conv_temporal",
            taps=kernel.frames,
            width_in=stem.factored_width,
            width_out=stem.width,
            pixels_in=pixels,
            pixels_out=pixels,
            activation=last if stem.temporal == 1 else "",
            state=buffer(architecture, kernel.frames, side, stem.factored_width),
        )
        yield second if stem.temporal == 1 else _bare(second)
    if stem.temporal > 1:
        yield convolution(
            "stem",
            "temporal",
            taps=stem.temporal,
            width_in=stem.width,
            width_out=stem.width,
            pixels_in=pixels,
            pixels_out=pixels,
            depthwise=True,
            activation=last,
            state=buffer(architecture, stem.temporal, side, stem.width),
        )


def _bare(operation: Operation) -> Operation:
    """A convolution without its batch norm: what follows reads what it writes."""
    return replace(
        operation,
        parameters=operation.parameters - 2 * operation.norm_width,
        kept=operation.reads,
        norm_width=0,
    )


def _head(architecture: Architecture, classes: int) -> Iterator[Operation]:
    head = architecture.head
    *_, last = architecture.placed_layers()
    features = last.out_width
    # A causal head averages over time bit by bit: features, or logits per frame.
    state = architecture.causal * (classes if head.per_frame else architecture.features)
    if head.project_width:
        pixels = last.out_frames * last.out_side**2
        features = head.project_width
        yield convolution(
            "head",
            "project",
            taps=1,
            width_in=last.out_width,
            width_out=features,
            pixels_in=pixels,
            pixels_out=pixels,
            activation=rules_of(architecture).head,
        )
    times = last.out_frames if head.per_frame else 1
    if head.hidden_width:
        yield dense(
            "head",
            "hidden",
            features,
            head.hidden_width,
            bias=head.hidden_bias,
            times=times,
        )
        features = head.hidden_width
    logits = dense("head", "classes", features, classes, bias=True, times=times)
    yield replace(logits, state=state)

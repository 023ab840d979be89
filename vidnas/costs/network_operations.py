"""What does an architecture compute? Its operations, with shapes, and no network built.

Every cost is a sum or a maximum over them: of one architecture, listed in order, or of
many at once.
"""

from collections.abc import Iterator

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.one_or_many import Numbers, choose, look_up
from vidnas.costs.layer_operations import layer_operations
from vidnas.costs.layer_shapes import Heads, Layers, Stems, buffer
from vidnas.costs.operation import (
    Operation,
    Operations,
    convolution,
    copies_kept,
    dense,
    marked,
)


def operations(architecture: Architecture, classes: int) -> Iterator[Operation]:
    """What the network computes for one clip, in order."""
    for block, (name, _, *numbers) in operations_of_one(architecture, classes):
        yield Operation(block, name, *map(int, numbers))


def operations_of_one(
    architecture: Architecture, classes: int
) -> Iterator[tuple[str, Operations]]:
    """`operations`, each behind the name of its block; the numbers are ints."""
    for operation in stem_operations(Stems.of_one(architecture)):
        yield "stem", operation
    for placed in architecture.placed_layers():
        layer = Layers.of_one(architecture, placed)
        for operation in layer_operations(layer):
            yield placed.name, operation
    for operation in head_operations(Heads.of_one(architecture, layer), classes):
        yield "head", operation


def stem_operations(stems: Stems) -> Iterator[Operations]:
    """What stems compute for one clip, in order."""
    factored, alone = stems.factored_width > 0, stems.temporal == 1
    first_frames = choose(factored, 1, stems.kernel_frames)
    yield convolution(
        "conv",
        stems.at,
        taps=first_frames * stems.kernel_side**2,
        width_in=3,
        width_out=choose(factored, stems.factored_width, stems.width),
        pixels_in=stems.frames * stems.resolution**2,
        pixels_out=stems.frames * stems.out_side**2,
        normed=factored | alone,
        copies=_copies(stems),
        marked=_marked(stems) * (factored | alone),
        read=0,  # the clip is there all the time, and is counted by itself
        state=buffer(stems, first_frames, stems.resolution, 3),
    )
    if some := stems.where(factored):
        past = buffer(some, some.kernel_frames, some.out_side, some.factored_width)
        yield convolution(
            "conv_temporal",
            some.at,
            taps=some.kernel_frames,
            width_in=some.factored_width,
            width_out=some.width,
            pixels_in=some.frames * some.out_side**2,
            pixels_out=some.frames * some.out_side**2,
            normed=some.temporal == 1,
            copies=_copies(some),
            marked=_marked(some) * (some.temporal == 1),
            state=past,
            padding=past,
        )
    if some := stems.where(stems.temporal > 1):
        past = buffer(some, some.temporal, some.out_side, some.width)
        yield convolution(
            "temporal",
            some.at,
            taps=some.temporal,
            width_in=some.width,
            width_out=some.width,
            pixels_in=some.frames * some.out_side**2,
            pixels_out=some.frames * some.out_side**2,
            depthwise=True,
            copies=_copies(some),
            marked=_marked(some),
            state=past,
            padding=past,
        )


def _copies(stems: Stems) -> Numbers:
    return look_up(copies_kept(stems.block, "stem"), stems.activation)


def _marked(stems: Stems) -> Numbers:
    return look_up(marked(stems.block, "stem"), stems.activation)


def head_operations(heads: Heads, classes: int) -> Iterator[Operations]:
    """What heads compute for one clip, in order."""
    if some := heads.where(heads.project > 0):
        yield convolution(
            "project",
            some.at,
            taps=1,
            width_in=some.in_width,
            width_out=some.project,
            pixels_in=some.pixels_in,
            pixels_out=some.pixels_in,
            copies=look_up(copies_kept(some.block, "head"), some.activation),
            marked=look_up(marked(some.block, "head"), some.activation),
        )
    if some := heads.where(heads.hidden > 0):
        yield dense(
            "hidden",
            some.at,
            width_in=some.features,
            width_out=some.hidden,
            bias=some.hidden_bias,
            times=some.times,
        )
    averaged = choose(heads.per_frame, classes, heads.features)
    yield dense(
        "classes",
        heads.at,
        width_in=choose(heads.hidden > 0, heads.hidden, heads.features),
        width_out=classes,
        bias=True,
        times=heads.times,
        # A causal head averages over time bit by bit: features, or logits per frame.
        state=heads.causal * averaged,
    )

"""What does an architecture compute? Its operations, with shapes, and no network built.

This is the one list of them. Every cost is a sum or a maximum over it, and so is the
time on a device: of one architecture, listed in order, or of many at once.
"""

from collections.abc import Iterator

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.one_or_many import choose
from vidnas.costs.layer_operations import layer_operations
from vidnas.costs.layer_shapes import Grid, Heads, Layers, Stems
from vidnas.costs.operation import Operation, Operations, Shape, convolution, dense


def operations(architecture: Architecture, classes: int) -> Iterator[Operation]:
    """What the network computes for one clip, in order."""
    for block, (name, _, _, *numbers) in operations_of_one(architecture, classes):
        yield Operation(block, name, *map(int, numbers))


def operations_of_one(
    architecture: Architecture, classes: int
) -> Iterator[tuple[str, Operations]]:
    """`operations`, each with the name of its block first; the numbers are ints."""
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
    in_halves, alone = stems.factored_width > 0, stems.temporal == 1
    yield convolution(
        "conv",
        stems.at,
        Shape(
            "convolution",
            stems.before,
            stems.after,
            stems.channels,
            choose(in_halves, stems.factored_width, stems.width),
            choose(in_halves, 1, stems.kernel_frames),
            stems.kernel_side,
            choose(in_halves | alone, stems.following("stem"), 0),
            stems.by_frame,
        ),
        has_norm=in_halves | alone,
        inputs=0,  # the clip is there all the time, and is counted by itself
    )
    yield from _stem_over_time(stems)


def _stem_over_time(stems: Stems) -> Iterator[Operations]:
    """What stems compute over time alone: their second half, and X3D's convolution."""
    if some := stems.where(stems.factored_width > 0):
        alone = some.temporal == 1
        shape = Shape(
            "convolution",
            some.after,
            some.after,
            some.factored_width,
            some.width,
            some.kernel_frames,
            activation=choose(alone, some.following("stem"), 0),
            by_frame=some.by_frame,
        )
        yield convolution(
            "conv_temporal", some.at, shape, has_norm=alone, keeps_padding=True
        )
    if some := stems.where(stems.temporal > 1):
        shape = Shape(
            "temporal",
            some.after,
            some.after,
            some.width,
            some.width,
            some.temporal,
            activation=some.following("stem"),
            by_frame=some.by_frame,
        )
        yield convolution("temporal", some.at, shape, keeps_padding=True)


def head_operations(heads: Heads, classes: int) -> Iterator[Operations]:
    """What heads compute for one clip, in order."""
    yield from projection(heads)
    yield from classifier(heads, classes)


def projection(heads: Heads) -> Iterator[Operations]:
    """What heads compute before they average."""
    if some := heads.where(heads.project > 0):
        before, activation = some.before, some.following("head")
        yield convolution(
            "project",
            some.at,
            Shape.pointwise(before, some.in_width, some.project, activation),
        )


def classifier(heads: Heads, classes: int) -> Iterator[Operations]:
    """What heads compute of averages."""
    if some := heads.where(heads.hidden > 0):
        vectors, activation = Grid.of(some.times, 1), some.following("classifier")
        widths = some.features, some.hidden
        yield dense(
            "hidden",
            some.at,
            Shape("dense", vectors, vectors, *widths, activation=activation),
            bias=some.hidden_bias,
        )
    vectors = Grid.of(heads.times, 1)
    last = choose(heads.hidden > 0, heads.hidden, heads.features)
    yield dense(
        "classes",
        heads.at,
        Shape("dense", vectors, vectors, last, classes),
        bias=True,
        # A causal head averages over time bit by bit: features, or logits per frame.
        state=heads.causal * choose(heads.per_frame, classes, heads.features),
    )

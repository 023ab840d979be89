"""Which operators does a network run on a device, and of which shapes?

An operator is what a runtime does in one go: a convolution with the norm and activation
folded into it, a squeeze-excite, a sum. Operators are derived from the shapes of the
operations that `vidnas.costs.network_operations` lists; those that cost no FLOPs but
take time are added.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.block_rules import SHIFTED
from vidnas.arrays import Flags, Ints, Numbers
from vidnas.costs.layer_operations import layer_operations
from vidnas.costs.layer_shapes import FOLLOWING, Grid, Heads, Layers, Stems
from vidnas.costs.network_operations import classifier, projection, stem_operations
from vidnas.costs.operation import Operations, Shape

KINDS = (
    "convolution",
    "pointwise",
    "depthwise",
    "temporal",
    "depthwise3d",
    "squeeze_excite",
    "sum",
    "pooling",
    "thinning",
    "shift",
    "average",
    "dense",
)
BEHIND = FOLLOWING  # as the column of latency tables is called


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Operators:
    """One operator in one or many places: layers, or stems or heads.

    Args:
        kind: One of `KINDS`.
        at: Numbers of the places that have it, or `slice(None)` where all do; the other
            fields are ints, or arrays over these places.
        frames: Frames of its input; of dense, the number of vectors.
        side: Height and width of its input [pixels].
        out_frames: Frames of its output.
        out_side: Height and width of its output [pixels].
        width_in: Channels of its input.
        width_out: Channels of its output; of squeeze-excite, those it has inside; of a
            shift, those that move each way.
        kernel_frames: Frames of its kernel.
        kernel_side: Height and width of its kernel.
        behind: Index into `BEHIND` of the activation that follows.
        by_frame: bool. Whether no frame sees a later one; of squeeze-excite and
            averages, whether every frame has its own.
    """

    kind: str
    at: slice | Ints
    frames: Numbers
    side: Numbers
    out_frames: Numbers
    out_side: Numbers
    width_in: Numbers
    width_out: Numbers
    kernel_frames: Numbers = 1
    kernel_side: Numbers = 1
    behind: Numbers = 0
    by_frame: Flags = False

    @classmethod
    def of(cls, at: slice | Ints, shape: Shape) -> "Operators":
        """The operator that does in one go what has a shape."""
        return cls(
            kind=shape.kind,
            at=at,
            frames=shape.sees.frames,
            side=shape.sees.side,
            out_frames=shape.gives.frames,
            out_side=shape.gives.side,
            width_in=shape.width_in,
            width_out=shape.width_out,
            kernel_frames=shape.kernel_frames,
            kernel_side=shape.kernel_side,
            behind=shape.activation,
            by_frame=shape.by_frame,
        )

    @property
    def shape(self) -> tuple[Numbers, ...]:
        """The fields of `SHAPE`."""
        return tuple(getattr(self, name) for name in SHAPE)

    def where(self, flags: Flags, kind: str) -> "Iterator[Operators]":
        """The operator, as one of a kind, where there is a flag; none if nowhere."""
        if not isinstance(flags, np.ndarray):
            if flags:
                yield replace(self, kind=kind)
        elif flags.any():
            at = flags.nonzero()[0] if isinstance(self.at, slice) else self.at[flags]
            some: dict[str, Any] = {"kind": kind, "at": at}
            for name, number in zip(SHAPE, self.shape, strict=True):
                some[name] = number[flags] if isinstance(number, np.ndarray) else number
            yield Operators(**some)


SHAPE = tuple(f.name for f in fields(Operators) if f.name not in ("kind", "at"))


def operators_of_one(architecture: Architecture, classes: int) -> Iterator[Operators]:
    """What an architecture runs for one clip, in order; the numbers are ints."""
    yield from stem_operators(Stems.of_one(architecture))
    for placed in architecture.placed_layers():
        layer = Layers.of_one(architecture, placed)
        yield from layer_operators(layer)
    yield from head_operators(Heads.of_one(architecture, layer), classes)


def stem_operators(stems: Stems) -> Iterator[Operators]:
    """What stems run, in order."""
    yield from _run(stem_operations(stems))


def layer_operators(layers: Layers) -> Iterator[Operators]:
    """What layers run, in order: a shift and a sum beside what they compute."""
    if some := layers.where(layers.temporal_shift & layers.keeps_shape):
        grid, width = some.before, some.in_width
        moves = width // SHIFTED
        shape = Shape("shift", grid, grid, width, moves, by_frame=some.causal)
        yield Operators.of(some.at, shape)
    yield from _run(layer_operations(layers))
    if some := layers.where(layers.rules.adds_if(layers.keeps_shape)):
        grid, width = some.after, some.out_width
        activation = some.following("summed")
        shape = Shape("sum", grid, grid, width, width, activation=activation)
        yield Operators.of(some.at, shape)


def head_operators(heads: Heads, classes: int) -> Iterator[Operators]:
    """What heads run, in order: an average beside what they compute."""
    width, after = heads.features, Grid.of(heads.times, 1)
    average = Shape(
        "average", heads.before, after, width, width, by_frame=heads.per_frame
    )
    yield from _run(projection(heads))
    yield Operators.of(heads.at, average)
    yield from _run(classifier(heads, classes))


def _run(operations: Iterable[Operations]) -> Iterator[Operators]:
    """What a runtime does for operations, in order."""
    for operation in operations:
        whole = Operators.of(operation.at, operation.shape)
        match whole.kind:
            case "depthwise":
                over_time = whole.kernel_frames > 1
                for some in whole.where(over_time ^ True, "depthwise"):
                    yield from _thin(some)
                yield from whole.where(over_time, "depthwise3d")
            case "temporal":
                fewer = whole.out_frames < whole.frames
                yield from whole.where(fewer ^ True, "temporal")
                yield from whole.where(fewer, "depthwise3d")
            case "pooled" | "strided":
                yield from _shortcut(whole)
            case _:
                yield whole


def _thin(whole: Operators) -> Iterator[Operators]:
    """Operators of a kernel of one frame, which sees only the frames that stay."""
    for some in whole.where(whole.out_frames < whole.frames, "thinning"):
        grid = Grid.of(some.frames, some.side), Grid.of(some.out_frames, some.side)
        width = some.width_in
        yield Operators.of(some.at, Shape("thinning", *grid, width, width))
    yield replace(whole, frames=whole.out_frames, by_frame=False)


def _shortcut(whole: Operators) -> Iterator[Operators]:
    """The convolution of a shortcut, and what is before it."""
    *thinning, whole = _thin(whole)
    yield from thinning
    smaller = whole.out_side < whole.side
    if whole.kind == "strided":
        yield from whole.where(smaller, "convolution")
        yield from whole.where(smaller ^ True, "pointwise")
        return
    for some in whole.where(smaller, "pooling"):
        yield replace(some, width_out=some.width_in)
    yield replace(whole, kind="pointwise", side=whole.out_side)

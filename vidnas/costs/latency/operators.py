"""What does a network run, piece by piece, where time is concerned?

An operator is what a runtime does in one go: a convolution with the norm and activation
folded into it, a squeeze-excite, a sum. Unlike `vidnas.costs.network_operations`, which
counts, this list says shapes, and holds what costs no FLOPs but takes time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np

from vidnas.architecture.architecture import ACTIVATIONS, Architecture
from vidnas.architecture.block_rules import SHIFTED, factored_widths, rules_for
from vidnas.architecture.one_or_many import Flags, Numbers, choose, look_up
from vidnas.arrays import Ints
from vidnas.costs.layer_shapes import Heads, Layers, Stems

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
BEHIND = ("", "relu", "relu6", "swish", "hard_swish")  # activations behind an operator


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Operators:
    """One operator in one or many places: layers, or stems or heads.

    Args:
        kind: One of `KINDS`.
        at: Numbers of the places that have it, or `slice(None)` where all do; the other
            fields are ints, or arrays over these places.
        frames: Of its input; of dense, how many vectors.
        side: Of its input [pixels].
        out_frames: Of its output.
        out_side: Of its output [pixels].
        width_in: Channels.
        width_out: Channels; of squeeze-excite, those it has inside; of a shift, those
            that move each way.
        kernel_frames: Of its kernel.
        kernel_side: Of its kernel.
        behind: Index into `BEHIND`.
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

    @property
    def shape(self) -> tuple[Numbers, ...]:
        """The fields of `SHAPE`."""
        return tuple(getattr(self, name) for name in SHAPE)


SHAPE = tuple(f.name for f in fields(Operators) if f.name not in ("kind", "at"))


def operators_of_one(architecture: Architecture, classes: int) -> Iterator[Operators]:
    """What an architecture runs for one clip, in order; the numbers are ints."""
    yield from stem_operators(Stems.of_one(architecture))
    for placed in architecture.placed_layers():
        layer = Layers.of_one(architecture, placed)
        yield from layer_operators(layer)
    heads = Heads.of_one(architecture, layer)
    yield from head_operators(heads, layer.out_side, classes)


def stem_operators(stems: Stems) -> Iterator[Operators]:
    """What stems run, in order."""
    factored, alone = stems.factored_width > 0, stems.temporal == 1
    behind, out = _behind(stems, "stem"), stems.out_side
    yield Operators(
        kind="convolution",
        at=stems.at,
        frames=stems.frames,
        side=stems.resolution,
        out_frames=stems.frames,
        out_side=out,
        width_in=3,
        width_out=choose(factored, stems.factored_width, stems.width),
        kernel_frames=choose(factored, 1, stems.kernel_frames),
        kernel_side=stems.kernel_side,
        behind=choose(factored | alone, behind, 0),
        by_frame=stems.causal,
    )
    if some := stems.where(factored):
        yield Operators(
            kind="convolution",
            at=some.at,
            **_same(some.frames, some.out_side, some.factored_width, some.width),
            kernel_frames=some.kernel_frames,
            behind=choose(some.temporal == 1, _behind(some, "stem"), 0),
            by_frame=some.causal,
        )
    if some := stems.where(stems.temporal > 1):
        yield Operators(
            kind="temporal",
            at=some.at,
            **_same(some.frames, some.out_side, some.width, some.width),
            kernel_frames=some.temporal,
            behind=_behind(some, "stem"),
            by_frame=some.causal,
        )


def layer_operators(layers: Layers) -> Iterator[Operators]:
    """What layers run, in order."""
    if some := layers.where(layers.temporal_shift & layers.keeps_shape):
        width = some.in_width
        yield Operators(
            kind="shift",
            at=some.at,
            **_same(some.in_frames, some.in_side, width, width // SHIFTED),
            by_frame=some.causal,
        )
    yield from (_bottleneck if layers.rules.bottleneck else _dense_pair)(layers)
    if some := layers.where(layers.rules.projects_if(layers.keeps_shape)):
        yield from _projection(some)
    if some := layers.where(layers.rules.adds_if(layers.keeps_shape)):
        yield Operators(
            kind="sum",
            at=some.at,
            **_same(some.out_frames, some.out_side, some.out_width, some.out_width),
            behind=_behind(some, "summed"),
        )


def head_operators(heads: Heads, side: Numbers, classes: int) -> Iterator[Operators]:
    """What heads run, in order, over feature maps of that side."""
    frames, features = heads.in_frames, heads.features
    if some := heads.where(heads.project > 0):
        there = side[some.at] if isinstance(side, np.ndarray) else side
        yield Operators(
            kind="pointwise",
            at=some.at,
            **_same(some.in_frames, there, some.in_width, some.project),
            behind=_behind(some, "head"),
        )
    yield Operators(
        kind="average",
        at=heads.at,
        frames=frames,
        side=side,
        out_frames=heads.times,
        out_side=1,
        width_in=features,
        width_out=features,
        by_frame=heads.per_frame,
    )
    if some := heads.where(heads.hidden > 0):
        yield Operators(
            kind="dense",
            at=some.at,
            **_same(some.times, 1, some.features, some.hidden),
            behind=_behind(some, "classifier"),
        )
    last = choose(heads.hidden > 0, heads.hidden, features)
    yield Operators(kind="dense", at=heads.at, **_same(heads.times, 1, last, classes))


def _bottleneck(layers: Layers) -> Iterator[Operators]:
    rules, over_time = layers.rules, layers.kernel_frames > 1
    if some := layers.where(rules.expands_if(layers.expand_width != layers.in_width)):
        yield Operators(
            kind="pointwise",
            at=some.at,
            **_same(some.in_frames, some.in_side, some.in_width, some.expand_width),
            behind=_behind(some, "expanded"),
        )
    if some := layers.where(layers.split | (over_time ^ True)):
        # A kernel of one frame sees only the frames that stay.
        stays = choose(some.split, some.in_frames, some.out_frames)
        if fewer := some.where(stays < some.in_frames):
            yield _thinning(fewer, fewer.expand_width)
        yield Operators(
            kind="depthwise",
            at=some.at,
            frames=stays,
            side=some.in_side,
            out_frames=stays,
            out_side=some.out_side,
            width_in=some.expand_width,
            width_out=some.expand_width,
            kernel_side=some.kernel_side,
            behind=choose(some.split, _behind(some, "expanded"), _filtered(some)),
        )
    if some := layers.where(over_time):
        yield from _over_time(some)
    if some := layers.where(layers.squeeze_excite > 0):
        yield _squeeze_excite(some, some.expand_width, "excited")
    yield Operators(
        kind="pointwise",
        at=layers.at,
        **_same(
            layers.out_frames, layers.out_side, layers.expand_width, layers.out_width
        ),
    )


def _over_time(layers: Layers) -> Iterator[Operators]:
    """Depthwise convolutions that see several frames."""
    alone = layers.split & (layers.in_frames == layers.out_frames)
    for kind, flags in ("temporal", alone), ("depthwise3d", alone ^ True):
        if some := layers.where(flags):
            yield Operators(
                kind=kind,
                at=some.at,
                frames=some.in_frames,
                side=choose(some.split, some.out_side, some.in_side),
                out_frames=some.out_frames,
                out_side=some.out_side,
                width_in=some.expand_width,
                width_out=some.expand_width,
                kernel_frames=some.kernel_frames,
                kernel_side=choose(some.split, 1, some.kernel_side),
                behind=_filtered(some),
                by_frame=some.causal,
            )


def _filtered(layers: Layers) -> Numbers:
    """What is behind a depthwise convolution: X3D activates behind squeeze-excite."""
    early, late = _behind(layers, "filtered"), _behind(layers, "filtered", "excited")
    return choose(layers.squeeze_excite > 0, early, late)


def _dense_pair(layers: Layers) -> Iterator[Operators]:
    expanded = _behind(layers, "expanded")
    yield from _dense(layers, first=True, behind=expanded)
    yield from _dense(layers, first=False, behind=expanded)
    if some := layers.where(layers.squeeze_excite > 0):
        yield _squeeze_excite(some, some.out_width, "excited")


def _dense(layers: Layers, *, first: bool, behind: Numbers) -> Iterator[Operators]:
    width_in = layers.in_width if first else layers.expand_width
    width_out = layers.expand_width if first else layers.out_width
    frames = layers.in_frames if first else layers.out_frames
    last = behind if first else 0
    middle = factored_widths(
        layers.in_width, layers.out_width, layers.kernel_frames, layers.kernel_side
    )
    yield Operators(
        kind="convolution",
        at=layers.at,
        frames=frames,
        side=layers.in_side if first else layers.out_side,
        out_frames=choose(layers.split, frames, layers.out_frames),
        out_side=layers.out_side,
        width_in=width_in,
        width_out=choose(layers.split, middle, width_out),
        kernel_frames=layers.first_frames,
        kernel_side=layers.kernel_side,
        behind=choose(layers.split, behind, last),
        by_frame=layers.causal,
    )
    if some := layers.where(layers.split):
        at = _picked(layers.split)
        yield Operators(
            kind="convolution",
            at=some.at,
            frames=some.in_frames if first else some.out_frames,
            side=some.out_side,
            out_frames=some.out_frames,
            out_side=some.out_side,
            width_in=at(middle),
            width_out=at(width_out),
            kernel_frames=some.kernel_frames,
            behind=at(last),
            by_frame=some.causal,
        )


def _picked(flags: Flags) -> Callable[[Numbers], Numbers]:
    """Picks from numbers of all places those that have a flag."""

    def pick(numbers: Numbers) -> Numbers:
        if isinstance(flags, np.ndarray) and isinstance(numbers, np.ndarray):
            return numbers[flags]
        return numbers

    return pick


def _squeeze_excite(layers: Layers, width: Numbers, behind: str) -> Operators:
    return Operators(
        kind="squeeze_excite",
        at=layers.at,
        **_same(layers.out_frames, layers.out_side, width, layers.squeeze_excite),
        behind=_behind(layers, behind),
        by_frame=layers.causal | (layers.rules.squeezed == "frame"),
    )


def _projection(layers: Layers) -> Iterator[Operators]:
    """The convolution of a shortcut, and what is before it."""
    if some := layers.where(layers.out_frames < layers.in_frames):
        yield _thinning(some, some.in_width)
    smaller = layers.out_side < layers.in_side
    pooled = layers.rules.shortcut == "pooled"
    if some := layers.where(smaller):
        yield Operators(
            kind="pooling" if pooled else "convolution",
            at=some.at,
            frames=some.out_frames,
            side=some.in_side,
            out_frames=some.out_frames,
            out_side=some.out_side,
            width_in=some.in_width,
            width_out=some.in_width if pooled else some.out_width,
        )
    if some := layers.where(pooled | (smaller ^ True)):
        yield Operators(
            kind="pointwise",
            at=some.at,
            **_same(some.out_frames, some.out_side, some.in_width, some.out_width),
        )


def _thinning(layers: Layers, width: Numbers) -> Operators:
    return Operators(
        kind="thinning",
        at=layers.at,
        frames=layers.in_frames,
        side=layers.in_side,
        out_frames=layers.out_frames,
        out_side=layers.in_side,
        width_in=width,
        width_out=width,
    )


def _same(
    frames: Numbers, side: Numbers, width_in: Numbers, width_out: Numbers
) -> dict[str, Any]:
    """Fields of an operator that keeps frames and side."""
    return {
        "frames": frames,
        "side": side,
        "out_frames": frames,
        "out_side": side,
        "width_in": width_in,
        "width_out": width_out,
    }


def _behind(places: Stems | Layers | Heads, *names: str) -> Numbers:
    return look_up(_behind_all(places.block, *names), places.activation)


@cache
def _behind_all(block: str, *names: str) -> tuple[int, ...]:
    """Indices into `BEHIND`, for each of `ACTIVATIONS`.

    Args:
        block: What a layer is.
        names: Fields of `Rules`; the first that is not "" counts.
    """
    rules = [rules_for(block, activation) for activation in ACTIVATIONS]
    found = [next(filter(None, (getattr(r, n) for n in names)), "") for r in rules]
    return tuple(map(BEHIND.index, found))

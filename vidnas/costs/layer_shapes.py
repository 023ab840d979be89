"""What do stems, layers and heads see? Their sizes, in one network or in many.

A place is one stem, layer or head. Fields are ints for one place, and for many arrays
over places: one per network, or the existing layers of all networks one after another.
"""

from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, NamedTuple, Self

import numpy as np

from vidnas.architecture.architecture import (
    ACTIVATIONS,
    CONVOLUTIONS,
    Architecture,
    Placed,
)
from vidnas.architecture.block_rules import Rules, convolution_of, rules_for
from vidnas.architecture.columns import Columns
from vidnas.architecture.kernel import strided
from vidnas.architecture.one_or_many import choose, look_up
from vidnas.arrays import Flags, Ints, Numbers

SPLIT = CONVOLUTIONS.index("2plus1d")
UNBOUNDED = 2.0**53  # a stride beyond every size, and whole as a float
FOLLOWING = ("", "relu", "relu6", "swish", "hard_swish")  # activations after operations


class Grid(NamedTuple):
    """Positions of a feature map over a clip.

    Args:
        frames: Frames of the map.
        side: Height and width [pixels].
        pixels: `frames * side * side`.
    """

    frames: Numbers
    side: Numbers
    pixels: Numbers

    @classmethod
    def of(cls, frames: Numbers, side: Numbers) -> "Grid":
        """The grid of a map."""
        return cls(frames, side, frames * side**2)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Places:
    """Places of one `block`; those numbered `at`, or `slice(None)` for all.

    Args:
        block: Block of their networks: what a layer is.
        at: Numbers of the places.
        streams: Whether any of their networks may be causal.
        causal: bool. Whether no frame sees a later one.
        activation: Index into `ACTIVATIONS`.
    """

    block: str
    at: slice | Ints = field(default_factory=lambda: slice(None))
    streams: bool
    causal: Flags
    activation: Numbers

    def where(self, flags: Flags) -> Self | None:
        """The places that have a flag, None where none has."""
        if not isinstance(flags, np.ndarray):
            return self if flags else None
        (at,) = flags.nonzero()
        if len(at) == len(flags):
            return self if len(at) else None
        if not len(at):
            return None
        numbers = at if isinstance(self.at, slice) else self.at[at]
        _, _, _, *names = (field.name for field in fields(self) if field.init)
        arrays: dict[str, Any] = {name: getattr(self, name)[at] for name in names}
        return replace(self, at=numbers, **arrays)

    @property
    def rules(self) -> Rules:
        """What the rules have in common: all but activations and what is averaged."""
        return rules_for(self.block, ACTIVATIONS[0])

    @property
    def by_frame(self) -> Flags:
        """`causal`, and one False for all where there are no streams."""
        return self.causal if self.streams else False

    def following(self, *names: str) -> Numbers:
        """The activation that follows an operation, an index into `FOLLOWING`.

        Args:
            names: Fields of `Rules`; the first that names an activation counts.
        """
        codes = _following(self.block, names)
        return look_up(codes, self.activation) if len(codes) > 1 else codes[0]


@cache
def _following(block: str, names: tuple[str, ...]) -> tuple[int, ...]:
    """Indices into `FOLLOWING`, for each of `ACTIVATIONS`, or one for all."""
    rules = [rules_for(block, activation) for activation in ACTIVATIONS]
    after = [next(filter(None, (getattr(r, n) for n in names)), "") for r in rules]
    return tuple(map(FOLLOWING.index, after if len(set(after)) > 1 else after[:1]))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stems(Places):
    """Stems; the fields are those of `Columns`."""

    frames: Numbers
    resolution: Numbers
    channels: Numbers
    width: Numbers
    kernel_frames: Numbers
    kernel_side: Numbers
    stride: Numbers
    temporal: Numbers
    factored_width: Numbers

    @classmethod
    def of(cls, columns: Columns) -> "Stems":
        """The stems of all rows."""
        return cls(
            block=columns.block,
            streams=bool(columns.causal.any()),
            causal=columns.causal,
            frames=columns.frames,
            resolution=columns.resolution,
            channels=columns.channels,
            width=columns.stem_width,
            kernel_frames=columns.stem_frames,
            kernel_side=columns.stem_side,
            stride=columns.stem_stride,
            temporal=columns.stem_temporal,
            factored_width=columns.stem_factored_width,
            activation=columns.activation,
        )

    @classmethod
    def of_one(cls, architecture: Architecture) -> "Stems":
        """The stem of an architecture."""
        stem = architecture.stem
        return cls(
            block=architecture.block,
            streams=architecture.causal,
            causal=architecture.causal,
            frames=architecture.clip.frames,
            resolution=architecture.clip.resolution,
            channels=architecture.clip.channels,
            width=stem.width,
            kernel_frames=stem.kernel.frames,
            kernel_side=stem.kernel.side,
            stride=stem.stride,
            temporal=stem.temporal,
            factored_width=stem.factored_width,
            activation=ACTIVATIONS.index(architecture.activation),
        )

    @property
    def out_side(self) -> Numbers:
        """Height and width of what the stem gives [pixels]."""
        return strided(self.resolution, self.stride)

    @property
    def before(self) -> Grid:
        """Grid of the clip."""
        return Grid.of(self.frames, self.resolution)

    @property
    def after(self) -> Grid:
        """Grid of what the stem gives."""
        return Grid.of(self.frames, self.out_side)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layers(Places):
    """Layers that exist, with what they take and give.

    Args:
        positional_encoding: bool. Whether frame positions are added.
        temporal_shift: bool. Whether layers that can do so shift channels in time.
        expand_width: Channels inside the layer.
        kernel_frames: Frames of the kernel.
        kernel_side: Height and width of the kernel.
        squeeze_excite: Hidden width; 0 for none.
        split: bool. Whether space and time have a convolution each.
        keeps_shape: bool. Whether input and output can be added as they are.
        in_width: Channels of the input.
        out_width: Channels of the output.
        in_side: Height and width of the input [pixels].
        out_side: Height and width of the output [pixels].
        in_frames: Frames of the input.
        out_frames: Frames of the output.
        first_frames: Frames of the first half's kernel; of the whole where not `split`.
        before: Grid of the input.
        between: Grid after the first half; of the output where not `split`.
        after: Grid of the output.
        shortcut: Values held until the sum at the end of the layer.
    """

    positional_encoding: Flags
    temporal_shift: Flags
    expand_width: Numbers
    kernel_frames: Numbers
    kernel_side: Numbers
    squeeze_excite: Numbers
    split: Flags
    keeps_shape: Flags
    in_width: Numbers
    out_width: Numbers
    in_side: Numbers
    out_side: Numbers
    in_frames: Numbers
    out_frames: Numbers
    first_frames: Numbers = field(init=False)
    before: Grid = field(init=False)
    between: Grid = field(init=False)
    after: Grid = field(init=False)
    shortcut: Numbers = field(init=False)

    def __post_init__(self) -> None:
        before = Grid.of(self.in_frames, self.in_side)
        between = choose(self.split, self.in_frames, self.out_frames)
        adds = self.rules.adds_if(self.keeps_shape)
        first = choose(self.split, 1, self.kernel_frames)
        object.__setattr__(self, "first_frames", first)
        object.__setattr__(self, "before", before)
        object.__setattr__(self, "between", Grid.of(between, self.out_side))
        object.__setattr__(self, "after", Grid.of(self.out_frames, self.out_side))
        object.__setattr__(self, "shortcut", adds * self.in_width * before.pixels)

    @property
    def pixels_in(self) -> Numbers:
        """`T * H * W` of the input."""
        return self.before.pixels

    @classmethod
    def of_one(cls, architecture: Architecture, placed: Placed) -> "Layers":
        """A layer of an architecture."""
        layer = placed.layer
        return cls(
            block=architecture.block,
            streams=architecture.causal,
            causal=architecture.causal,
            positional_encoding=architecture.positional_encoding,
            temporal_shift=architecture.temporal_shift,
            expand_width=layer.expand_width,
            kernel_frames=layer.kernel.frames,
            kernel_side=layer.kernel.side,
            squeeze_excite=layer.squeeze_excite,
            activation=ACTIVATIONS.index(layer.activation or architecture.activation),
            split=convolution_of(architecture, layer) == "2plus1d",
            keeps_shape=placed.keeps_shape,
            in_width=placed.in_width,
            out_width=placed.out_width,
            in_side=placed.in_side,
            out_side=placed.out_side,
            in_frames=placed.in_frames,
            out_frames=placed.out_frames,
        )

    @classmethod
    def of(cls, columns: Columns) -> "Layers":
        """The layers of all rows."""
        existing = columns.active.ravel().nonzero()[0]
        depth = columns.depth

        def each(fact: Any) -> Any:  # [N, L] -> [M]
            return fact.ravel().take(existing)

        stem_side = strided(columns.resolution, columns.stem_stride)
        out_side = _sizes_after(stem_side, columns.stride, columns)
        out_frames = _sizes_after(columns.frames, columns.temporal_stride, columns)
        out_width = each(columns.width)
        in_width = _before(out_width, columns.stem_width, depth)
        kernel_frames = each(columns.kernel_frames)
        no_strides = (columns.stride == 1) & (columns.temporal_stride == 1)
        return cls(
            block=columns.block,
            streams=bool(columns.causal.any()),
            causal=columns.causal.repeat(depth),
            positional_encoding=columns.positional_encoding.repeat(depth),
            temporal_shift=columns.temporal_shift.repeat(depth),
            expand_width=each(columns.expand_width),
            kernel_frames=kernel_frames,
            kernel_side=each(columns.kernel_side),
            squeeze_excite=each(columns.squeeze_excite),
            activation=each(columns.layer_activation),
            # Where a layer sees no time there is none to split off.
            split=(each(columns.layer_convolution) == SPLIT) & (kernel_frames > 1),
            keeps_shape=each(no_strides) & (in_width == out_width),
            in_width=in_width,
            out_width=out_width,
            in_side=_before(out_side, stem_side, depth),
            out_side=out_side,
            in_frames=_before(out_frames, columns.frames, depth),
            out_frames=out_frames,
        )


def _before(after: Ints, first: Ints, depth: Ints) -> Ints:
    """[M]. What layers take, of what each gives [M] and each stem does [N]."""
    values = np.empty_like(after)
    values[1:] = after[:-1]
    values[depth.cumsum() - depth] = first
    return values


def _sizes_after(first: Ints, strides: Ints, columns: Columns) -> Ints:
    """[M]. Sizes after layers, of those before the first [N] and strides [N, L].

    Rounding up after every stride equals rounding up once after their product.
    """
    sizes = first.repeat(columns.depth)
    if (strides == 1).all():
        return sizes
    # As floats, because products of many strides would overflow as integers.
    with np.errstate(over="ignore"):
        steps = np.cumprod(np.where(columns.active, strides, 1.0), axis=1)
    whole = np.minimum(steps, UNBOUNDED).astype(np.int64)
    return strided(sizes, whole[columns.active])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Heads(Places):
    """Heads; fields as in `Columns`, and what they take."""

    project: Numbers
    hidden: Numbers
    hidden_bias: Flags
    per_frame: Flags
    in_width: Numbers
    in_frames: Numbers
    in_side: Numbers

    @classmethod
    def of(cls, columns: Columns, layers: Layers) -> "Heads":
        """The heads of all rows, after their `layers`."""
        last = columns.depth.cumsum() - 1
        return cls(
            block=columns.block,
            streams=layers.streams,
            causal=columns.causal,
            project=columns.head_project,
            hidden=columns.head_hidden,
            hidden_bias=columns.head_hidden_bias,
            per_frame=columns.head_per_frame,
            activation=columns.activation,
            in_width=np.take(layers.out_width, last),
            in_frames=np.take(layers.out_frames, last),
            in_side=np.take(layers.out_side, last),
        )

    @classmethod
    def of_one(cls, architecture: Architecture, last: Layers) -> "Heads":
        """The head of an architecture, after its `last` layer."""
        head = architecture.head
        return cls(
            block=architecture.block,
            streams=architecture.causal,
            causal=architecture.causal,
            project=head.project_width,
            hidden=head.hidden_width,
            hidden_bias=head.hidden_bias,
            per_frame=head.per_frame,
            activation=ACTIVATIONS.index(architecture.activation),
            in_width=last.out_width,
            in_frames=last.out_frames,
            in_side=last.out_side,
        )

    @property
    def before(self) -> Grid:
        """Grid of what the head takes."""
        return Grid.of(self.in_frames, self.in_side)

    @property
    def features(self) -> Numbers:
        """Channels that the head averages."""
        return choose(self.project > 0, self.project, self.in_width)

    @property
    def times(self) -> Numbers:
        """How many vectors of a clip are classified."""
        return choose(self.per_frame, self.in_frames, 1)

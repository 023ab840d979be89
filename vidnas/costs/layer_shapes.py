"""What do stems, layers and heads see? Their sizes, in one network or in many.

A place is one stem, layer or head. Fields are ints for one place, and for many arrays
over places: one per network, or the existing layers of all networks one after another.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

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
from vidnas.architecture.one_or_many import Flags, Numbers, choose
from vidnas.arrays import Bools, Ints

SPLIT = CONVOLUTIONS.index("2plus1d")
UNBOUNDED = 2.0**53  # a stride beyond every size, and whole as a float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Places:
    """Places of one `block`; those numbered `at`, or `slice(None)` for all.

    Args:
        block: What a layer is.
        at: Their numbers.
        streams: Whether any of their networks may be causal.
        causal: bool.
    """

    block: str
    at: slice | Ints = field(default_factory=lambda: slice(None))
    streams: bool
    causal: Flags

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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stems(Places):
    """Stems; the fields are those of `Columns`."""

    frames: Numbers
    resolution: Numbers
    width: Numbers
    kernel_frames: Numbers
    kernel_side: Numbers
    stride: Numbers
    temporal: Numbers
    factored_width: Numbers
    activation: Numbers

    @classmethod
    def of(cls, columns: Columns) -> "Stems":
        """The stems of all rows."""
        return cls(
            block=columns.block,
            streams=bool(columns.causal.any()),
            causal=columns.causal,
            frames=columns.frames,
            resolution=columns.resolution,
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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layers(Places):
    """Layers that exist, with what they take and give.

    Args:
        positional_encoding: bool.
        temporal_shift: bool.
        expand_width: Channels.
        kernel_frames: Of the kernel.
        kernel_side: Of the kernel.
        squeeze_excite: Hidden width; 0 for none.
        activation: Index into `ACTIVATIONS`.
        split: bool. Whether space and time have a convolution each.
        keeps_shape: bool. Whether input and output can be added as they are.
        in_width: Channels.
        out_width: Channels.
        in_side: Height and width [pixels].
        out_side: Height and width [pixels].
        in_frames: Frames.
        out_frames: Frames.
        first_frames: Of the kernel of the first half; of the whole where not `split`.
        pixels_in: `T * H * W` of the input.
        pixels_between: Behind the first half; of the output where not `split`.
        pixels_out: Of the output.
        shortcut: Values held until the sum at the end of the layer.
    """

    positional_encoding: Flags
    temporal_shift: Flags
    expand_width: Numbers
    kernel_frames: Numbers
    kernel_side: Numbers
    squeeze_excite: Numbers
    activation: Numbers
    split: Flags
    keeps_shape: Flags
    in_width: Numbers
    out_width: Numbers
    in_side: Numbers
    out_side: Numbers
    in_frames: Numbers
    out_frames: Numbers
    first_frames: Numbers = field(init=False)
    pixels_in: Numbers = field(init=False)
    pixels_between: Numbers = field(init=False)
    pixels_out: Numbers = field(init=False)
    shortcut: Numbers = field(init=False)

    def __post_init__(self) -> None:
        side = self.out_side**2
        pixels_in = self.in_frames * self.in_side**2
        between = choose(self.split, self.in_frames, self.out_frames) * side
        adds = self.rules.adds_if(self.keeps_shape)
        first = choose(self.split, 1, self.kernel_frames)
        object.__setattr__(self, "first_frames", first)
        object.__setattr__(self, "pixels_in", pixels_in)
        object.__setattr__(self, "pixels_between", between)
        object.__setattr__(self, "pixels_out", self.out_frames * side)
        object.__setattr__(self, "shortcut", adds * self.in_width * pixels_in)

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
        starts = depth.cumsum() - depth

        def each(fact: Any) -> Any:  # [N, L] -> [M]
            return fact.ravel().take(existing)

        def before(after: Ints, first: Ints) -> Ints:  # [M], [N] -> [M]
            values = np.empty_like(after)
            values[1:] = after[:-1]
            values[starts] = first
            return values

        def left(first: Ints, strides: Ints) -> Ints:  # [N], [N, L] -> [M]
            sizes = first.repeat(depth)
            if (strides == 1).all():
                return sizes
            steps: Ints = each(_steps(strides, columns.active))
            return strided(sizes, steps)

        stem_side = strided(columns.resolution, columns.stem_stride)
        out_side = left(stem_side, columns.stride)
        out_frames = left(columns.frames, columns.temporal_stride)
        out_width = each(columns.width)
        in_width = before(out_width, columns.stem_width)
        kernel_frames = each(columns.kernel_frames)
        unstrided = (columns.stride == 1) & (columns.temporal_stride == 1)
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
            keeps_shape=each(unstrided) & (in_width == out_width),
            in_width=in_width,
            out_width=out_width,
            in_side=before(out_side, stem_side),
            out_side=out_side,
            in_frames=before(out_frames, columns.frames),
            out_frames=out_frames,
        )


def _steps(strides: Ints, active: Bools) -> Ints:
    """[N, L]. The stride from before the first layer to behind each one.

    Rounding up after every stride is rounding up once after their product.
    """
    # As floats, because products of many strides would overflow as integers.
    with np.errstate(over="ignore"):
        steps = np.cumprod(np.where(active, strides, 1.0), axis=1)
    return np.minimum(steps, UNBOUNDED).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Heads(Places):
    """Heads; fields as in `Columns`, and what they take."""

    project: Numbers
    hidden: Numbers
    hidden_bias: Flags
    per_frame: Flags
    activation: Numbers
    in_width: Numbers
    in_frames: Numbers
    pixels_in: Numbers

    @classmethod
    def of(cls, columns: Columns, layers: Layers) -> "Heads":
        """The heads of all rows, behind their `layers`."""
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
            pixels_in=np.take(layers.pixels_out, last),
        )

    @classmethod
    def of_one(cls, architecture: Architecture, last: Layers) -> "Heads":
        """The head of an architecture, behind its `last` layer."""
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
            pixels_in=last.pixels_out,
        )

    @property
    def features(self) -> Numbers:
        """Channels that the head averages."""
        return choose(self.project > 0, self.project, self.in_width)

    @property
    def times(self) -> Numbers:
        """How many vectors of a clip are classified."""
        return choose(self.per_frame, self.in_frames, 1)


def buffer(places: Places, frames: Numbers, side: Numbers, width: Numbers) -> Numbers:
    """Values of past frames a causal convolution keeps between frames."""
    if not places.streams:
        return 0
    return places.causal * (frames - 1) * side**2 * width

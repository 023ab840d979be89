"""What do stems, layers and heads see? Their sizes in many networks, as arrays.

A place is one stem or head per network, or one existing layer after the other through
all networks. Every field is an array over places; `where` keeps some of them.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from vidnas.core.architecture import ACTIVATIONS, CONVOLUTIONS
from vidnas.core.columns import Bools, Columns, Ints
from vidnas.core.kernel import strided
from vidnas.core.rules import Rules, rules_for

SPLIT = CONVOLUTIONS.index("2plus1d")
UNBOUNDED = 2.0**53  # a stride beyond every size, and whole as a float


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Places of one `block`; those numbered `at`, or `slice(None)` for all.

    Args:
        block: What a layer is.
        at: Their numbers.
        streams: Whether any of their networks may be causal.
        causal: bool.
    """

    block: str
    at: slice | Ints
    streams: bool
    causal: Bools

    def where(self, flags: Bools) -> Self | None:
        """The places that have a flag, None where none has."""
        count = np.count_nonzero(flags)
        if count == len(flags):
            return self if count else None
        if not count:
            return None
        at = flags.nonzero()[0]
        numbers = at if isinstance(self.at, slice) else self.at[at]
        _, _, _, *names = (field.name for field in fields(self))
        arrays: dict[str, Any] = {name: getattr(self, name)[at] for name in names}
        return replace(self, at=numbers, **arrays)

    def __len__(self) -> int:
        return len(self.causal)

    @property
    def rules(self) -> Rules:
        """What the rules have in common: all but activations and what is averaged."""
        return rules_for(self.block, ACTIVATIONS[0])


@dataclass(frozen=True, slots=True, eq=False)
class Stems(Places):
    """The stem of each network; fields as in `Columns`, and what it gives."""

    width: Ints
    kernel_frames: Ints
    kernel_side: Ints
    temporal: Ints
    factored_width: Ints
    activation: Ints
    in_side: Ints
    out_side: Ints
    pixels_in: Ints
    pixels_out: Ints

    @classmethod
    def of(cls, columns: Columns) -> "Stems":
        """The stems of all rows."""
        side = strided(columns.resolution, columns.stem_stride)
        return cls(
            block=columns.block,
            at=slice(None),
            streams=bool(columns.causal.any()),
            causal=columns.causal,
            width=columns.stem_width,
            kernel_frames=columns.stem_frames,
            kernel_side=columns.stem_side,
            temporal=columns.stem_temporal,
            factored_width=columns.stem_factored_width,
            activation=columns.activation,
            in_side=columns.resolution,
            out_side=side,
            pixels_in=columns.frames * columns.resolution**2,
            pixels_out=columns.frames * side**2,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Layers(Places):
    """Every existing layer, with what it takes and gives.

    Args:
        activation: Index into `ACTIVATIONS`.
        split: bool. Whether space and time have a convolution each.
        keeps_shape: bool. Whether input and output can be added as they are.
        first_frames: Of the kernel of the first half; of the whole where not `split`.
        pixels_in: `T * H * W` of the input.
        pixels_between: Behind the first half; of the output where not `split`.
        pixels_out: Of the output.
        shortcut: Values held until the sum at the end of the layer.
    """

    positional_encoding: Bools
    temporal_shift: Bools
    expand_width: Ints
    kernel_frames: Ints
    first_frames: Ints
    kernel_side: Ints
    squeeze_excite: Ints
    activation: Ints
    split: Bools
    keeps_shape: Bools
    in_width: Ints
    out_width: Ints
    in_side: Ints
    out_side: Ints
    out_frames: Ints
    pixels_in: Ints
    pixels_between: Ints
    pixels_out: Ints
    shortcut: Ints

    @classmethod
    def of(cls, columns: Columns, stems: Stems) -> "Layers":
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
            return strided(sizes, each(_steps(strides, columns.active)))

        out_side = left(stems.out_side, columns.stride)
        out_frames = left(columns.frames, columns.temporal_stride)
        in_side = before(out_side, stems.out_side)
        in_frames = before(out_frames, columns.frames)
        out_width = each(columns.width)
        in_width = before(out_width, columns.stem_width)
        kernel_frames = each(columns.kernel_frames)
        unstrided = (columns.stride == 1) & (columns.temporal_stride == 1)
        # Where a layer sees no time there is none to split off.
        split = (each(columns.layer_convolution) == SPLIT) & (kernel_frames > 1)
        keeps_shape = each(unstrided) & (in_width == out_width)
        pixels, pixels_in = out_side**2, in_frames * in_side**2
        adds = rules_for(columns.block, ACTIVATIONS[0]).adds_if(keeps_shape)
        return cls(
            block=columns.block,
            at=slice(None),
            streams=stems.streams,
            causal=columns.causal.repeat(depth),
            positional_encoding=columns.positional_encoding.repeat(depth),
            temporal_shift=columns.temporal_shift.repeat(depth),
            expand_width=each(columns.expand_width),
            kernel_frames=kernel_frames,
            first_frames=np.where(split, 1, kernel_frames),
            kernel_side=each(columns.kernel_side),
            squeeze_excite=each(columns.squeeze_excite),
            activation=each(columns.layer_activation),
            split=split,
            keeps_shape=keeps_shape,
            in_width=in_width,
            out_width=out_width,
            in_side=in_side,
            out_side=out_side,
            out_frames=out_frames,
            pixels_in=pixels_in,
            pixels_between=np.where(split, in_frames, out_frames) * pixels,
            pixels_out=out_frames * pixels,
            shortcut=adds * in_width * pixels_in,
        )


def _steps(strides: Ints, active: Bools) -> Ints:
    """[N, L]. The stride from before the first layer to behind each one.

    Rounding up after every stride is rounding up once after their product.
    """
    # As floats, because products of many strides would overflow as integers.
    with np.errstate(over="ignore"):
        steps = np.cumprod(np.where(active, strides, 1.0), axis=1)
    return np.minimum(steps, UNBOUNDED).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Heads(Places):
    """The head of each network; fields as in `Columns`, and what it takes."""

    project: Ints
    hidden: Ints
    hidden_bias: Bools
    per_frame: Bools
    activation: Ints
    in_width: Ints
    in_frames: Ints
    pixels_in: Ints

    @classmethod
    def of(cls, columns: Columns, layers: Layers) -> "Heads":
        """The heads of all rows, behind their layers."""
        last = columns.depth.cumsum() - 1
        return cls(
            block=columns.block,
            at=slice(None),
            streams=layers.streams,
            causal=columns.causal,
            project=columns.head_project,
            hidden=columns.head_hidden,
            hidden_bias=columns.head_hidden_bias,
            per_frame=columns.head_per_frame,
            activation=columns.activation,
            in_width=layers.out_width.take(last),
            in_frames=layers.out_frames.take(last),
            pixels_in=layers.pixels_out.take(last),
        )


def buffer(
    places: Places, frames: Ints | int, side: Ints, width: Ints | int
) -> Ints | int:
    """Values of past frames a causal convolution keeps between frames."""
    if not places.streams:
        return 0
    return places.causal * (frames - 1) * side**2 * width

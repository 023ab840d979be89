"""How are many architectures held? As columns: one array per fact, one row for each.

Functions of columns compute for every row what others compute for one architecture:
`vidnas.costs.network_cost.cost_many` prices them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from vidnas.architecture.architecture import (
    ACTIVATIONS,
    BLOCKS,
    CONVOLUTIONS,
    Architecture,
)
from vidnas.arrays import Bools, Ints
from vidnas.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Columns:
    """N architectures of one `block`, with room for L layers each.

    Every field holds a field of `Architecture` or of its parts: [N], or [N, L] for
    layers, int64 unless its line says bool. A layer that is not `active` does not
    exist, whatever its other fields say: the next one sees what the one before gives.

    Args:
        block: Block of all rows: what a layer is.
        frames: Frames of the clip.
        resolution: Height and width of the clip [pixels].
        frame_stride: Source frames from one frame of the clip to the next.
        stem_width: Output channels of the stem.
        stem_frames: Frames of the stem's kernel.
        stem_side: Height and width of the stem's kernel.
        stem_stride: Stride of the stem in space.
        stem_temporal: Frames of the stem's depthwise convolution; 1 for none.
        stem_factored_width: Channels between the halves of a factored stem; 0 for none.
        head_project: Width of the head's projection; 0 for none.
        head_hidden: Width of the head's hidden layer; 0 for none.
        head_hidden_bias: bool. Whether the hidden layer has a bias.
        head_per_frame: bool. Whether each frame is classified by itself.
        causal: bool. Whether no layer sees a later frame.
        positional_encoding: bool. Whether frame positions are added.
        temporal_shift: bool. Whether layers shift channels in time.
        activation: Activation of stem and head, an index into `ACTIVATIONS`.
        active: bool. Whether a layer exists, [N, L].
        width: Output width of the layer's stage, [N, L].
        expand_width: Channels inside the layer, [N, L].
        kernel_frames: Frames of the layer's kernel, [N, L].
        kernel_side: Height and width of the layer's kernel, [N, L].
        stride: Stride of the layer in space, [N, L].
        temporal_stride: Stride of the layer in time, [N, L].
        squeeze_excite: Hidden width of the layer's squeeze-excite; 0 for none, [N, L].
        layer_activation: Activation of the layer, its own or the network's, an index
            into `ACTIVATIONS`, [N, L].
        layer_convolution: Convolution of the layer, its own or the network's, an index
            into `CONVOLUTIONS`, [N, L].

    Raises:
        ShapeError: a row has no active layer.
    """

    block: str
    frames: Ints
    resolution: Ints
    frame_stride: Ints
    stem_width: Ints
    stem_frames: Ints
    stem_side: Ints
    stem_stride: Ints
    stem_temporal: Ints
    stem_factored_width: Ints
    head_project: Ints
    head_hidden: Ints
    head_hidden_bias: Bools
    head_per_frame: Bools
    causal: Bools
    positional_encoding: Bools
    temporal_shift: Bools
    activation: Ints
    active: Bools
    width: Ints
    expand_width: Ints
    kernel_frames: Ints
    kernel_side: Ints
    stride: Ints
    temporal_stride: Ints
    squeeze_excite: Ints
    layer_activation: Ints
    layer_convolution: Ints

    def __post_init__(self) -> None:
        if not self.depth.all():
            raise ShapeError(
                "Every row of columns must have an active layer, got none in row "
                f"{int(self.depth.argmin())}."
            )

    @classmethod
    def of(cls, architectures: Sequence[Architecture]) -> "Columns":
        """The columns of architectures, in their order.

        Raises:
            ShapeError: their blocks differ.
        """
        blocks = {a.block: None for a in architectures} or {BLOCKS[0]: None}
        if len(blocks) > 1:
            raise ShapeError(
                "Architectures in columns must share one `block`, got "
                f"{' and '.join(blocks)}."
            )
        wholes = np.array([_whole(a) for a in architectures], np.int64)
        wholes = wholes.reshape(-1, len(_WHOLE)).T.copy()
        flat = np.array([row for a in architectures for row in _layers(a)], np.int64)
        depth = np.array([a.depth for a in architectures], np.int64)
        active = np.arange(max(depth, default=0)) < depth[:, np.newaxis]
        layers = np.ones((len(_LAYER), *active.shape), np.int64)
        layers[:, active] = flat.reshape(-1, len(_LAYER)).T
        facts: dict[str, Any] = dict(zip(_WHOLE, wholes, strict=True))
        facts.update((name, facts[name].astype(bool)) for name in _FLAGS)
        facts.update(zip(_LAYER, layers, strict=True))
        return cls(next(iter(blocks)), active=active, **facts)

    def __len__(self) -> int:
        return len(self.frames)

    @cached_property
    def depth(self) -> Ints:
        """[N]. Number of layers, stem and head not counted."""
        depth: Ints = np.count_nonzero(self.active, axis=1)
        return depth

    def __getitem__(self, rows: slice | Ints | Bools | Sequence[int]) -> "Columns":
        """The columns of some rows: a slice, their numbers, or a flag for each."""
        if not isinstance(rows, slice):
            rows = np.asarray(rows)
            rows = rows if rows.size else rows.astype(np.int64)
        arrays = {f: getattr(self, f)[rows] for f in _ARRAYS}
        return Columns(self.block, **arrays)


_ARRAYS = tuple(f.name for f in fields(Columns) if f.name != "block")
_LAYER = _ARRAYS[_ARRAYS.index("width") :]
_WHOLE = _ARRAYS[: _ARRAYS.index("active")]
_FLAGS = _WHOLE[_WHOLE.index("head_hidden_bias") : _WHOLE.index("activation")]


def _whole(architecture: Architecture) -> tuple[int, ...]:
    """The fields of `_WHOLE`, in their order."""
    clip, stem, head = architecture.clip, architecture.stem, architecture.head
    return (
        clip.frames,
        clip.resolution,
        clip.frame_stride,
        stem.width,
        *stem.kernel,
        stem.stride,
        stem.temporal,
        stem.factored_width,
        head.project_width,
        head.hidden_width,
        head.hidden_bias,
        head.per_frame,
        architecture.causal,
        architecture.positional_encoding,
        architecture.temporal_shift,
        ACTIVATIONS.index(architecture.activation),
    )


def _layers(architecture: Architecture) -> list[tuple[int, ...]]:
    """The fields of `_LAYER`, in their order, for every layer."""
    activation, convolution = architecture.activation, architecture.convolution
    return [
        (
            stage.width,
            layer.expand_width,
            *layer.kernel,
            layer.stride,
            layer.temporal_stride,
            layer.squeeze_excite,
            ACTIVATIONS.index(layer.activation or activation),
            CONVOLUTIONS.index(layer.convolution or convolution),
        )
        for stage in architecture.stages
        for layer in stage.layers
    ]

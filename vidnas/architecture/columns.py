"""How are many architectures held? As columns: one array per fact, one row for each.

Functions of columns compute for every row what others compute for one architecture:
`vidnas.costs.network_cost.cost_many` prices them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.fields import BLOCKS, PARTS, Field
from vidnas.arrays import Bools, Floats, Ints
from vidnas.errors import ShapeError


def _in_columns(*parts: str) -> tuple[Field, ...]:
    """The fields of parts that have columns: numbers and flags first, then words."""
    found = (field for part in parts for field in PARTS[part] if field.columns)
    return tuple(sorted(found, key=lambda field: field.kind == "word"))


NETWORK_FIELDS = _in_columns("clip", "stem", "head", "network")
LAYER_FIELDS = _in_columns("stage", "layer")
NETWORK_COLUMNS = tuple(name for f in NETWORK_FIELDS for name in f.columns)
LAYER_COLUMNS = tuple(name for f in LAYER_FIELDS for name in f.columns)


@dataclass(frozen=True, eq=False)
class Columns:
    """N architectures of one `block`, with room for L layers each.

    The arrays are those of `vidnas.architecture.fields`: `NETWORK_COLUMNS` [N] and
    `LAYER_COLUMNS` [N, L]. A kernel is two of them, its frames and its side; a word is
    its index in `Field.words`, and a layer that says none has that of the network.

    A layer that is not `active` [N, L] does not exist, whatever its columns say: the
    next one sees what the one before it gives.

    Raises:
        ShapeError: a row has no active layer.
    """

    block: str
    frames: Ints
    resolution: Ints
    frame_stride: Ints
    fps: Floats
    channels: Ints
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
        depth = np.array([a.depth for a in architectures], np.int64)
        active = np.arange(max(depth, default=0)) < depth[:, np.newaxis]
        holders = _holders(architectures)
        arrays: dict[str, Any] = {
            name: np.array(column, dtype_of(field))
            for field in NETWORK_FIELDS
            for name, column in zip(field.columns, _lists(field, holders), strict=True)
        }
        layers = np.ones((len(LAYER_COLUMNS), *active.shape), np.int64)
        layers[:, active] = [
            column for field in LAYER_FIELDS for column in _lists(field, holders)
        ]
        arrays |= zip(LAYER_COLUMNS, layers, strict=True)
        return cls(next(iter(blocks)), active=active, **arrays)

    def __len__(self) -> int:
        return len(self.active)

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
        names = (*NETWORK_COLUMNS, "active", *LAYER_COLUMNS)
        arrays = {name: getattr(self, name)[rows] for name in names}
        return Columns(self.block, **arrays)


def dtype_of(field: Field) -> type[np.generic]:
    """Type of a field's columns."""
    types: dict[str, type[np.generic]] = {"flag": np.bool_, "number": np.float64}
    return types.get(field.kind, np.int64)


_Holders = dict[str, list[tuple[Architecture, Any]]]


def _holders(architectures: Sequence[Architecture]) -> _Holders:
    """Every part of the networks with its network; of stages, one per layer."""
    return {
        "network": [(a, a) for a in architectures],
        "clip": [(a, a.clip) for a in architectures],
        "stem": [(a, a.stem) for a in architectures],
        "head": [(a, a.head) for a in architectures],
        "stage": [(a, s) for a in architectures for s in a.stages for _ in s.layers],
        "layer": [(a, layer) for a in architectures for layer in a.layers],
    }


def _lists(field: Field, holders: _Holders) -> list[list[Any]]:
    """The columns of a field, one or two, each [N] or [layers]."""
    name, pairs = field.name, holders[field.part]
    values = [getattr(part, name) for _, part in pairs]
    if field.kind == "word":
        words = (getattr(part, name) or getattr(a, name) for a, part in pairs)
        return [[field.words.index(word) for word in words]]
    if field.kind == "kernel":
        return [[kernel[axis] for kernel in values] for axis in (0, 1)]
    return [values]

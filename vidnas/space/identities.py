"""Which candidates are the same network? Equal identities, many at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.columns import Columns
from vidnas.arrays import Indices


def identities(columns: Columns) -> NDArray[np.uint64]:
    """`[N]`: equal where architectures are, and different almost surely elsewhere.

    As `arch_id`, it does not see where a stage ends.
    """
    values = [getattr(columns, name) for name in _NETWORK]
    state = np.full(len(columns), 1469598103934665603, np.uint64)  # FNV offset
    for value in values:
        state = _mixed(state, value)
    for layer in _layers(columns):
        after = state
        for name in _LAYER:
            after = _mixed(after, layer[name])
        state = np.where(layer["active"], after, state)
    return state


def row_identities(matrix: Indices) -> NDArray[np.uint64]:
    """`[N]`: equal where rows are, and different almost surely elsewhere."""
    state = np.full(len(matrix), 1469598103934665603, np.uint64)  # FNV offset
    for column in matrix.T:
        state = _mixed(state, column)
    return state


_NETWORK = (
    "frames",
    "resolution",
    "frame_stride",
    "stem_width",
    "stem_frames",
    "stem_side",
    "stem_stride",
    "stem_temporal",
    "stem_factored_width",
    "head_project",
    "head_hidden",
    "head_hidden_bias",
    "head_per_frame",
    "causal",
    "positional_encoding",
    "temporal_shift",
    "activation",
)


_LAYER = (
    "width",
    "expand_width",
    "kernel_frames",
    "kernel_side",
    "stride",
    "temporal_stride",
    "squeeze_excite",
    "layer_activation",
    "layer_convolution",
)


def _layers(columns: Columns) -> Iterator[dict[str, Any]]:
    for at in range(columns.active.shape[1]):
        yield {name: getattr(columns, name)[:, at] for name in ("active", *_LAYER)}


def _mixed(state: NDArray[np.uint64], value: Any) -> NDArray[np.uint64]:
    """SplitMix64's finalizer over the state and one more value."""
    mixed = (state ^ value.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    result: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(27))
    return result

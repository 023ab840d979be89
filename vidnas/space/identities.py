"""Which candidates are the same network? Equal identities, many at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.columns import (
    LAYER_COLUMNS,
    NETWORK_COLUMNS,
    NETWORK_FIELDS,
    Columns,
)
from vidnas.architecture.plain_values import MILLIONTHS
from vidnas.arrays import Indices

# By column, what changes no identity: networks had it before there was the column.
LATER = {
    name: field.default
    for field in NETWORK_FIELDS
    for name in field.columns
    if field.part == "clip" and field.spelled == "unusual"
}
_OFFSET = 1469598103934665603  # of FNV


def identities(columns: Columns) -> NDArray[np.uint64]:
    """`[N]`: equal where architectures are, and different almost surely elsewhere.

    As `arch_id`, it does not see where a stage ends.
    """
    state = np.full(len(columns), _OFFSET, np.uint64)
    for name in NETWORK_COLUMNS:
        value = getattr(columns, name)
        mixed = _mix(state, _whole(value))
        state = np.where(value == LATER[name], state, mixed) if name in LATER else mixed
    for at in range(columns.active.shape[1]):
        after = state
        for name in LAYER_COLUMNS:
            after = _mix(after, getattr(columns, name)[:, at])
        state = np.where(columns.active[:, at], after, state)
    return state


def _whole(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers as whole ones, of which each stands for one that a network may have."""
    return np.rint(values * 10**MILLIONTHS) if values.dtype.kind == "f" else values


def row_identities(matrix: Indices) -> NDArray[np.uint64]:
    """`[N]`: equal where rows are, and different almost surely elsewhere."""
    state = np.full(len(matrix), _OFFSET, np.uint64)
    for column in matrix.T:
        state = _mix(state, column)
    return state


def _mix(state: NDArray[np.uint64], value: Any) -> NDArray[np.uint64]:
    """SplitMix64's finalizer over the state and one more value."""
    mixed = (state ^ value.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    result: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(27))
    return result

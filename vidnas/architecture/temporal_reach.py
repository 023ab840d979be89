"""On how many frames does a feature depend? Of architectures, many at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from vidnas.architecture.columns import Columns
from vidnas.arrays import Ints


def temporal_reach(columns: Columns) -> Ints:
    """`[N]`: `Architecture.temporal_reach` of each row."""
    reach = columns.stem_frames + columns.stem_temporal - 1
    step, width = np.ones_like(reach), columns.stem_width
    neighbours = columns.temporal_shift * np.where(columns.causal, 1, 2)
    for layer in _layers(columns):
        on = layer["active"]
        kept = (layer["stride"] == 1) & (layer["temporal_stride"] == 1)
        kept &= layer["width"] == width
        reach = reach + on * kept * neighbours * step
        width = np.where(on, layer["width"], width)
        wider = on * (layer["kernel_frames"] - 1)
        reach = reach + wider * step
        step = np.where(on, step * layer["temporal_stride"], step)
        if columns.block == "resnet":
            reach = reach + wider * step
    return reach


_LAYER = ("width", "kernel_frames", "stride", "temporal_stride")


def _layers(columns: Columns) -> Iterator[dict[str, Any]]:
    for at in range(columns.active.shape[1]):
        yield {name: getattr(columns, name)[:, at] for name in ("active", *_LAYER)}

"""What can be told of a network without training it, besides its cost?

Scores follow from the architecture alone, in microseconds. They filter candidates and
stand on fronts; none of them is an accuracy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import Columns
from vidnas.architecture.one_or_many import Ints
from vidnas.costs.entropy import entropy_score, entropy_scores


@dataclass(frozen=True, slots=True)
class Score:
    """One number of an architecture, and of many at once.

    Args:
        one: Of an architecture.
        many: `[N]`, of every row of columns: the same numbers.
    """

    one: Callable[[Architecture], float]
    many: Callable[[Columns], NDArray[Any]]


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


SCORES: dict[str, Score] = {
    "entropy_score": Score(entropy_score, entropy_scores),
    "layers": Score(
        lambda network: float(sum(len(stage.layers) for stage in network.stages)),
        lambda columns: columns.depth,
    ),
    "temporal_reach": Score(
        lambda network: float(network.temporal_reach), temporal_reach
    ),
}

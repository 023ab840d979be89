"""What can be said of a network without training it, besides its cost?

Scores follow from the architecture alone, in microseconds. They filter candidates and
serve as objectives; none of them is an accuracy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import Columns
from vidnas.architecture.temporal_reach import temporal_reach
from vidnas.costs.entropy import entropy_score, entropy_scores


@dataclass(frozen=True, slots=True)
class Score:
    """One number of an architecture, and of many at once.

    Args:
        one: Function that gives the score of an architecture.
        many: Function that gives the same score of every row of columns, [N].
    """

    one: Callable[[Architecture], float]
    many: Callable[[Columns], NDArray[Any]]


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

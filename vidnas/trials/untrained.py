"""What stands in place of a training? A score of the architecture, in microseconds.

Trials of such a study are `estimated`: nothing of them is measured.
"""

from dataclasses import dataclass
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.costs.scores import SCORES


@dataclass(frozen=True, slots=True)
class Scoring:
    """An evaluation that trains nothing; see `vidnas.study.workers.executor.Evaluate`.

    Args:
        score: Name of the score, one of `SCORES`.
    """

    score: str

    def __call__(self, architecture: Architecture, **_: Any) -> dict[str, float]:
        """The score of an architecture, whatever it would be trained by."""
        return {self.score: float(SCORES[self.score].one(architecture))}

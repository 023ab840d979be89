"""Does a score rank networks as their trainings do? Told where both are known.

A score that costs nothing is worth what it knows beyond FLOPs, which everybody knows:
the agreement at equal FLOPs and that of FLOPs alone stand beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.costs.scores import SCORES
from vidnas.trials.objectives import Objectives, cost_word
from vidnas.trials.rank_agreement import Estimate, Ranking, rank_agreement
from vidnas.trials.trial import Trial

FEWEST = 8  # trained networks, of which a rank correlation says something
MOST = 200  # networks that are compared; of more, every so many


@dataclass(frozen=True, slots=True)
class ScoreAgreement:
    """How a score ranks networks that were trained.

    Args:
        score: Name of the score.
        ranking: Agreement of the score with the accuracies, overall and at equal cost.
        cost: Name of the cost that is equal.
        cost_alone: Agreement of that cost with the accuracies.
    """

    score: str
    ranking: Ranking
    cost: str
    cost_alone: Estimate

    def to_document(self) -> dict[str, Any]:
        """The agreement as plain data; what could not be estimated is None."""
        return {
            "sample": self.ranking.sample,
            "tau": self.ranking.overall.to_document(),
            f"tau_at_equal_{self.cost}": self.ranking.equal.to_document(),
            f"tau_of_{self.cost}_alone": self.cost_alone.to_document(),
        }

    @property
    def words(self) -> str:
        """One sentence, such as a page shows."""
        at = cost_word(self.cost)
        return (
            f"{self.score} against {self.ranking.sample} trainings: Kendall's tau "
            f"{_words(self.ranking.overall)}, at equal {at} "
            f"{_words(self.ranking.equal)}; {at} alone {_words(self.cost_alone)}; "
            "95 % bootstrap intervals"
        )

    @property
    def verdict(self) -> str:
        """Whether the score knows more than the cost does."""
        equal = self.ranking.equal
        at = cost_word(self.cost)
        if equal.low > 0.0:
            return f"it tells better from worse networks of equal {at}"
        if equal.high < 0.0:
            return f"at equal {at} it prefers the worse networks"
        return f"at equal {at} it is not shown to say anything"


def score_agreement(
    trials: Sequence[Trial], objectives: Objectives, score: str
) -> ScoreAgreement | None:
    """How a score ranks the trained ones of some trials; None where they are too few.

    Args:
        trials: Trials at one fidelity.
        objectives: What the study improves: its first cost and its accuracy are used.
        score: Name of the score, one of `SCORES`.
    """
    name = objectives.accuracy.name
    done = [
        trial
        for trial in trials
        if trial.state == "done"
        and trial.source == "trained"
        and name in trial.measured
        and isinstance(trial.architecture, Architecture)
    ]
    if len(done) < FEWEST:
        return None
    done = done[:: -(-len(done) // MOST)]
    scores = np.array([SCORES[score].one(t.architecture) for t in done], np.float64)
    accuracies, sizes = objectives.accuracies(done), objectives.sizes(done)
    rng = np.random.default_rng(0)
    return ScoreAgreement(
        score,
        rank_agreement(scores, accuracies, sizes, rng),
        objectives.cost,
        rank_agreement(sizes, accuracies, sizes, rng).overall,
    )


def _words(estimate: Estimate) -> str:
    if np.isnan(estimate.tau):
        return "unknown, as all are alike"
    return f"{estimate.tau:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"

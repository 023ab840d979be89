"""How probably does a trial belong to the front? Accuracies are drawn again and again.

Drawn are the accuracies that networks would have on clips without end and over all
seeds, given what was measured: of many networks the best measured one was mostly
lucky, so accuracies are drawn towards their trend over the cost. Errors of networks on
the clips that all share count as independent: doubt is rather overstated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Bools, Floats, Ints
from vidnas.statistics.shrinkage import Shrinkage
from vidnas.trials.objectives import SEED_FREEDOM, Objectives
from vidnas.trials.trial import Source, Trial

DRAWS = 1000
FAR = 3.0  # standard deviations; two such ends apart are 4.2 of a difference


@dataclass(frozen=True, slots=True)
class Doubt:
    """Draws of the accuracies of a study's trials.

    Args:
        trials: Trials that may be on the front, `N` of them; all others are not.
        costs: Their costs, `[N, M]`, rows in order of the first.
        draws: Drawn accuracies [%], `[S, N]`.
        on_front: Which of them is on the front, in each draw, `[S, N]`.
        beaten: Numbers of the other trials whose noise is known.
    """

    trials: tuple[Trial, ...]
    costs: Floats
    draws: Floats
    on_front: Bools
    beaten: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        trials: Sequence[Trial],
        objectives: Objectives,
        *,
        source: Source = "trained",
        seed: int = 0,
        draws: int = DRAWS,
    ) -> "Doubt":
        """The draws of done trials of one fidelity whose noise is known.

        Args:
            trials: Trials of a study, with what repeats say of them.
            objectives: Objectives of the study.
            source: Source of their accuracies; a score has no noise that is known.
            seed: Seed of the draws.
            draws: Number of draws, `S`.
        """
        rows = [
            (trial, variance)
            for trial in (trials if source != "estimated" else ())
            if trial.state == "done" and objectives.are_known_of(trial)
            for variance in [objectives.accuracy.variance_of(trial.measured)]
            if variance is not None
        ]
        rows.sort(key=lambda row: [row[0].value(name) for name in objectives.costs])
        known = [trial for trial, _ in rows]
        costs = np.array(
            [[trial.value(name) for name in objectives.costs] for trial in known],
            np.float64,
        ).reshape(len(known), len(objectives.costs))
        if not known:
            none = np.zeros((draws, 0))
            return cls((), costs, none, none > 0)
        variances = np.array([variance for _, variance in rows], np.float64)
        positions = np.log(np.maximum(costs[:, 0], 1e-300))
        model = Shrinkage.of(objectives.accuracies(known), variances, positions)
        which = _plausible(costs, *model.moments())
        drawn = model.draw(np.random.default_rng(seed), draws, which)
        near = costs[which]
        possible = set(which.tolist())
        return cls(
            tuple(known[n] for n in which),
            near,
            drawn,
            on_front(near, drawn),
            tuple(t.number for n, t in enumerate(known) if n not in possible),
        )

    @property
    def noise(self) -> str:
        """What the draws differ by: noise of `validation clips alone`, or seeds too."""
        if any(SEED_FREEDOM in trial.measured for trial in self.trials):
            return "validation clips and seeds"
        return "validation clips alone"

    def probabilities(self) -> Mapping[int, float]:
        """Probability of being on the front, by number of the trial, where known."""
        shares = self.on_front.mean(axis=0) if self.trials else np.zeros(0)
        numbers = (trial.number for trial in self.trials)
        found = dict(zip(numbers, shares.tolist(), strict=True))
        return dict.fromkeys(self.beaten, 0.0) | found


def on_front(costs: Floats, draws: Floats) -> Bools:
    """Which accuracies of each draw are beaten by no other of no more cost, `[S, N]`.

    Args:
        costs: Costs, `[N, M]`, rows in order of the first.
        draws: Accuracies, `[S, N]`.
    """
    if costs.shape[1] == 1:
        best = np.maximum.accumulate(draws, axis=1)
        # The last of those that cost as much.
        last = np.searchsorted(costs[:, 0], costs[:, 0], side="right") - 1
        return np.asarray(draws >= best[:, last], np.bool_)
    found = np.empty(draws.shape, np.bool_)
    for n, row in enumerate(costs):
        cheaper = (costs <= row).all(axis=1)  # itself among them
        found[:, n] = draws[:, n] >= draws[:, cheaper].max(axis=1)
    return found


def _plausible(costs: Floats, means: Floats, deviations: Floats) -> Ints:
    """Rows that are not beaten beyond any doubt by one of no more cost."""
    lows, highs = means - FAR * deviations, means + FAR * deviations
    if costs.shape[1] == 1:
        best = np.maximum.accumulate(lows)
        last = np.searchsorted(costs[:, 0], costs[:, 0], side="right") - 1
        return np.flatnonzero(highs >= best[last])
    beaten = np.zeros(len(costs), np.bool_)
    # Rows whose low end is on the front of low ends are few, and beat all that is.
    for n in np.flatnonzero(on_front(costs, lows[None, :])[0]):
        beaten |= (costs >= costs[n]).all(axis=1) & (highs < lows[n])
    return np.flatnonzero(~beaten)

"""How accurate may a candidate be? A model of the trials so far, and what it promises.

The network that a study hands over for a budget is the most accurate that fits it. So a
candidate is worth what it is expected to add to that, averaged over a ladder of
budgets: a cheap one may add at many of them, a dear one at few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.arrays import Bools, Floats, Indices
from vidnas.budgets.price import RowCosts
from vidnas.statistics.gaussian_process import (
    STEPS,
    Gaussian,
    Posterior,
    fit,
    typical_length,
)
from vidnas.statistics.proportion import normal_quantile
from vidnas.strategies.features import Features
from vidnas.strategies.ladder.success import Success
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.fidelity_lift import Lift
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.trial import Trial

APART = 0.5  # lengths between fidelities whose epochs differ e times
FAR = (
    3.0  # deviations beyond what others foretell, from which a training is no sound one
)
FALSE_ALARMS = 0.5  # of sound trainings in a study, about, half of them on the bad side
MOST_UNSOUND = 0.1  # of the trainings
ROUNDS = 3  # of leaving out what is not, each a fit
ENOUGH_SOUND = 10  # trainings, below which each is believed
LEAST_ERROR = 0.5  # [%] added to every error, so that its logarithm has an end


@dataclass(frozen=True, slots=True)
class Scale:
    """What a process models in place of accuracy: a cost, of mean 0 and deviation 1.

    Args:
        percent: Whether accuracies are percents: then the logarithm of the error.
        mean: Mean of the cost.
        deviation: Deviation of the cost.
    """

    percent: bool
    mean: float
    deviation: float

    @classmethod
    def of(cls, accuracies: Floats) -> "Scale":
        """The scale of measured accuracies, [N]."""
        inside = bool(((accuracies >= 0.0) & (accuracies <= 100.0)).all())
        costs = _cost(accuracies, inside)
        return cls(inside, float(costs.mean()), float(costs.std()) or 1.0)

    def costs(self, accuracies: Floats) -> Floats:
        """[N]. What is modelled."""
        return (_cost(accuracies, self.percent) - self.mean) / self.deviation

    def improvement(self, mean: Floats, deviation: Floats, best: Floats) -> Floats:
        """`[N, R]`: accuracy expected beyond `best`, in the unit of accuracy.

        Args:
            mean: [N]. Of the modelled cost.
            deviation: [N]. Of the same.
            best: [R]. Modelled costs to improve on.
        """
        mean = self.mean + self.deviation * mean[:, None]
        spread = self.deviation * deviation[:, None]
        best = self.mean + self.deviation * best[None, :]
        z = (best - mean) / spread
        if not self.percent:
            return (best - mean) * _normal(z) + spread * _density(z)
        # The error is log-normal: the mean of what lies below `exp(best)`.
        below = np.exp(mean + 0.5 * spread**2) * _normal(z - spread)
        return np.asarray(np.exp(best) * _normal(z) - below, np.float64)


def _cost(accuracies: Floats, percent: bool) -> Floats:
    return np.log(100.0 + LEAST_ERROR - accuracies) if percent else -accuracies


def _density(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi), np.float64)


def _normal(z: Floats) -> Floats:
    """The standard normal distribution function, within 1e-7.

    Source:
        Abramowitz and Stegun, 26.2.17.
    """
    t = 1.0 / (1.0 + 0.2316419 * np.abs(z))
    tail = t * (
        0.319381530
        + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
    )
    upper = _density(z) * tail
    return np.asarray(np.where(z >= 0.0, 1.0 - upper, upper), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """The best that is known for each of R budgets.

    Args:
        budgets: [R]. Rising.
        best: [R]. Modelled cost of the best known within each.
    """

    budgets: Floats
    best: Floats

    def raised(self, cost: float, mean: float) -> "Ladder":
        """The ladder once a candidate is as good as its mean."""
        within = self.budgets >= cost
        best = np.where(within, np.minimum(self.best, mean), self.best)
        return replace(self, best=best)

    def gain(
        self, scale: Scale, costs: Floats, mean: Floats, deviation: Floats
    ) -> Floats:
        """[N]. What each candidate is expected to add to the best, over all budgets.

        Args:
            scale: Between accuracy and what is modelled.
            costs: [N]. Of the candidates.
            mean: [N]. Of their modelled costs.
            deviation: [N]. Of the same.
        """
        levels, order = np.unique(self.best, return_inverse=True)
        gains = scale.improvement(mean, deviation, levels)[:, order]
        within = self.budgets[None, :] >= costs[:, None]
        return np.asarray(np.where(within, gains, 0.0).mean(axis=1))


@dataclass(slots=True, eq=False)
class Together:
    """N candidates, of which one is chosen after another.

    Args:
        seen: What the process says of them.
        costs: [N]. On the ladder's axis.
        scale: Between accuracy and what is modelled.
        ladder: What is to be improved, by what was not chosen yet.
        chance: [N]. Chance that a training of each is a sound one.
    """

    seen: Posterior
    costs: Floats
    scale: Scale
    ladder: Ladder
    chance: Floats

    def worth(self) -> Floats:
        """[N]. What each is expected to add to those that were chosen."""
        deviation = self.seen.deviation
        mean = self.seen.mean
        gain = self.ladder.gain(self.scale, self.costs, mean, deviation)
        return gain * self.chance

    def choose(self, at: int) -> None:
        """Takes a candidate to have turned out as it is predicted."""
        self.ladder = self.ladder.raised(
            float(self.costs[at]), float(self.seen.mean[at])
        )
        self.seen.believe(at)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a model sees of candidates: features, centred and scaled.

    Args:
        features: Features of candidates.
        centre: [D]. Middle of each feature.
        spread: [D]. How far it spreads; 0 where it says nothing.
    """

    features: Features
    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, features: Features, rows: Indices, costs: RowCosts) -> "View":
        """The view in which these candidates `[N, C]` have deviation 1."""
        seen = features(rows, costs)
        spread = seen.std(axis=0)
        return cls(features, seen.mean(axis=0), np.where(spread > 1e-9, spread, 0.0))

    def column(self, cost: str) -> int | None:
        """Number of the feature of a cost; None where it says nothing."""
        at = self.features.column(cost)
        if at is None or self.spread[at] == 0.0:
            return None
        return int((self.spread[:at] > 0.0).sum())

    def __call__(self, rows: Indices, costs: RowCosts) -> Floats:
        """`[N, D']`: points of candidates `[N, C]`."""
        used = self.spread > 0.0
        seen = self.features(rows, costs) - self.centre
        return seen[:, used] / self.spread[used]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A Gaussian process over candidates, and the ladder to improve on.

    Args:
        process: What is known of the modelled cost.
        scale: Between accuracy and what is modelled.
        ladder: What is to be improved.
        cheaper: Number of further features, by which fidelities differ; 0 at the top.
        success: Says how likely a training is to be a sound one.
        sound: Which of the done trials are sound, in order; the process knows these.
    """

    process: Gaussian
    scale: Scale
    ladder: Ladder
    cheaper: int
    success: Success
    sound: Bools

    @classmethod
    def of(
        cls,
        points: Floats,
        costs: Floats,
        trials: Sequence[Trial],
        budgets: Floats,
        standing: Bools | None = None,
        objectives: Objectives = STANDARD,
        failed: Floats | None = None,
        along: int | None = None,
    ) -> "Model":
        """The model of done trials, believing what it predicts of running ones.

        Args:
            points: `[N, D']`, of the trials.
            costs: [N]. Of the trials, on the ladder's axis.
            trials: N of them, done or running, at least one done.
            budgets: [R]. Of the ladder, rising.
            standing: [N]. Which trials make the ladder; None for all.
            objectives: What the study improves.
            failed: `[F, D']`: points of trials that failed; None for none.
            along: Column of a feature along which noise may grow or fall.
        """
        done = np.array([trial.state == "done" for trial in trials])
        accuracies = _lift(trials, objectives)
        fidelity = APART * typical_length(points.shape[1]) * _cheaper(trials)
        seen = np.concatenate([points, fidelity], axis=1)
        scale, process, sound = _learnt(seen[done], accuracies, along)
        ended = np.concatenate([points[done], *([] if failed is None else [failed])])
        broken = np.r_[~sound, np.ones(len(ended) - len(sound), np.bool_)]
        success = Success.of(ended, broken)
        if not done.all():
            process = process.believing(seen[~done], process.mean(seen[~done]))
        at_top = np.concatenate([points, np.zeros_like(fidelity)], axis=1)
        means = process.mean(at_top)
        worst = means.max()
        if standing is not None:
            means = np.where(standing, means, worst)
        means[np.flatnonzero(done)[~sound]] = worst  # nothing to hand over
        best = [means[costs <= b].min(initial=worst) for b in budgets]
        ladder = Ladder(budgets, np.array(best))
        return cls(process, scale, ladder, fidelity.shape[1], success, sound)

    def worth(self, points: Floats, costs: Floats) -> Floats:
        """[N]. What each candidate is expected to add.

        Args:
            points: `[N, D']`.
            costs: [N]. On the ladder's axis.
        """
        mean, deviation = self.process.predict(self._at_top(points))
        gain = self.ladder.gain(self.scale, costs, mean, deviation)
        return gain * self.success.chance(points)

    def together(self, points: Floats, costs: Floats) -> "Together":
        """Candidates of which several are to be chosen.

        Args:
            points: `[N, D']`.
            costs: [N]. On the ladder's axis.
        """
        seen = Posterior(self.process, self._at_top(points))
        chance = self.success.chance(points)
        return Together(seen, costs, self.scale, self.ladder, chance)

    def elites(self, points: Floats, costs: Floats) -> Indices:
        """Numbers of the candidates that are best for some budget, by their means.

        Args:
            points: `[N, D']`, of trials.
            costs: [N]. On the ladder's axis.
        """
        means = self.process.mean(self._at_top(points))
        within = costs[None, :] <= self.ladder.budgets[:, None]
        best = np.where(within, means[None, :], np.inf).argmin(axis=1)
        return np.unique(best[within.any(axis=1)])

    def _at_top(self, points: Floats) -> Floats:
        return np.pad(points, ((0, 0), (0, self.cheaper)))


def _learnt(
    points: Floats, accuracies: Floats, along: int | None
) -> tuple[Scale, Gaussian, Bools]:
    """What sound trainings say, and which they are, [N].

    A training that diverged is far worse than all others foretell of it. It says
    nothing of its network but that this may happen, and would bend all else.

    Args:
        points: `[N, D]`, of done trials.
        accuracies: [N]. Of the same.
        along: Column of a feature along which noise may grow or fall.
    """
    sound, scales = np.ones(len(points), np.bool_), None
    far_away = max(FAR, normal_quantile(1.0 - FALSE_ALARMS / len(points)))
    for _ in range(ROUNDS):
        scale = Scale.of(accuracies[sound])
        values = scale.costs(accuracies[sound])
        steps = STEPS if scales is None else STEPS // 2
        process = fit(points[sound], values, steps, along, near=scales)
        scales = process.scales
        left = int(MOST_UNSOUND * len(points)) - int((~sound).sum())
        if left < 1 or len(points) < ENOUGH_SOUND:
            break
        beyond, deviation = process.left_out()
        far = beyond / deviation
        worst = np.argsort(-far, kind="stable")[:left]
        worst = worst[far[worst] > far_away]
        if not len(worst):
            break
        sound[np.flatnonzero(sound)[worst]] = False
    return scale, process, sound


def _lift(trials: Sequence[Trial], objectives: Objectives) -> Floats:
    """[N]. Accuracies of done trials; at a cheap fidelity, what they foretell in full.

    How much each cheap fidelity may be believed is left to the process, which sees it.
    """
    done = [trial for trial in trials if trial.state == "done"]
    top = max((trial.fidelity for trial in done), key=lambda f: f.order)
    lifts = {
        fidelity: Lift.of(done, fidelity, top, objectives)
        for fidelity in {trial.fidelity for trial in done} - {top}
    }
    name = objectives.accuracy.name
    return np.array(
        [lifts[t.fidelity](t) if t.fidelity in lifts else t.value(name) for t in done]
    )


def _cheaper(trials: Sequence[Trial]) -> Floats:
    """`[N, F]`: logarithms of how much cheaper than the top each fidelity is."""
    most = max(trial.fidelity.epochs for trial in trials)
    shares = [
        [
            trial.fidelity.epochs / most if most else 1.0,  # where nothing is trained
            *_shares(trial.fidelity, trial.architecture),
        ]
        for trial in trials
    ]
    logs = np.log(np.array(shares, np.float64))
    return logs[:, logs.any(axis=0)]


def _shares(fidelity: Fidelity, architecture: Architecture) -> tuple[float, float]:
    """Of the architecture's own frames and resolution, how much is trained on."""
    if fidelity.frames is None and fidelity.resolution is None:
        return 1.0, 1.0
    clip = architecture.clip
    frames, side = fidelity.frames, fidelity.resolution
    return (frames or clip.frames) / clip.frames, (side or clip.resolution) / (
        clip.resolution
    )

"""Why are some networks better? What each choice is worth at equal cost, beyond luck.

Dearer networks are more accurate, and nobody has to search for that. So accuracies are
compared at equal cost: beside a curve in the logarithm of every cost that the study
lowers. Only what shuffled accuracies do not show is told, with its interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vidnas.arrays import Bools, Floats, Indices
from vidnas.space.searchable import Searchable
from vidnas.statistics.blas_threads import one_thread
from vidnas.statistics.effects.fitted import Fit, Share, fit
from vidnas.statistics.effects.found import LEVEL, Found, find
from vidnas.statistics.effects.matched import shared
from vidnas.trials.choices.factors import Factor, factors_of
from vidnas.trials.front import Front
from vidnas.trials.objectives import Objectives
from vidnas.trials.trial import Trial

FEWEST = 16  # networks, below which nothing is told
BENDS = ((40, 2), (100, 3))  # networks below which the curve of a cost has this degree
MOST_BENT = 4
MOST = 5000  # networks that are compared; of more, so many spread over their order


@dataclass(frozen=True, slots=True)
class Effect:
    """What an option is worth at equal cost, against the mean of the options.

    Args:
        option: The option.
        points: Difference of accuracy [points].
        low: Lower bound of its 95 % interval.
        high: Upper bound of the interval.
        networks: Number of networks that took it, in some layer at least.
    """

    option: Any
    points: float
    low: float
    high: float
    networks: int


@dataclass(frozen=True, slots=True)
class Influence:
    """A choice that accuracy at equal cost depends on, beyond luck.

    Args:
        choice: Name of the choice; of layers, of the stage and the kind of choice.
        layers: Number of the layers that choose, together; 0 where no layer does.
        share: Share of the variance at equal cost that it alone explains.
        luck: Share of shuffled studies that show as much of some choice.
        effects: Effect of each option that was tried; empty where the trials do not
            tell them apart from cost.
        alike: Names of choices that went along with it, so that they may be the reason.
    """

    choice: str
    layers: int
    share: Share
    luck: float
    effects: tuple[Effect, ...]
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Common:
    """An option that members of the front share, more than trials of their cost.

    Args:
        choice: Name of the choice.
        option: The option in words; of many numbers, `at least 8` or `at most 3`.
        members: Share of the members, or of their layers, that took it.
        near: Share of the trials nearest to them in cost; NaN where there are none.
        luck: Share of sets of trials of such costs that share something as much.
    """

    choice: str
    option: str
    members: float
    near: float
    luck: float


@dataclass(frozen=True, slots=True)
class Why:
    """What a study says of its choices.

    Args:
        networks: Number of networks that were compared.
        costs: Names of the costs that are held equal.
        members: Number of networks on the front.
        influences: What accuracy depends on, by share; empty where nothing is beyond
            luck.
        explained: Share of the variance at equal cost that they explain together.
        deviation: Standard deviation of accuracy at equal cost [points].
        clips_luck: Share of that variance which the chance of the validation clips
            alone makes, about; NaN where it is not known.
        common: What the front's members share, by luck.
    """

    networks: int
    costs: tuple[str, ...]
    members: int
    influences: tuple[Influence, ...] = ()
    explained: float = 0.0
    deviation: float = float("nan")
    clips_luck: float = float("nan")
    common: tuple[Common, ...] = field(default=())

    @property
    def is_too_small(self) -> bool:
        """Whether there are too few networks to say anything."""
        return self.networks < FEWEST


@one_thread()
def why(
    space: Searchable,
    trials: Sequence[Trial],
    front: Front,
    objectives: Objectives,
    rng: np.random.Generator,
) -> Why:
    """What trials say of the choices of their space.

    Trials of one candidate count once, with their mean accuracy.

    Args:
        space: Space of the candidates.
        trials: Trials of one fidelity; those that are not done are left out.
        front: Front of the trials.
        objectives: What the study improves.
        rng: Generator that shuffles.
    """
    compared = _Compared.of(space, trials, front, objectives)
    size, costs = len(compared.accuracies), objectives.costs
    members = int(compared.members.sum())
    if size < FEWEST:
        return Why(size, costs, members)
    factors = factors_of(space, compared.rows)
    given = compared.given
    found = find(compared.accuracies, given, [f.columns for f in factors], rng)
    base = np.linalg.lstsq(given, compared.accuracies, rcond=None)[0]
    left = compared.accuracies - given @ base
    variance = float(left @ left) / max(size - given.shape[1], 1)
    influences, explained = _influences(compared, factors, found)
    return Why(
        size,
        costs,
        members,
        influences,
        explained,
        variance**0.5,
        compared.clips_variance / variance if variance > 0.0 else float("nan"),
        _common(compared, factors, rng),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """N networks and what was measured of them.

    Args:
        rows: `[N, C]`: candidates.
        accuracies: [N].
        logs: `[N, M]`: logarithms of the costs that are held equal.
        members: [N]. Which are on the front.
        clips_variance: Mean variance of an accuracy by the chance of its clips.
    """

    rows: Indices
    accuracies: Floats
    logs: Floats
    members: Bools
    clips_variance: float

    @classmethod
    def of(
        cls,
        space: Searchable,
        trials: Sequence[Trial],
        front: Front,
        objectives: Objectives,
    ) -> "_Compared":
        """The networks of the done trials; of very many, some over their order."""
        done = [trial for trial in trials if trial.state == "done"]
        members = {trial.candidate for trial in front.trials}
        groups: dict[tuple[int, ...], list[Trial]] = {}
        for trial in done:
            groups.setdefault(trial.candidate, []).append(trial)
        names = list(groups)
        if len(names) > MOST:
            names = [names[at * len(names) // MOST] for at in range(MOST)]
        each = [groups[name] for name in names]
        rows = np.array(names, np.int64).reshape(len(names), len(space.choices))
        costs = [[same[0].value(c) for c in objectives.costs] for same in each]
        means = [float(objectives.accuracies(same).mean()) for same in each]
        spread = [_clips_variance(same, objectives) for same in each]
        return cls(
            rows,
            np.array(means),
            np.log1p(np.maximum(np.array(costs, np.float64), 0.0)).reshape(
                len(names), len(objectives.costs)
            ),
            np.array([name in members for name in names], np.bool_),
            float(np.mean(spread)) if spread else float("nan"),
        )

    @property
    def given(self) -> Floats:
        """`[N, G]`: a constant, and a curve in the logarithm of each cost."""
        size = len(self.rows)
        degree = next((d for below, d in BENDS if size < below), MOST_BENT)
        spread = self.logs.std(axis=0)
        logs = (self.logs - self.logs.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        powers = [logs**power for power in range(1, degree + 1)]
        return np.concatenate([np.ones((size, 1)), *powers], axis=1)


def _clips_variance(trials: Sequence[Trial], objectives: Objectives) -> float:
    """Variance of a mean accuracy by the chance of its clips; NaN where not known."""
    accuracy = objectives.accuracy
    clips = [trial.measured.get("val_clips", 0.0) for trial in trials]
    if not accuracy.is_share or not all(clips):
        return float("nan")
    shares = objectives.accuracies(trials)
    each = shares * (100.0 - shares) / np.array(clips)
    return float(each.mean()) / len(trials)


def _influences(
    compared: _Compared, factors: Sequence[Factor], found: Sequence[Found]
) -> tuple[tuple[Influence, ...], float]:
    """What was found, by share, without what the others explain as well."""
    taken = list(found)
    while taken:
        blocks = [factors[one.block].columns for one in taken]
        model = fit(compared.accuracies, compared.given, blocks)
        weakest = min(range(len(taken)), key=lambda at: model.shares[at].low)
        if model.shares[weakest].low > 0.0:
            listed = [
                Influence(
                    factors[one.block].name,
                    factors[one.block].layers,
                    model.shares[at],
                    one.luck,
                    _effects(factors[one.block], model, at),
                    tuple(factors[other].name for other in one.alike),
                )
                for at, one in enumerate(taken)
            ]
            listed.sort(key=lambda influence: -influence.share.share)
            return tuple(listed), model.explained
        del taken[weakest]
    return (), 0.0


def _effects(factor: Factor, model: Fit, block: int) -> tuple[Effect, ...]:
    """The effect of each option that was tried; none where one cannot be told."""
    tried = np.flatnonzero(factor.tried)
    table = factor.table[tried]
    points, half, told = model.differences(block, table - table.mean(axis=0))
    if not told.all():
        return ()
    return tuple(
        Effect(
            factor.options[option],
            float(point),
            float(point - wide),
            float(point + wide),
            int((factor.shares[:, option] > 0.0).sum()),
        )
        for option, point, wide in zip(tried.tolist(), points, half, strict=True)
    )


def _common(
    compared: _Compared, factors: Sequence[Factor], rng: np.random.Generator
) -> tuple[Common, ...]:
    """What the front's members share beyond luck, the least lucky first."""
    if not compared.members.any() or not factors:
        return ()
    named = [(factor.name, *one) for factor in factors for one in factor.traits]
    traits = np.stack([share for _, _, share in named], axis=1)
    place = compared.logs[:, 0]
    found = shared(traits, compared.members, place, rng)
    listed = [
        Common(
            *named[at][:2],
            float(found.members[at]),
            float(found.near[at]),
            float(found.luck[at]),
        )
        for at in np.flatnonzero(found.luck <= LEVEL).tolist()
    ]
    return tuple(sorted(listed, key=lambda one: one.luck))

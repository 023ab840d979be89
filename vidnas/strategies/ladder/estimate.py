"""How accurate would a network be? Ladder search's own model, asked without a training.

A model trusts the scales that it found, so its intervals are checked: a fifth of the
trials in turn is foretold by a model of the others, and where that errs more than it
says, intervals grow until they hold as many as they should.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Bools, Floats, Indices
from vidnas.errors import InputError
from vidnas.statistics.blas_threads import one_thread
from vidnas.statistics.gaussian_process import Gaussian, fit
from vidnas.strategies.features import Features
from vidnas.strategies.ladder.known import known_trials
from vidnas.strategies.ladder.model import LEAST_ERROR, Model, Scale, View
from vidnas.strategies.strategy import SearchState
from vidnas.trials.trial import Trial

DRAWN = 512  # candidates that say how far each feature spreads
FEWEST = 8  # networks that are known in full, below which nothing is estimated
Z = 1.959964  # standard normal quantile of 97.5 %
HELD = 0.95  # share of trainings that the intervals shall hold
FOLDS = 5  # in turn, each of them is foretold from the others


@dataclass(frozen=True, slots=True)
class Estimate:
    """Accuracy [%] that a full training of a network would measure, about.

    Args:
        accuracy: Half of such trainings would measure more.
        low: Lower bound of the interval that holds 95 % of such trainings.
        high: Upper bound of the interval.
        explained: Share of the variance among known trials that the model foretells,
            each by a model of others; 0 or less where it knows no more than their mean.
        known: Number of networks that it knows, trained in full.
    """

    accuracy: float
    low: float
    high: float
    explained: float
    known: int


@one_thread()
def estimate(
    state: SearchState, rows: Indices, rng: np.random.Generator
) -> tuple[Estimate, ...]:
    """What the model says of candidates.

    Args:
        state: Space, price of candidates and trials so far; budgets are not asked.
        rows: `[M, C]`: the candidates.
        rng: Generator of the candidates that say how far features spread.

    Raises:
        InputError: fewer than `FEWEST` networks are known in full.
    """
    space, price = state.space, state.budgets.price
    trials = _known(state)
    top = max((t.fidelity for t in trials), key=lambda f: f.order, default=None)
    full = np.array([trial.fidelity == top for trial in trials], np.bool_)
    known = len({trial.arch_id for trial in trials if trial.fidelity == top})
    if known < FEWEST:
        raise InputError(
            f"An estimate must stand on at least {FEWEST} networks that are done at "
            f"full fidelity, got {known}."
        )
    many, half = space.many, DRAWN // 2
    drawn = np.concatenate([many.sample(rng, half), many.sample_coherent(rng, half)])
    view = View.of(Features(space), drawn, price.rows(space, drawn))
    model = _model(state, trials, view)
    wider, explained = _checked(model.process, full[model.sound])
    asked = np.pad(view(rows, price.rows(space, rows)), ((0, 0), (0, model.cheaper)))
    mean, deviation = model.process.predict(asked)
    spread = Z * wider * np.sqrt(deviation**2 + model.process.scales.noise)
    middle, low, high = (
        _accuracies(model.scale, costs).tolist()
        for costs in (mean, mean + spread, mean - spread)
    )
    return tuple(
        Estimate(*limits, explained=explained, known=known)
        for limits in zip(middle, low, high, strict=True)
    )


def _known(state: SearchState) -> list[Trial]:
    """The done trials that ladder search would stand on."""
    known = known_trials(state, state.objectives.cost)
    return [trial for trial in known if trial.state == "done"]


def _model(state: SearchState, trials: Sequence[Trial], view: View) -> Model:
    space, rows = state.space, [trial.candidate for trial in trials]
    own = np.array(rows, np.int64).reshape(len(rows), len(space.choices))
    points = view(own, state.budgets.price.rows(space, own))
    sizes = state.objectives.sizes(trials)
    dearest = np.array([sizes.max()])  # the ladder is not asked
    return Model.of(points, sizes, trials, dearest, None, state.objectives)


def _checked(process: Gaussian, full: Bools) -> tuple[float, float]:
    """How many times wider intervals must be, and the share that is foretold.

    Args:
        process: What the model knows.
        full: [N]. Which of its trials were trained in full.
    """
    errors, plain, widths = (np.zeros(len(full)) for _ in range(3))
    fold = np.arange(len(full)) % FOLDS
    for number in range(FOLDS):
        left = fold == number
        others = process.values[~left]
        learnt = fit(process.points[~left], others)
        mean, deviation = learnt.predict(process.points[left])
        errors[left] = process.values[left] - mean
        plain[left] = process.values[left] - others.mean()
        widths[left] = np.sqrt(deviation**2 + learnt.scales.noise)
    ratios = np.sort(np.abs(errors / widths)[full])
    # One more network than are known shall be inside as often.
    rank = min(math.ceil(HELD * (len(ratios) + 1)), len(ratios))
    total = float((plain[full] ** 2).sum())
    explained = 1.0 - float((errors[full] ** 2).sum()) / total if total > 0.0 else 0.0
    return max(1.0, float(ratios[rank - 1]) / Z), explained


def _accuracies(scale: Scale, costs: Floats) -> Floats:
    """[N]. Accuracies of modelled costs, within 0 and 100 where they are percents."""
    plain = scale.mean + scale.deviation * costs
    if not scale.percent:
        return -plain
    return np.asarray(np.clip(100.0 + LEAST_ERROR - np.exp(plain), 0.0, 100.0))

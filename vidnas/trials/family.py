"""Which six networks does a user take away? A0..A5 from a front and a ladder.

A size takes the best front trial that keeps its budgets and not all of those below.
Networks are compared by the lower ends of their intervals, where those are known:
that is what can be counted on. Members come from the front over these, so a bigger
network is always a better one; a size without such a trial stays empty and says so
(D110).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.documents.quantity import format_cost, round_up
from vidnas.errors import InputError
from vidnas.statistics.fronts.dominance import non_dominated
from vidnas.trials.filling import Filling
from vidnas.trials.ladders.ladder import Ladder
from vidnas.trials.ladders.spread import spread_ladder
from vidnas.trials.ladders.stated import StatedLadder
from vidnas.trials.objectives import STANDARD, Objectives, cost_text, cost_word
from vidnas.trials.trial import FLOPS, Trial


@dataclass(frozen=True, slots=True)
class Limit:
    """What a size allows of one cost.

    Args:
        cost: Name of the cost.
        above: Budget of the size below, 0 of the smallest.
        budget: The most that its network may cost.
    """

    cost: str
    above: float
    budget: float


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a family.

    Args:
        name: Name of the size, `a0` ... `a5`.
        above: Cost that its network must exceed, unless it exceeds another below.
        budget: The most that its network may cost.
        trial: Trial of its network, or None where the front has none that fits.
        is_beaten: Whether the front has such a trial, no better than the reference.
        cost: Name of the cost that the budget is of.
        further: What it allows of other costs, where the ladder is over several.
        filling: Smaller or larger network, scaled to the budgets, that stands in an
            empty size where that was asked for; nobody trained it.
    """

    name: str
    above: float
    budget: float
    trial: Trial | None
    is_beaten: bool = False
    cost: str = FLOPS.name
    further: tuple[Limit, ...] = ()
    filling: Filling | None = None

    @property
    def network(self) -> Architecture | None:
        """Network of the size: what was found, else what fills it, else None."""
        if self.trial is not None:
            return self.trial.architecture
        return None if self.filling is None else self.filling.architecture

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What it allows of each cost of the ladder."""
        return (Limit(self.cost, self.above, self.budget), *self.further)

    @property
    def costs(self) -> tuple[str, ...]:
        """Names of the costs of the ladder."""
        return tuple(limit.cost for limit in self.limits)

    def keeps(self, trial: Trial) -> bool:
        """Whether a trial is within every budget of the size."""
        return is_within(self.limits, trial.value)

    def takes(self, trial: Trial) -> bool:
        """Whether a trial is within its budgets, and not within those below."""
        return self.keeps(trial) and not is_within_smaller(self.limits, trial.value)

    @property
    def budget_text(self) -> str:
        """`8 M`, or `8 M FLOPs, 2 MiB weights bytes` of several costs."""
        if not self.further:
            return format_cost(self.cost, self.budget)
        return ", ".join(cost_text(one.cost, one.budget) for one in self.limits)

    @property
    def emptiness(self) -> str:
        """Why the size is empty, and what fills it."""
        better = " is better than the reference point" if self.is_beaten else ""
        filled = f"; filled by {self.filling}" if self.filling else ""
        if self.further:
            is_first = not any(limit.above for limit in self.limits)
            better = better or ("" if is_first else " is better than the sizes below")
            return (
                f"{self.name} is empty: no trial within {self.budget_text}"
                f"{better}{filled}"
            )
        return (
            f"{self.name} is empty: no front trial between "
            f"{format_cost(self.cost, self.above)} "
            f"and {cost_text(self.cost, self.budget)}{better}{filled}"
        )


def is_within(limits: Sequence[Limit], value: Callable[[str], float]) -> bool:
    """Whether costs are within the budgets of a size.

    Args:
        limits: What the size allows.
        value: Cost of a network by name.
    """
    return all(value(limit.cost) <= limit.budget for limit in limits)


def is_within_smaller(limits: Sequence[Limit], value: Callable[[str], float]) -> bool:
    """Whether costs are within the budgets of the size below; see `is_within`."""
    return all(value(limit.cost) <= limit.above for limit in limits)


def select_family(
    front: Sequence[Trial],
    ladder: Ladder | Sequence[float],
    beyond: Sequence[Trial] = (),
    beaten: Sequence[Trial] = (),
    objectives: Objectives = STANDARD,
    worths: Mapping[int, float] | None = None,
) -> tuple[Size, ...]:
    """The family: one size per step of the ladder.

    A network is better than every one within the budgets of the size below.

    Args:
        front: Mutually non-dominated trials over the ladder's costs and accuracy.
        ladder: Ladder of the sizes, or rising budgets of the first cost.
        beyond: Trials beyond a soft budget, taken only where a size has no others.
        beaten: Further front trials, no better than the reference point; never taken.
        objectives: Objectives of the study.
        worths: Accuracies that trials are compared by, by number; None for the
            measured ones.

    Raises:
        InputError: the ladder does not rise.
    """
    if not isinstance(ladder, Ladder):
        ladder = Ladder.of(objectives.cost, ladder)
    accuracy, known = objectives.accuracy.name, worths or {}

    def worth(trial: Trial) -> float:
        return known[trial.number] if trial.number in known else trial.value(accuracy)

    sizes, best_below = [], -math.inf
    for size in empty_sizes(ladder):
        fitting = [t for t in front if size.takes(t) and worth(t) > best_below]
        best = max(
            [t for t in fitting if t not in beyond] or fitting,
            key=lambda t: (worth(t), -t.value(ladder.costs[0])),
            default=None,
        )
        is_beaten = not fitting and any(size.takes(trial) for trial in beaten)
        sizes.append(replace(size, trial=best, is_beaten=is_beaten))
        kept = [worth(trial) for trial in front if size.keeps(trial)]
        best_below = max([best_below, *kept])
    return tuple(sizes)


def empty_sizes(ladder: Ladder) -> tuple[Size, ...]:
    """The sizes of a ladder, none of which has a network yet."""
    below = (0.0,) * len(ladder.costs)
    sizes = []
    for name, budgets in zip(ladder.names, ladder.budgets, strict=True):
        first, *further = map(Limit, ladder.costs, below, budgets)
        size = Size(name, first.above, first.budget, None, cost=first.cost)
        sizes.append(replace(size, further=tuple(further)))
        below = budgets
    return tuple(sizes)


def family_of(
    done: Sequence[Trial],
    stated: StatedLadder,
    objectives: Objectives,
    reference: Mapping[str, float],
    beyond: Callable[[Trial], object],
) -> tuple[Size, ...]:
    """One size per step of a ladder, of what a study has done.

    Members are better than the reference point: one that is no better than chance is
    none to take away. They are compared by the lower ends of their intervals; of a
    size's, those within the soft budgets come first.

    Args:
        done: Done trials of one fidelity.
        stated: Ladder, with its networks priced.
        objectives: Objectives of the study.
        reference: Worst values of the objectives that count.
        beyond: Whether a trial exceeds a soft budget.

    Raises:
        InputError: no trial has one of the ladder's costs, or it does not rise.
    """
    done = [t for t in done if all(t.has(cost) for cost in objectives.costs)]
    for cost in stated.costs:
        if done and not any(trial.has(cost) for trial in done):
            raise InputError(
                f"A ladder of {cost_word(cost)} needs trials that have `{cost}`, none "
                "has it."
            )
    worths = firm_worths(done, objectives)
    over = replace(objectives, costs=stated.costs)
    front: list[Trial] = []
    beaten: list[Trial] = []
    for trial in firm_front(done, over, worths):
        (front if objectives.is_better(trial, reference) else beaten).append(trial)

    def spread(cost: str, sizes: int) -> tuple[float, ...]:
        dearest = max((t.value(cost) for t in front), default=1.0)
        most = reference.get(cost, round_up(max(dearest, 1e-9)))
        return spread_ladder(front, most, sizes, cost)

    ladder = stated.laid(spread)
    soft = [trial for trial in front if beyond(trial)]
    return select_family(front, ladder, soft, beaten, objectives, worths)


def firm_worths(trials: Sequence[Trial], objectives: Objectives) -> dict[int, float]:
    """Lower ends of the intervals of accuracies [%], by number.

    Args:
        trials: Done trials of one fidelity.
        objectives: Objectives of the study.

    Returns:
        Nothing where one of them has no interval: then measured accuracies are all
        that can be compared.
    """
    found = {}
    for trial in trials:
        interval = objectives.accuracy.interval(trial)
        if interval is None:
            return {}
        found[trial.number] = interval[0]
    return found


def firm_front(
    trials: Sequence[Trial], objectives: Objectives, worths: Mapping[int, float]
) -> tuple[Trial, ...]:
    """The front of trials by what they are worth, where that is known.

    Args:
        trials: Done trials of one fidelity.
        objectives: Objectives of the study.
        worths: Accuracies that they are compared by, by number; none for the measured
            ones.
    """
    known = [
        trial
        for trial in trials
        if all(trial.has(name) for name in objectives.costs)
        and (worths or trial.has(objectives.accuracy.name))
    ]
    rows = [
        [
            *(trial.value(name) for name in objectives.costs),
            -worths[trial.number] if worths else -trial.value(objectives.accuracy.name),
        ]
        for trial in known
    ]
    if not rows:
        return ()
    kept = np.flatnonzero(non_dominated(np.array(rows, np.float64)))
    return tuple(sorted((known[n] for n in kept), key=_first_cost(objectives)))


def _first_cost(objectives: Objectives) -> Callable[[Trial], float]:
    return lambda trial: trial.value(objectives.cost)

"""Which six networks does a user take away? A0..A5 from a front and a ladder.

A size takes the best front trial that fits its budget and exceeds the budget below.
Networks are compared by the lower ends of their intervals, where those are known:
that is what can be counted on. Members come from the front over these, so a bigger
network is always a better one; a size without such a trial stays empty and says so
(D110).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vidnas.documents.quantity import format_cost
from vidnas.errors import InputError
from vidnas.statistics.fronts.dominance import non_dominated
from vidnas.trials.objectives import STANDARD, Objectives, cost_text
from vidnas.trials.trial import FLOPS, Trial

FAMILY_SIZES = 6


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a family.

    Args:
        name: Name of the size, `a0` ... `a5`.
        above: Cost that its network must exceed.
        budget: The most that its network may cost.
        trial: Trial of its network, or None where the front has none that fits.
        is_beaten: Whether the front has such a trial, no better than the reference.
        cost: Name of the cost that the budget is of.
    """

    name: str
    above: float
    budget: float
    trial: Trial | None
    is_beaten: bool = False
    cost: str = FLOPS.name

    @property
    def emptiness(self) -> str:
        """Why the size is empty."""
        return (
            f"{self.name} is empty: no front trial between "
            f"{format_cost(self.cost, self.above)} "
            f"and {cost_text(self.cost, self.budget)}"
            f"{' is better than the reference point' if self.is_beaten else ''}"
        )


def select_family(
    front: Sequence[Trial],
    ladder: Sequence[float],
    beyond: Sequence[Trial] = (),
    beaten: Sequence[Trial] = (),
    objectives: Objectives = STANDARD,
    worths: Mapping[int, float] | None = None,
) -> tuple[Size, ...]:
    """The family: one size per budget of the ladder.

    Args:
        front: Mutually non-dominated trials over costs and accuracy.
        ladder: Rising budgets of the first cost.
        beyond: Trials beyond a soft budget, taken only where a size has no others.
        beaten: Further front trials, no better than the reference point; never taken.
        objectives: Objectives of the front.
        worths: Accuracies that trials are compared by, by number; None for the
            measured ones.

    Raises:
        InputError: the ladder does not rise.
    """
    cost, accuracy = objectives.cost, objectives.accuracy.name
    known = worths or {}
    if any(low >= high for low, high in pairwise(ladder)) or not ladder:
        said = ", ".join(format_cost(cost, most) for most in ladder) or "none"
        raise InputError(f"A ladder must rise from budget to budget, got {said}.")
    sizes = []
    above = 0.0
    for number, budget in enumerate(ladder):
        fitting = _between(front, cost, above, budget)
        preferred = [t for t in fitting if t not in beyond]
        best = max(
            preferred or fitting,
            key=lambda t: (known.get(t.number, t.value(accuracy)), -t.value(cost)),
            default=None,
        )
        is_beaten = not fitting and bool(_between(beaten, cost, above, budget))
        sizes.append(Size(f"a{number}", above, budget, best, is_beaten, cost))
        above = budget
    return tuple(sizes)


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


def _between(
    trials: Sequence[Trial], cost: str, above: float, budget: float
) -> list[Trial]:
    return [trial for trial in trials if above < trial.value(cost) <= budget]


def spread_ladder(
    front: Sequence[Trial],
    most: float,
    sizes: int = FAMILY_SIZES,
    cost: str = FLOPS.name,
) -> tuple[float, ...]:
    """Budgets spread over a cost of a front, each with a network where there is one.

    With at least `sizes` different costs, the budgets are costs of front trials, both
    ends included, chosen so that their logarithms are as even as the front allows.
    With fewer, every front trial has a budget of its own, `most` is the highest, and
    the widest gaps are halved; the sizes between stay empty. For an empty front, each
    budget is half the next, up to `most`.

    Args:
        front: Trials over whose cost the budgets spread.
        most: Highest cost that counts, above that of every front trial.
        sizes: Number of budgets.
        cost: Name of the cost.
    """
    costs = np.unique([trial.value(cost) for trial in front])
    if len(costs) >= sizes:
        even = np.linspace(np.log(costs[0]), np.log(costs[-1]), sizes)
        return tuple(float(costs[i]) for i in _closest_rising(np.log(costs), even))
    if not len(costs):
        return tuple(most / 2 ** (sizes - 1 - size) for size in range(sizes))
    budgets = [*map(float, costs), float(most)]
    while len(budgets) < sizes:
        widest = int(np.argmax(np.diff(np.log(budgets))))
        middle = math.sqrt(budgets[widest] * budgets[widest + 1])
        budgets.insert(widest + 1, middle)
    return tuple(budgets)


def _closest_rising(values: np.ndarray, targets: np.ndarray) -> list[int]:
    """Rising indices into `values` with the least squared distance to `targets`.

    Dynamic programming over (target, value); both are sorted.
    """
    errors = (targets[:, None] - values[None, :]) ** 2
    best = np.full(errors.shape, np.inf)
    came_from = np.zeros(errors.shape, dtype=np.int64)
    best[0] = errors[0]
    for t in range(1, len(targets)):
        least, at = np.inf, 0
        for v in range(t, len(values)):
            if best[t - 1, v - 1] < least:
                least, at = best[t - 1, v - 1], v - 1
            best[t, v] = least + errors[t, v]
            came_from[t, v] = at
    path = [int(np.argmin(best[-1]))]
    for t in range(len(targets) - 1, 0, -1):
        path.append(int(came_from[t, path[-1]]))
    return path[::-1]

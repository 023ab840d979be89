"""Which part of a study is looked at? A front within budgets, or one trial.

A budget here only chooses among what was trained; what a search may propose is the
experiment's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vidnas.documents.quantity import format_cost, parse_quantity, round_up, unit_of
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError
from vidnas.study.history import History
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES
from vidnas.trials.trial import Objective, Trial
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that a trial may have of what is lowered, the least of what is raised.

    Args:
        objective: Name and direction of what is limited.
        limit: Limit in the unit of the name.
    """

    objective: Objective
    limit: float

    def __str__(self) -> str:
        sign = ">=" if self.objective.maximise else "<="
        return f"{self.objective.name} {sign} {self._text(self.limit)}"

    def holds(self, trial: Trial) -> bool:
        """Whether a trial has such a number, and it is within the limit."""
        name = self.objective.name
        if not trial.has(name):
            return False
        value = trial.value(name)
        return value >= self.limit if self.objective.maximise else value <= self.limit

    def closest(self, trials: Sequence[Trial]) -> str:
        """`the least flops is 2.3 M`: what comes closest among trials; or nothing."""
        name = self.objective.name
        values = [trial.value(name) for trial in trials if trial.has(name)]
        if not values:
            return ""
        best, word = (max, "best") if self.objective.maximise else (min, "least")
        return f"the {word} {name} is {self._text(best(values))}"

    def _text(self, value: float) -> str:
        name = self.objective.name
        return f"{value:.4g} %" if name in ACCURACIES else format_cost(name, value)


def bounds_of(limits: Mapping[str, float | str]) -> tuple[Bound, ...]:
    """What-if budgets by the name of a cost, a score or an accuracy.

    Args:
        limits: Limits as numbers or quantities, such as `{"flops": "50 M"}`; of an
            accuracy or a score, the least that is wanted.

    Raises:
        InputError: a name is unknown, or a limit is no quantity.
    """
    bounds = []
    for name, limit in limits.items():
        if name not in OBJECTIVES_BY_NAME:
            raise InputError(
                f"A limit must be on one of {', '.join(OBJECTIVES_BY_NAME)}, got "
                f"`{name}`.{nearest(name, OBJECTIVES_BY_NAME)}"
            )
        objective, unit = OBJECTIVES_BY_NAME[name].objective, unit_of(name)
        value = parse_quantity(limit, unit)
        if value is None:
            example = "a number" if name in ACCURACIES else f"such as {unit.example}"
            raise InputError(f"A limit of `{name}` must be {example}, got {limit!r}.")
        bounds.append(Bound(objective, value))
    return tuple(bounds)


def bounds_text(bounds: Sequence[Bound]) -> str:
    """`flops <= 50 M and top1 >= 40 %`."""
    return " and ".join(map(str, bounds))


def compared_within(
    history: History, bounds: Sequence[Bound], *, baselines: bool = False
) -> list[Trial]:
    """Trials at full training within all bounds.

    Args:
        history: The study.
        bounds: What-if budgets.
        baselines: Whether baselines count too.
    """
    beside = history.baselines if baselines else ()
    trials = (*history.compared, *beside)
    return [trial for trial in trials if all(bound.holds(trial) for bound in bounds)]


def front_within(
    history: History,
    objectives: Sequence[Objective],
    bounds: Sequence[Bound],
    *,
    baselines: bool = False,
) -> Front:
    """The front of a study's trials within bounds.

    Args:
        history: The study.
        objectives: Objectives that are traded off.
        bounds: What-if budgets, on any cost; none for the front of all.
        baselines: Whether baselines may be on it.
    """
    if not bounds:
        return history.front(objectives, baselines=baselines)
    return Front.of(compared_within(history, bounds, baselines=baselines), objectives)


def nothing_within(history: History, bounds: Sequence[Bound]) -> str:
    """Why a front within bounds is empty, and what came closest."""
    done = [trial for trial in history.compared if trial.state == "done"]
    near = [bound.closest(done) for bound in bounds if not any(map(bound.holds, done))]
    hint = f"; {', '.join(filter(None, near))}" if any(near) else ""
    return (
        f"No trial done at {history.fidelity} has {bounds_text(bounds)} in "
        f"{history.folder}{hint}."
    )


def reference_point(
    history: History, objectives: Sequence[Objective]
) -> dict[str, float]:
    """The worst values that count in a volume over any objectives, by name.

    The study's own where it has one. Else of an accuracy what guessing reaches; of a
    cost its budget, or, without one, just above the most of a done trial; of a score
    the least of a done trial.

    Args:
        history: The study, with a trial done in full.
        objectives: Objectives that are traded off.
    """
    return {one.name: _worst(history, one) for one in objectives}


def _worst(history: History, objective: Objective) -> float:
    name = objective.name
    if name in history.reference:
        return history.reference[name]
    if name in ACCURACIES:
        return history.chance_of(ACCURACIES[name]).level
    budgets = [
        limit.maximum
        for limit in history.experiment.limits
        if limit.name == name and parse_quantity(limit.maximum) is not None
    ]
    if budgets:
        return max(budgets)
    done = [t for t in history.compared if t.state == "done" and t.has(name)]
    values = [trial.value(name) for trial in done]
    if objective.maximise:
        return min(values, default=0.0)
    most = max(values, default=0.0)
    return round_up(most) if most > 0.0 else 1.0


def trial_named(history: History, which: int | str) -> Trial:
    """One trial of a study, by its number, or by the name of a baseline.

    Args:
        history: The study.
        which: Number, name of a baseline, or study and number that it was taken over
            from.

    Raises:
        InputError: there is no such trial.
    """
    every = (*history.trials, *history.baselines)
    for trial in every:
        if which == trial.number or str(which) == trial.label:
            return trial
    names = [trial.label for trial in every if not trial.label.isdigit()]
    there = f"trials 0 to {history.trials[-1].number}" if history.trials else "no trial"
    named = f" and {', '.join(names)}" if names else ""
    raise InputError(
        f"A trial must be one of {there}{named}, got `{which}`."
        f"{nearest(str(which), names)}"
    )


def best_trial(
    history: History, objective: Objective, bounds: Sequence[Bound]
) -> Trial:
    """The best trial within bounds by one objective, of equals the cheapest.

    Args:
        history: The study.
        objective: What is compared.
        bounds: What-if budgets; none to compare all.

    Raises:
        InputError: no done trial is within them, or has such a number.
    """
    cost = history.objectives.cost
    front = front_within(history, [objective], bounds)
    if not front:
        raise InputError(nothing_within(history, bounds) if bounds else _none(history))
    best = front[0].value(objective.name)
    equal = [
        trial
        for trial in compared_within(history, bounds)
        if trial.state == "done"
        and trial.has(objective.name)
        and trial.value(objective.name) == best
    ]
    return min(equal, key=lambda trial: trial.value(cost))


def _none(history: History) -> str:
    return f"No trial is done at {history.fidelity} in {history.folder}."

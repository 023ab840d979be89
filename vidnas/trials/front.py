"""Which trials are not beaten? Their front over any objectives.

Inside, every objective is a cost to minimise; `Front` flips the signs once.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from vidnas.arrays import Floats
from vidnas.documents.quantity import parse_quantity, unit_of
from vidnas.errors import InputError
from vidnas.statistics.fronts.dominance import non_dominated
from vidnas.statistics.fronts.hypervolume import hypervolume
from vidnas.statistics.fronts.knee import knee, knees
from vidnas.trials.trial import Objective, Trial


@dataclass(frozen=True)  # no slots: the costs are derived once
class Front:
    """Mutually non-dominated done trials, in order of the first objective.

    It is a sequence of them: `front[0]`, `len(front)`, `for trial in front`.

    Args:
        trials: Trials on the front.
        objectives: Objectives that the trials trade off, at least one.
    """

    trials: tuple[Trial, ...]
    objectives: tuple[Objective, ...]

    @classmethod
    def of(cls, trials: Sequence[Trial], objectives: Sequence[Objective]) -> "Front":
        """The front of the done trials among `trials` that have all the objectives.

        Raises:
            InputError: their accuracies come from several sources or fidelities, so
                none of them beats another.
        """
        done, costs = compared_costs(trials, objectives)
        _require_one("source", [trial.source for trial in done])
        _require_one("fidelity", [trial.fidelity for trial in done])
        if not done:
            return cls((), tuple(objectives))
        on_front = np.flatnonzero(non_dominated(costs))
        first = costs[on_front, 0] * _signs(objectives)[0]
        order = on_front[np.argsort(first, kind="stable")]
        return cls(tuple(done[at] for at in order.tolist()), tuple(objectives))

    def __len__(self) -> int:
        return len(self.trials)

    @overload
    def __getitem__(self, at: int) -> Trial: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Trial, ...]: ...

    def __getitem__(self, at: int | slice) -> Trial | tuple[Trial, ...]:
        return self.trials[at]

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    @cached_property
    def costs(self) -> Floats:
        """Objectives of the members as costs to minimise, `[N, M]`."""
        return costs_of(self.trials, self.objectives)

    def joined_by(self, trial: Trial) -> "Front":
        """The front with one more trial: itself where that is beaten or equal.

        Raises:
            InputError: its accuracy has another source or fidelity.
        """
        if not compared_costs([trial], self.objectives)[0]:
            return self
        if self.trials:
            own = self.trials[0]
            _require_one("source", [own.source, trial.source])
            _require_one("fidelity", [own.fidelity, trial.fidelity])
            row = costs_of([trial], self.objectives)
            if (self.costs <= row).all(axis=1).any():
                return self
        return Front.of((*self.trials, trial), self.objectives)

    def hypervolume(self, reference: Mapping[str, float | str]) -> float:
        """Volume between the front and `reference`, in the objectives' units.

        Args:
            reference: Worst values that still count, by objective name.

        Raises:
            InputError: the names are not those of the objectives, or a value is no
                number.
        """
        point = self.reference_costs(reference)
        return hypervolume(self.costs, reference=point) if self.trials else 0.0

    def reference_costs(self, reference: Mapping[str, float | str]) -> Floats:
        """A reference point as costs to minimise, `[M]`.

        Args:
            reference: Worst values that still count, by objective name.

        Raises:
            InputError: the names are not those of the objectives, or a value is no
                number.
        """
        names = [objective.name for objective in self.objectives]
        values = np.array(_reference_values(reference, names), np.float64)
        return np.asarray(_signs(self.objectives) * values)

    def knee(self) -> Trial | None:
        """The trial beyond which one objective buys least of the others.

        It lies farthest below the plane through the ends of the front, all objectives
        counted in shares of their spans.
        """
        return self.trials[knee(self.costs)] if self.trials else None

    def knees(self) -> tuple[Trial, ...]:
        """Trials that are left for a neighbour only at a high price; see `knees`."""
        return tuple(self.trials[row] for row in knees(self.costs).tolist())

    def dominating(self, trial: Trial) -> tuple[Trial, ...]:
        """Members that are nowhere worse than `trial` and somewhere better."""
        if not self.trials:
            return ()
        other = costs_of([trial], self.objectives)
        nowhere_worse = (self.costs <= other).all(axis=1)
        better = np.nonzero(nowhere_worse & (self.costs < other).any(axis=1))
        return tuple(self.trials[row] for row in better[0])


def _reference_values(reference: object, names: Sequence[str]) -> list[float]:
    """The values of a reference point in the order of the objectives.

    Raises:
        InputError: it is no mapping of these names to numbers.
    """
    wanted = f"A reference point must name {', '.join(names)}"
    if not isinstance(reference, Mapping):
        raise InputError(f"{wanted}, got a `{type(reference).__name__}`.")
    if set(reference) != set(names):
        told = ", ".join(map(str, reference)) or "nothing"
        raise InputError(f"{wanted}, got {told}.")
    values = []
    for name in names:
        value = parse_quantity(reference[name], unit_of(name))
        if value is None:
            raise InputError(
                f"`{name}` of a reference point must be a number, got "
                f"{reference[name]!r}."
            )
        values.append(value)
    return values


def costs_of(trials: Sequence[Trial], objectives: Sequence[Objective]) -> Floats:
    """Objectives of the trials as costs to minimise, `[N, M]`."""
    values = [[trial.value(o.name) for o in objectives] for trial in trials]
    rows = np.array(values, dtype=np.float64).reshape(len(trials), len(objectives))
    return rows * _signs(objectives)


def compared_costs(
    trials: Sequence[Trial], objectives: Sequence[Objective]
) -> tuple[list[Trial], Floats]:
    """Done trials with a number for each objective, and their costs, `[N, M]`.

    Args:
        trials: Trials in any state.
        objectives: Objectives that are traded off.
    """
    done = [trial for trial in trials if trial.state == "done"]
    values = np.stack([_values(done, one.name) for one in objectives], axis=1)
    known = ~np.isnan(values).any(axis=1)
    if not known.all():
        done = [done[at] for at in np.flatnonzero(known).tolist()]
    return done, values[known] * _signs(objectives)


def _values(trials: Sequence[Trial], name: str) -> Floats:
    """One number of each trial, `[N]`; NaN where it has none."""
    # Nearly every trial has it so; `value` takes longer, and knows scores too.
    found = [
        measured[name]
        if name in (measured := trial.measured)
        else trial.costs.get(name)
        for trial in trials
    ]
    try:
        values = np.array(found, np.float64)
    except (TypeError, ValueError):
        values = np.full(len(found), math.nan)
    for at in np.flatnonzero(np.isnan(values)).tolist():
        values[at] = _value_or_nan(trials[at], name)
    return values


def _value_or_nan(trial: Trial, name: str) -> float:
    try:
        return trial.value(name)
    except (KeyError, TypeError, ValueError):  # it only says that it is done
        return math.nan


def _require_one(fact: str, found: Sequence[object]) -> None:
    """Raises where the trials of a front differ in what must be one.

    Raises:
        InputError: says how many there are of each.
    """
    if not found or found.count(found[0]) == len(found):
        return
    counts = Counter(map(str, found))
    told = ", ".join(f"{count} of '{name}'" for name, count in counts.items())
    raise InputError(
        f"The trials of a front must have one {fact} of accuracy, got {told}."
    )


def _signs(objectives: Sequence[Objective]) -> Floats:
    return np.array([-1.0 if o.maximise else 1.0 for o in objectives])

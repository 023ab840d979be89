"""Which trials are not beaten? Dominance, hypervolume, knees.

Inside, every objective is a cost to minimise; `Front` flips the signs once.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Bools, Floats, Ints
from vidnas.documents.quantity import parse_quantity, unit_of
from vidnas.errors import InputError, ShapeError
from vidnas.trials.trial import Objective, Trial


def non_dominated(costs: Floats) -> Bools:
    """Which rows are dominated by no other, `[N]`.

    A row dominates another if it is nowhere higher and somewhere lower. The first of
    equal rows stays. Rows with NaN are never on the front.

    Args:
        costs: Costs to minimise, `[N, M]`.
    """
    costs = np.asarray(costs, dtype=np.float64)
    keep: Bools = np.logical_not(np.isnan(costs).any(axis=1))
    # In lexicographic order (earlier rows first among equals) no row is dominated by
    # a later one.
    order = np.lexsort((*costs.T[::-1],))
    left = order[keep[order]]
    keep[:] = False
    if costs.shape[1] == 2:
        second = costs[left, 1]
        least = np.minimum.accumulate(second)
        keep[left[:1]] = True
        keep[left[1:]] = second[1:] < least[:-1]
        return keep
    while len(left):
        keep[left[0]] = True
        left = left[(costs[left] < costs[left[0]]).any(axis=1)]
    return keep


def ranks(costs: Floats, enough: int | None = None) -> Ints:
    """Front number of each row, `[N]`: 0 for the front, 1 once that is removed, ...

    Args:
        costs: Costs to minimise, `[N, M]`.
        enough: Number of rows that must be told apart: once so many are on fronts, all
            others count as on the next one. None to tell all apart.

    Source:
        Non-dominated sorting of NSGA-II, Deb et al. 2002.
    """
    costs = np.asarray(costs, dtype=np.float64)
    result = np.full(len(costs), -1, dtype=np.int64)
    left = np.arange(len(costs))
    rank = 0
    while len(left):
        front = non_dominated(costs[left])
        done = enough is not None and len(costs) - len(left) >= enough
        if done or not front.any():  # or only NaN rows are left
            result[left] = rank
            break
        result[left[front]] = rank
        left = left[~front]
        rank += 1
    return result


def crowding(costs: Floats) -> Floats:
    """How alone each row stands among the others, `[N]`; infinite at the ends.

    Source:
        Crowding distance of NSGA-II, Deb et al. 2002.
    """
    costs = np.asarray(costs, dtype=np.float64)
    distance = np.zeros(len(costs))
    if not len(costs):
        return distance
    for column in costs.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        distance[order[[0, -1]]] = np.inf
        if span > 0:
            gaps = column[order[2:]] - column[order[:-2]]
            distance[order[1:-1]] += gaps / span
    return distance


def hypervolume(costs: Floats, *, reference: Floats) -> float:
    """Volume dominated by `costs` up to `reference`.

    Rows that do not improve on the reference in every objective add nothing.

    Args:
        costs: Costs to minimise, `[N, M]`.
        reference: Worst values that still count, `[M]`.

    Returns:
        Volume in the product of the objectives' units; 0 for no rows.

    Raises:
        ShapeError: one of them is no array of numbers, or rows and reference differ
            in length.
    """
    costs = _numbers("costs", costs, "[N, M]")
    reference = _numbers("reference", reference, "[M]")
    if not costs.size:
        return 0.0
    if costs.ndim != 2 or reference.ndim != 1 or costs.shape[1] != len(reference):
        raise ShapeError(
            f"Costs must have one column per reference value, got {costs.shape} "
            f"costs and {reference.size} reference values."
        )
    inside = costs[(costs < reference).all(axis=1)]
    if not len(inside):
        return 0.0
    return _sliced_volume(inside[non_dominated(inside)], reference)


def _numbers(name: str, values: object, shape: str) -> Floats:
    """Values as an array of numbers."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        hint = (
            " `Front.hypervolume` takes a mapping by objective name."
            if isinstance(values, Mapping | Front)
            else ""
        )
        raise ShapeError(
            f"`{name}` must be an array of numbers `{shape}`, got a "
            f"`{type(values).__name__}`.{hint}"
        ) from None


def _sliced_volume(costs: Floats, reference: Floats) -> float:
    """Sums slabs along the last objective; each slab is one dimension less."""
    if len(reference) == 1:
        return float(reference[0] - costs.min())
    order = np.argsort(costs[:, -1], kind="stable")
    costs = costs[order]
    edges = np.append(costs[:, -1], reference[-1])
    volume = 0.0
    for row in range(len(costs)):
        height = edges[row + 1] - edges[row]
        if height > 0:
            below = costs[: row + 1, :-1]
            volume += height * _sliced_volume(
                below[non_dominated(below)], reference[:-1]
            )
    return float(volume)


def knee(costs: Floats) -> int:
    """Row farthest below the line between the two ends of a two-objective front.

    Args:
        costs: Costs to minimise, `[N, 2]`, at least one row.

    Source:
        Das 1999, normal-boundary characterisation of the knee.
    """
    costs = np.asarray(costs, dtype=np.float64)
    low, high = costs.min(axis=0), costs.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    return int(np.argmin(((costs - low) / span).sum(axis=1)))


@dataclass(frozen=True, slots=True)
class Front:
    """Mutually non-dominated done trials, in order of the first objective.

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
        done, rows = _compared(trials, objectives)
        _require_one("source", Counter(trial.source for trial in done))
        fidelities = Counter(trial.fidelity for trial in done)
        _require_one("fidelity", Counter({str(f): n for f, n in fidelities.items()}))
        if not done:
            return cls((), tuple(objectives))
        on_front = non_dominated(np.array(rows, np.float64) * _signs(objectives))
        kept = [done[at] for at in np.flatnonzero(on_front).tolist()]
        kept.sort(key=lambda trial: trial.value(objectives[0].name))
        return cls(tuple(kept), tuple(objectives))

    def __len__(self) -> int:
        return len(self.trials)

    def hypervolume(self, reference: Mapping[str, float]) -> float:
        """Volume between the front and `reference`, in the objectives' units.

        Args:
            reference: Worst values that still count, by objective name.

        Raises:
            InputError: the names are not those of the objectives, or a value is no
                number.
        """
        names = [objective.name for objective in self.objectives]
        point = _signs(self.objectives) * np.array(_reference_values(reference, names))
        if not self.trials:
            return 0.0
        return hypervolume(costs_of(self.trials, self.objectives), reference=point)

    def knee(self) -> Trial | None:
        """The trial beyond which the first objective buys least of the second."""
        if not self.trials:
            return None
        return self.trials[knee(costs_of(self.trials, self.objectives)[:, :2])]

    def dominating(self, trial: Trial) -> tuple[Trial, ...]:
        """Members that are nowhere worse than `trial` and somewhere better."""
        if not self.trials:
            return ()
        costs = costs_of(self.trials, self.objectives)
        other = costs_of([trial], self.objectives)
        better = np.nonzero((costs <= other).all(axis=1) & (costs < other).any(axis=1))
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


def _compared(
    trials: Sequence[Trial], objectives: Sequence[Objective]
) -> tuple[list[Trial], list[list[float]]]:
    """Done trials that have a number for each objective, and these numbers."""
    done, rows = [], []
    names = [objective.name for objective in objectives]
    for trial in trials:
        if trial.state != "done":
            continue
        try:
            row = [trial.value(name) for name in names]
        except (KeyError, TypeError, ValueError):  # it only says that it is done
            continue
        if not any(map(math.isnan, row)):
            done.append(trial)
            rows.append(row)
    return done, rows


def _require_one(fact: str, counts: Counter[str]) -> None:
    if len(counts) > 1:
        told = ", ".join(f"{count} of '{name}'" for name, count in counts.items())
        raise InputError(
            f"The trials of a front must have one {fact} of accuracy, got {told}."
        )


def _signs(objectives: Sequence[Objective]) -> Floats:
    return np.array([-1.0 if o.maximise else 1.0 for o in objectives])

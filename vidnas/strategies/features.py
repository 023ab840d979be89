"""What does a model of accuracy see of a candidate? Numbers that its space generates.

Per-layer choices are summed up over the layers a candidate has, so that a depth gate
does not change what a column means. Nothing is tuned by hand for one space.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.architecture.columns import Columns
from vidnas.architecture.kernel import Kernel
from vidnas.architecture.temporal_reach import temporal_reach
from vidnas.arrays import Bools, Floats, Indices
from vidnas.budgets.price import RowCosts, ScoredCosts
from vidnas.space.compiling.layers import same_choices
from vidnas.space.compiling.program import Choice
from vidnas.space.searchable import Searchable

FEW = 7  # options, of which the share of each is a feature


@dataclass(frozen=True, slots=True)
class _Kind:
    """One choice, or the same choice of every layer of a stage.

    Args:
        columns: Columns of a candidate, one per layer.
        tables: `[K, O]`: numbers that stand for each option.
        layered: Whether it is made for each layer.
    """

    columns: Indices
    tables: Floats
    layered: bool


class Features:
    """Numbers `[N, D]` for candidates `[N, C]` of a space.

    For each choice the logarithm (of a positive number) or the value of its option, and
    of unordered ones a flag per option; for each choice per layer the mean of that over
    the existing layers, and that of the first layer; the logarithms of all costs.

    Args:
        space: Space of the candidates.
    """

    def __init__(self, space: Searchable) -> None:
        self._space = space
        self._kinds = tuple(_kinds(space.choices))
        self._costs: tuple[str, ...] = ()  # once candidates were priced

    @property
    def layers(self) -> tuple[Indices, ...]:
        """Columns of a candidate, of every choice that is made layer by layer."""
        return tuple(kind.columns for kind in self._kinds if len(kind.columns) > 1)

    def column(self, cost: str) -> int | None:
        """Number of the feature of a cost; None where it is none, or not known yet."""
        if cost not in self._costs:
            return None
        choices = sum(
            len(kind.tables) * (2 if kind.layered else 1) for kind in self._kinds
        )
        return choices + self._costs.index(cost)

    def __call__(self, rows: Indices, costs: RowCosts) -> Floats:
        """`[N, D]`, unscaled.

        Args:
            rows: `[N, C]`.
            costs: Costs of the rows.
        """
        active = self._space.many.active(rows)
        parts = [part for kind in self._kinds for part in _columns(kind, rows, active)]
        self._costs = costs.names
        for name in costs.names:
            values = np.asarray(costs[name], np.float64)
            parts.append(np.log1p(np.maximum(values, 0.0)))
        if "entropy_score" in costs.scores:
            parts.append(costs["entropy_score"])
        if isinstance(costs, ScoredCosts):
            parts.append(_share_seen(costs.columns))
        return np.stack(parts, axis=1)


def _share_seen(columns: Columns) -> Floats:
    """`[N]`: logarithm of the share of its clip's frames that a decision depends on.

    No choice and no cost says it; some share between little and all is best.
    """
    return np.asarray(np.log(temporal_reach(columns) / columns.frames), np.float64)


def _columns(kind: _Kind, rows: Indices, active: Bools) -> Iterator[Floats]:
    """The columns of one kind, each `[N]`."""
    taken, on = rows[:, kind.columns], active[:, kind.columns]
    existing = np.maximum(on.sum(axis=1), 1)
    for table in kind.tables:
        values = table[taken]
        neutral = table.mean()  # of a choice that is not made
        mean = np.where(on, values, 0.0).sum(axis=1) / existing
        yield np.where(on.any(axis=1), mean, neutral)
        if kind.layered:
            yield np.where(on[:, 0], values[:, 0], neutral)


def _kinds(choices: tuple[Choice, ...]) -> Iterator[_Kind]:
    for same in same_choices(choices):
        yield _kind(choices, list(same.columns), same.layered)


def _kind(choices: tuple[Choice, ...], columns: list[int], layered: bool) -> _Kind:
    tables = _tables(choices[columns[0]].options)
    return _Kind(np.array(columns, np.int64), np.array(tables, np.float64), layered)


def _tables(options: tuple[Any, ...]) -> list[Any]:
    """Rows of numbers that stand for options."""
    flags = list(np.eye(len(options)))
    if len(options) == 2:
        return flags[1:]
    if all(isinstance(option, Kernel) for option in options):
        sizes = [[np.log(o.frames) for o in options], [np.log(o.side) for o in options]]
        shares = flags if len(options) <= FEW else []
        return [*(s for s in sizes if len(set(s)) > 1), *shares]
    if any(isinstance(option, bool | str) for option in options):
        return flags
    values = np.array(options, np.float64)
    return [np.log(values) if (values > 0.0).all() else values]

"""How does a candidate become values? A space compiled to steps, in reading order.

Each step decides a choice or computes a place from what is known so far. The steps run
on one candidate, or on a matrix of them with an array per place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.plain_values import Value
from vidnas.arrays import Bools, Indices
from vidnas.space.language.expression import Alike, Expression
from vidnas.space.language.functions import code


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Alike):
    """A named decision.

    Args:
        name: Dotted path, such as `stage2.layer0.kernel`, or the name it was given.
        options: At least two different values.
        group: What crossover keeps together: `network`, `clip`, `stem`, `stage2`, ...
        gate: The depth that switches a layer on, such as `stage2.depth`, or "".
        layer: Number of the layer in its stage, from 0; -1 for other choices.
        when: Switches the choice on where it holds.
        path: Keys in the document that lead to it.
    """

    name: str
    options: tuple[Value, ...]
    group: str
    gate: str = ""
    layer: int = -1
    when: Expression | None = None
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Step(Alike):
    """A choice to decide (`choice` at least 0) or a place to compute."""

    name: str
    choice: int = -1
    expression: Expression | None = None
    gate: str = ""
    layer: int = -1


class _Table(NamedTuple):
    """What a place gets for each option of one choice."""

    choice: int
    values: NDArray[Any]


@dataclass(frozen=True)
class Program:
    """The choices of a space and the steps from a candidate to its values.

    Args:
        choices: In the order of a candidate.
        steps: In an order in which nothing is needed before it is known.
        constants: Places that depend on no choice.
        optional: Names of stages that some candidates leave out.
    """

    choices: tuple[Choice, ...]
    steps: tuple[Step, ...]
    constants: Mapping[str, Value]
    optional: frozenset[str] = frozenset()

    def values(self, indices: Sequence[int]) -> tuple[dict[str, Any], list[bool]]:
        """What every place gets, and which choices are active, for one candidate."""
        known: dict[str, Any] = dict(self.constants)
        active = [False] * len(self.choices)
        for step in self.steps:
            if step.layer >= 0 and step.layer >= known[step.gate]:
                continue
            if step.choice < 0:
                known[step.name] = step.expression.value(known)  # type: ignore[union-attr]
                continue
            choice = self.choices[step.choice]
            on = choice.when is None or bool(choice.when.value(known))
            active[step.choice] = on
            known[step.name] = choice.options[indices[step.choice] if on else 0]
        return known, active

    def values_many(self, matrix: Indices) -> tuple[dict[str, Any], Bools]:
        """The same for candidates `[N, C]`: arrays `[N]` (or scalars), flags `[N, C]`.

        Places of layers beyond a stage's depth hold values without a meaning.
        """
        known: dict[str, Any] = {n: code(v) for n, v in self.constants.items()}
        active = np.ones(matrix.shape, dtype=bool)
        for step in self.steps:
            table = self.tables.get(step.name)
            if table is not None:
                known[step.name] = table.values[matrix[:, table.choice]]
            if step.choice < 0:
                if table is None:
                    known[step.name] = step.expression.value(known)  # type: ignore[union-attr]
                continue
            choice = self.choices[step.choice]
            column = matrix[:, step.choice]
            if choice.when is not None:
                on = np.broadcast_to(choice.when.value(known), column.shape)
                active[:, step.choice] &= on.astype(bool)
                column = np.where(on, column, 0)
            if choice.layer >= 0:
                active[:, step.choice] &= choice.layer < known[choice.gate]
            if table is None:
                known[step.name] = np.array([code(o) for o in choice.options])[column]
        return known, active

    def canonical(self, indices: Sequence[int]) -> tuple[int, ...]:
        """The candidate with every inactive choice at 0."""
        _, active = self.values(indices)
        return tuple(
            index if on else 0 for index, on in zip(indices, active, strict=True)
        )

    def active(self, candidate: Sequence[int]) -> tuple[Choice, ...]:
        """The choices that shape this candidate's network."""
        _, flags = self.values(candidate)
        return tuple(c for c, on in zip(self.choices, flags, strict=True) if on)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Index in a candidate of each choice, by name."""
        return {choice.name: i for i, choice in enumerate(self.choices)}

    @cached_property
    def tables(self) -> "dict[str, _Table]":
        """By place, its value for every option of the one choice it depends on."""
        tables: dict[str, _Table] = {}
        for step in self.steps:
            if step.choice >= 0:
                choice = self.choices[step.choice]
                if choice.when is None:
                    options = np.array([code(option) for option in choice.options])
                    tables[step.name] = _Table(step.choice, options)
                continue
            assert step.expression is not None
            names = step.expression.names()
            of = {tables[name].choice if name in tables else -1 for name in names}
            if len(of) == 1 and (at := of.pop()) >= 0:
                values = step.expression.value({n: tables[n].values for n in names})
                tables[step.name] = _Table(at, np.asarray(values))
        return tables

    @cached_property
    def support(self) -> dict[str, frozenset[int]]:
        """The choices that each place depends on, through whatever stands between."""
        found: dict[str, frozenset[int]] = {
            name: frozenset() for name in self.constants
        }
        for step in self.steps:
            depends = frozenset[int]()
            if step.choice >= 0:
                depends |= {step.choice} | self.switches(
                    self.choices[step.choice], found
                )
            elif step.expression is not None:
                for name in step.expression.names():
                    depends |= found[name]
            found[step.name] = depends
        return found

    def switches(
        self, choice: Choice, support: Mapping[str, frozenset[int]]
    ) -> frozenset[int]:
        """The choices that decide whether one is active."""
        names = set(choice.when.names()) if choice.when is not None else set()
        if choice.gate:
            names.add(choice.gate)
        return frozenset().union(*(support[name] for name in names))

"""Can what is computed stand where it stands? Values are tried before any candidate.

Where few choices decide, all of their combinations are tried, otherwise a sample.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from vidnas.documents.suggestion import nearest
from vidnas.errors import PlacedError, SpaceError
from vidnas.space.compiling.program import Program
from vidnas.space.language.expression import Expression
from vidnas.space.language.value_kinds import ValueKind

COMBINATIONS = 4096  # of choices, all of which are tried
SAMPLES = 512  # of more combinations
_NAMED = 3  # choices whose values a message tells
_ROUNDING = " `round8`, `round_to`, `floor` and `ceil` give whole numbers."


@dataclass(frozen=True, slots=True)
class Demand:
    """What an expression must give.

    Args:
        expression: In full names.
        kind: The kind of value that it must give.
        path: Keys in the document that lead to it.
        label: The place as a person writes it.
        gate: A depth, such as `stage2.depth`, or "".
        layer: Asked only where the gate is above it.
        complaint: What is said instead of kind and value.
        remedy: A sentence that follows the complaint.
    """

    expression: Expression
    kind: ValueKind
    path: tuple[str | int, ...]
    label: str
    gate: str = ""
    layer: int = 0
    complaint: str = ""
    remedy: str = ""

    def refuse(self, got: Any, fault: str, where: str = "") -> PlacedError:
        """The error for a value that cannot stand there."""
        if self.complaint:
            told = f"{self.complaint}{where}. {self.remedy}"
            return PlacedError(told.rstrip(), self.path)
        hint = ""
        if self.kind.name == "word":
            hint = nearest(got, filter(None, self.kind.words))
        if self.kind.name == "whole" and isinstance(got, float) and got % 1:
            hint = _ROUNDING
        return PlacedError(
            f"`{self.label}` must be {fault}, got {_text(got)}{where}.{hint}",
            self.path,
        )


def check_demands(
    program: Program, demands: Iterable[Demand], rules: Sequence[Expression] = ()
) -> None:
    """Tries whether every demand is met by candidates that meet the rules.

    Args:
        program: Program of the space.
        demands: In the order of reading.
        rules: In full names; those about few choices count.

    Raises:
        PlacedError: a value cannot stand in its place, or cannot be computed.
    """
    seen: set[tuple[str, ValueKind, str, str]] = set()
    for demand in demands:
        asked = (repr(demand.expression), demand.kind, demand.gate, demand.complaint)
        if asked not in seen:  # of an earlier layer, which more candidates have
            _check(program, demand, rules)
        seen.add(asked)


def _check(program: Program, demand: Demand, rules: Sequence[Expression]) -> None:
    names = demand.expression.names() | ({demand.gate} - {""})
    part, tried, joined = part_computing(program, names), names, []
    for rule in rules:
        wider = tried | rule.names()
        if _share(program, names, rule.names()) and _small(program, wider):
            tried = wider
            joined.append((part_computing(program, rule.names()), rule))
    for row in rows_of(program, tried):
        indices = [row.get(at, 0) for at in range(len(program.choices))]
        try:
            values = part.values(indices)[0]
            if demand.gate and values[demand.gate] <= demand.layer:
                continue
            got = demand.expression.value(values)
        except SpaceError as wrong:
            raise PlacedError(str(wrong), demand.path) from wrong
        fault = demand.kind.fault(got)
        wrong_here = fault or (demand.complaint and not got)
        if wrong_here and all(_holds(*rule, indices) for rule in joined):
            behind = _support(program, demand.expression.names())
            raise demand.refuse(got, fault, _where(program, behind, values))


def _holds(part: Program, rule: Expression, indices: Sequence[int]) -> bool:
    """Whether a candidate may be there, for all that a rule says."""
    try:
        return bool(rule.value(part.values(indices)[0]))
    except SpaceError:
        return True  # said where the rule or what it needs is looked at


def rows_of(program: Program, names: Iterable[str]) -> Iterator[dict[int, int]]:
    """Options by choice: every combination that decides `names`, or a sample."""
    support = _support(program, names)
    sizes = [len(program.choices[at].options) for at in support]
    if math.prod(sizes) <= COMBINATIONS:
        for options in product(*map(range, sizes)):
            yield dict(zip(support, options, strict=True))
        return
    rng = np.random.default_rng(0)
    for _ in range(SAMPLES):
        yield {at: int(rng.integers(n)) for at, n in zip(support, sizes, strict=True)}


def count_of(program: Program, names: Iterable[str]) -> int:
    """Combinations of the choices that decide `names`; 0 if one is not computed."""
    if not all(name in program.support for name in names):
        return 0
    return math.prod(
        len(program.choices[at].options) for at in _support(program, names)
    )


def _share(program: Program, names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether the same choices decide both; facts of the network are decided by all."""
    if not count_of(program, others):
        return False
    return not set(_support(program, names)).isdisjoint(_support(program, others))


def _small(program: Program, names: Iterable[str]) -> bool:
    return count_of(program, names) <= COMBINATIONS


def _support(program: Program, names: Iterable[str]) -> list[int]:
    return sorted(frozenset[int]().union(*(program.support[name] for name in names)))


def part_computing(program: Program, names: Iterable[str]) -> Program:
    """The part of a program that computes `names`; its choices are all there."""
    wanted = set(names)
    steps = []
    for step in reversed(program.steps):
        if step.name not in wanted:
            continue
        steps.append(step)
        if step.expression is not None:
            wanted |= step.expression.names()
        elif (when := program.choices[step.choice].when) is not None:
            wanted |= when.names()
        if step.gate:
            wanted.add(step.gate)
    return Program(program.choices, tuple(reversed(steps)), program.constants)


def _where(program: Program, choices: list[int], values: Mapping[str, Any]) -> str:
    """` where `width` is 0.5`: the choices behind a value."""
    named = [program.choices[at].name for at in choices]
    if not named or len(named) > _NAMED:
        return ""
    told = (f"`{name}` is {_text(values[name])}" for name in named if name in values)
    return " where " + " and ".join(told)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"`{value}`" if isinstance(value, str) else str(value)

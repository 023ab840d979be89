"""Are two spaces the same, however they are written? Which networks, by which choices.

What a place gets is told by its value for every option of the choice behind it, or as
an expression where several decide. Choices have no names here: they are numbered as the
places of a network first meet them. Rules are told by the combinations that meet them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from vidnas.errors import PlacedError, SpaceError
from vidnas.space.compiling.program import Choice, Program
from vidnas.space.decoding import NETWORK_NAMES, Decoder
from vidnas.space.language.expression import (
    Call,
    Constant,
    Expression,
    Name,
    as_expression,
)
from vidnas.space.language.functions import code
from vidnas.space.language.names import FACTS
from vidnas.space.size import Counted

REACH = np.arange(1, 100_001)  # whatever `temporal_reach` may be


def meaning(program: Program, decoder: Decoder, rules: Mapping[str, Expression]) -> str:
    """What is equal where the same choices lead to the same networks.

    Args:
        program: Program of the space.
        decoder: Decoder that names the places of its networks.
        rules: In full names.
    """
    facts = _Meaning(program)
    places = [facts.of(name) for name in _places(decoder)]
    told = sorted(facts.rule(rule) for rule in _needed(program, decoder, rules))
    return _digest([decoder.block, places, told, facts.conditions])


def _places(decoder: Decoder) -> Iterator[str]:
    """The values that networks are made of, in one order."""
    for names in NETWORK_NAMES.values():
        yield from (name for _, name in names)
    for stage, widths, layers in zip(
        decoder.stages, decoder.widths, decoder.layers, strict=True
    ):
        yield f"{stage}.depth"
        for names in (widths, *layers):
            yield from (name for _, name in names)


class _Meaning:
    """Tells places and rules of one program; numbers choices as it meets them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps = {step.name: step for step in program.steps}
        self.conditions: list[Any] = []  # by number: when a choice is active
        self._numbers: dict[int, int] = {}  # by position in a candidate
        self._orders: dict[int, list[int]] = {}  # of options, by the same
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """What a place gets."""
        if name not in self._known:
            self._known[name] = _digest(self._told(name))
        return self._known[name]

    def _told(self, name: str) -> Any:
        program, table = self.program, self.program.tables.get(name)
        if name in program.constants:
            return _plain(code(program.constants[name]))
        step = self.steps[name]
        if table is None and step.expression is not None:
            return self._tree(step.expression)
        at = step.choice if table is None else table.choice
        options = map(code, program.choices[at].options)
        values = [*map(_plain, options if table is None else table.values.tolist())]
        number, order = self._number(at, values)
        return number, [values[n] for n in order]

    def _tree(self, expression: Expression) -> Any:
        if isinstance(expression, Name):
            known = expression.name in FACTS
            return expression.name if known else self.of(expression.name)
        if isinstance(expression, Constant):
            return _digest(_plain(code(expression.constant)))
        assert isinstance(expression, Call)
        return [expression.function, *map(self._tree, expression.arguments)]

    def _number(self, at: int, values: list[Any]) -> tuple[int, list[int]]:
        """Number of a choice, and its options from small to large where first met."""
        if at not in self._numbers:
            choice = self.program.choices[at]
            self._numbers[at] = len(self._numbers)
            first = 0 if choice.when is None else 1  # which holds while it is inactive
            told = [*zip(values, map(str, choice.options), strict=True)]
            rest = sorted(range(first, len(values)), key=lambda n: told[n])
            self._orders[at] = [*range(first), *rest]
            self.conditions.append(None)
            self.conditions[self._numbers[at]] = self._condition(choice)
        return self._numbers[at], self._orders[at]

    def _condition(self, choice: Choice) -> Any:
        when = None if choice.when is None else self._tree(choice.when)
        gate = (self.of(choice.gate), choice.layer) if choice.gate else None
        return len(choice.options), when, gate

    def rule(self, rule: Expression) -> str:
        """What a rule lets through: combinations of options, or itself."""
        tree = self._tree(rule)  # which numbers its choices
        counted = Counted(self.program, {"rule": rule})
        if not counted.decided:
            return _digest(tree)
        support = sorted(counted.support(rule), key=lambda at: self._numbers[at])
        held: Any = counted.holds(rule, support)
        for axis, at in reversed([*enumerate(support)]):
            held = held.take(self._orders[at], axis=axis)
            if (held == held.take([0], axis=axis)).all():  # it does not matter
                held = held.take(0, axis=axis)
                support.remove(at)
        numbers = [self._numbers[at] for at in support]
        return _digest([numbers, held.astype(int).ravel().tolist()])


def _needed(
    program: Program, decoder: Decoder, rules: Mapping[str, Expression]
) -> list[Expression]:
    """The rules, one condition each, without those that always hold."""
    depths = [Name(f"{stage}.depth") for stage in decoder.stages]
    layers = sum(depths[1:], as_expression(depths[0]))
    parts = [part for rule in rules.values() for part in _conditions(rule)]
    named = {
        str(n): part.rename({"layers": layers})
        for n, part in enumerate(parts)
        if not _always(part)
    }
    try:
        for name in list(named):
            counted = Counted(program, named)
            if name in counted.decided and counted.without(name) == counted.candidates:
                del named[name]
    except PlacedError:  # too many choices to count together: nothing more is known
        pass
    return list(named.values())


def _always(rule: Expression) -> bool:
    """Whether it holds for any `temporal_reach`, and asks nothing else."""
    try:
        known = {"temporal_reach": REACH}
        return rule.names() == known.keys() and bool(np.all(rule.value(known)))
    except SpaceError:
        return False


def _conditions(rule: Expression) -> Iterator[Expression]:
    """What `and` joins."""
    if isinstance(rule, Call) and rule.function == "and":
        for part in rule.arguments:
            yield from _conditions(part)
    else:
        yield rule


def _plain(value: Any) -> Any:
    """A number as an integer where it is one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _digest(facts: Any) -> str:
    text = json.dumps(facts, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""Are two spaces the same, however they are written? Which networks, by which choices.

What a place gets is told by its values for every combination of the choices behind it,
or as an expression where there are too many, and so are rules and conditions. Choices
have no names here: they are numbered as the places of a network first meet them.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.errors import PlacedError, SpaceError
from vidnas.space.compiling.computed_values import COMBINATIONS, part_computing
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
from vidnas.space.size import TOGETHER, Counted

REACH = np.arange(1, 100_001)  # whatever `temporal_reach` may be
EITHER_WAY = ("+", "*", "==", "!=", "and", "or", "min", "max")  # a, b or b, a


def meaning(program: Program, decoder: Decoder, rules: Mapping[str, Expression]) -> str:
    """What is equal where the same choices lead to the same networks.

    Args:
        program: Program of the space.
        decoder: Decoder that names the places of its networks.
        rules: Rules by name, all names in them in full.
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
            return [], [_plain(code(program.constants[name]))]
        if table is not None:
            return self._values([table.choice], table.values)
        step = self.steps[name]
        if step.expression is not None:
            return self._computed(step.expression, COMBINATIONS)
        options = map(code, program.choices[step.choice].options)
        return self._values([step.choice], np.array([*options]))

    def _computed(self, expression: Expression, most: int) -> Any:
        """Its values, or the expression itself where many choices decide."""
        support = sorted(Counted(self.program, {}).support(expression))
        sizes = [len(self.program.choices[at].options) for at in support]
        if math.prod(sizes) > most or not expression.names().isdisjoint(FACTS):
            return self._tree(expression)
        part = Counted(part_computing(self.program, expression.names()), {})
        return self._values(support, part.values(expression, support))

    def _values(self, support: list[int], values: NDArray[Any]) -> Any:
        """What is told of values with an axis of options for each choice behind them.

        Choices that do not matter are left out; new ones are numbered by what their
        options lead to, not by how they were written.
        """
        for axis in reversed(range(values.ndim)):
            if (values == values.take([0], axis=axis)).all():
                values = values.take(0, axis=axis)
                support = support[:axis] + support[axis + 1 :]
        led = {at: _led_to(values, axis) for axis, at in enumerate(support)}
        for at in sorted(support, key=lambda at: sorted(led[at])):
            self._number(at, led[at])
        numbers = [self._numbers[at] for at in support]
        for axis, at in enumerate(support):
            values = values.take(self._orders[at], axis=axis)
        plain = [*map(_plain, values.transpose(np.argsort(numbers)).ravel().tolist())]
        return sorted(numbers), plain

    def _tree(self, expression: Expression) -> Any:
        if isinstance(expression, Name):
            known = expression.name in FACTS
            return expression.name if known else self.of(expression.name)
        if isinstance(expression, Constant):
            return _digest(_plain(code(expression.constant)))
        assert isinstance(expression, Call)
        parts = [_digest(self._tree(part)) for part in expression.arguments]
        swapped = expression.function in EITHER_WAY
        return [expression.function, *(sorted(parts) if swapped else parts)]

    def _number(self, at: int, led: list[Any]) -> None:
        """Numbers a choice where it is first met, its options from small to large."""
        if at in self._numbers:
            return
        choice = self.program.choices[at]
        self._numbers[at] = len(self._numbers)
        first = 0 if choice.when is None else 1  # which holds while it is inactive
        told = [*zip(led, map(str, choice.options), strict=True)]
        rest = sorted(range(first, len(led)), key=lambda n: told[n])
        self._orders[at] = [*range(first), *rest]
        self.conditions.append(None)
        self.conditions[self._numbers[at]] = self._condition(choice)

    def _condition(self, choice: Choice) -> Any:
        when = None if choice.when is None else self._computed(choice.when, TOGETHER)
        gate = (self.of(choice.gate), choice.layer) if choice.gate else None
        return len(choice.options), when, gate

    def rule(self, rule: Expression) -> str:
        """What a rule lets through."""
        if rule.names() == {"temporal_reach"}:
            held = np.broadcast_to(rule.value({"temporal_reach": REACH}), REACH.shape)
            return _digest(["temporal_reach", np.packbits(held.astype(bool)).tolist()])
        return _digest(self._computed(rule, TOGETHER))


def _led_to(values: NDArray[Any], axis: int) -> list[Any]:
    """By option of one choice: what it leads to, whatever the others are."""
    options = range(values.shape[axis])
    return [sorted(values.take(n, axis=axis).ravel().tolist()) for n in options]


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
    """A flag or a number as an integer where it is one, others up to rounding."""
    if isinstance(value, bool | float):
        return int(value) if value == int(value) else round(value, 9)
    return value


def _digest(facts: Any) -> str:
    text = json.dumps(facts, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""How many candidates has a space, exactly? And can all of its conditions be met?

Choices that switch one another or share a rule are counted together, all others apart,
and the counts multiply. Where that would take too long, a share is estimated.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from vidnas.arrays import Bools, Indices
from vidnas.errors import PlacedError
from vidnas.space.compiling.program import Program
from vidnas.space.language.expression import Expression
from vidnas.space.language.names import FACTS
from vidnas.statistics.proportion import wilson

TOGETHER = 300_000  # combinations of choices that are counted together


@dataclass(frozen=True)
class Counted:
    """What is exact about the candidates of a program under rules.

    Args:
        program: Program of the space.
        rules: In full names.
    """

    program: Program
    rules: Mapping[str, Expression]

    @cached_property
    def candidates(self) -> int:
        """Number of canonical candidates that meet every rule in `decided`."""
        return math.prod(count for _, count in self._counts)

    @cached_property
    def decided(self) -> frozenset[str]:
        """Rules that the count covers; others concern too many choices."""
        return frozenset(
            name
            for name, rule in self.rules.items()
            if self._small(rule) and rule.names().isdisjoint(FACTS)
        )

    def check(self) -> None:
        """Refuses conditions that never hold, where that is decided by trying all.

        Raises:
            PlacedError: a `when` or a rule never holds, alone or with the others.
        """
        for component, count in self._counts:
            if count:
                continue
            names = [
                name
                for name in sorted(self.decided)
                if self.support(self.rules[name]) & component
            ]
            alone = [n for n in names if not self._holds_anywhere(self.rules[n])]
            if alone:
                raise PlacedError(
                    f"Rule `{alone[0]}` must hold for some candidate, it never does.",
                    ("rules", alone[0]),
                )
            for name in names:  # those without which the others contradict each other
                others = [n for n in names if n != name]
                names = names if self._count(component, others) else others
            raise PlacedError(
                f"Rules {', '.join(f'`{n}`' for n in names)} must hold together for "
                "some candidate, they never do.",
                ("rules", names[0]),
            )
        for choice in self.program.choices:
            if choice.when is not None and not self._holds_anywhere(choice.when):
                raise PlacedError(
                    f"`when` of `{choice.name}` must hold for some candidate, it never "
                    "does.",
                    (*choice.path, "when"),
                )

    def support(self, expression: Expression) -> frozenset[int]:
        """The choices that decide an expression."""
        support = self.program.support
        names = expression.names() - set(FACTS)
        return frozenset().union(*(support[name] for name in names))

    def _small(self, expression: Expression) -> bool:
        return self._combinations(self.support(expression)) <= TOGETHER

    def _combinations(self, choices: frozenset[int]) -> float:
        sizes = [float(len(self.program.choices[at].options)) for at in choices]
        return math.prod(sizes)

    def _holds_anywhere(self, expression: Expression) -> bool:
        if not self._small(expression) or not expression.names().isdisjoint(FACTS):
            return True  # not decided here
        return bool(self.holds(expression, sorted(self.support(expression))).any())

    def holds(self, expression: Expression, choices: list[int]) -> Bools:
        """Whether it holds, an axis of options for each of the choices that decide."""
        values, _ = self.program.values_many(self._all_of(choices))
        sizes = [len(self.program.choices[at].options) for at in choices]
        held = np.broadcast_to(expression.value(values), math.prod(sizes))
        return held.astype(bool).reshape(sizes)

    def _all_of(self, choices: list[int]) -> Indices:
        sizes = [range(len(self.program.choices[at].options)) for at in choices]
        matrix = np.zeros(
            (math.prod(map(len, sizes)), len(self.program.choices)), dtype=np.int64
        )
        if choices:
            matrix[:, choices] = np.array(list(product(*sizes)), dtype=np.int64)
        return matrix

    @cached_property
    def _counts(self) -> list[tuple[frozenset[int], int]]:
        return [(part, self._count(part, self.decided)) for part in self._components()]

    def without(self, left_out: str) -> int:
        """Number of candidates where one rule of `decided` were not there."""
        names = self.decided - {left_out}
        support = self.support(self.rules[left_out])
        return math.prod(
            self._count(part, names) if part & support else count
            for part, count in self._counts
        )

    def _count(self, component: frozenset[int], names: Iterable[str]) -> int:
        """Canonical assignments of choices that hang together, within these rules."""
        rules = [
            self.rules[name]
            for name in names
            if self.support(self.rules[name]) & component
        ]
        tried = sorted(self._deciding & component)
        left = sorted(component - set(tried))
        matrix = self._all_of(tried)
        values, active = self.program.values_many(matrix)
        # An inactive choice stands at 0: other rows repeat that one.
        valid = (active[:, tried] | (matrix[:, tried] == 0)).all(axis=1)
        for rule in rules:
            valid &= np.broadcast_to(rule.value(values), valid.shape).astype(bool)
        patterns, repeats = np.unique(
            active[valid][:, left], axis=0, return_counts=True
        )
        sizes = [len(self.program.choices[at].options) for at in left]
        return sum(
            int(times) * math.prod(s for s, on in zip(sizes, row, strict=True) if on)
            for row, times in zip(patterns, repeats, strict=True)
        )

    @cached_property
    def _deciding(self) -> frozenset[int]:
        """Choices that switch others, or that a counted rule is about."""
        found: frozenset[int] = frozenset()
        for choice in self.program.choices:
            found |= self.program.switches(choice, self.program.support)
        for name in self.decided:
            found |= self.support(self.rules[name])
        return found

    def _components(self) -> Iterator[frozenset[int]]:
        links = [
            frozenset({at}) | self.program.switches(choice, self.program.support)
            for at, choice in enumerate(self.program.choices)
        ]
        links += [self.support(self.rules[name]) for name in self.decided]
        parts: list[frozenset[int]] = []
        for link in links:
            apart = [part for part in parts if not part & link]
            joined = link.union(*(part for part in parts if part & link))
            parts = [*apart, joined]
        for part in parts:
            if self._combinations(self._deciding & part) > TOGETHER:
                raise PlacedError(
                    "Choices that switch one another or share rules must have at most "
                    f"{TOGETHER} combinations, got "
                    f"{self._combinations(self._deciding & part):.3g}.",
                    (),
                )
            yield part


@dataclass(frozen=True, slots=True)
class SpaceSize:
    """How many candidates there are: exactly, or with a 95 % interval.

    Args:
        count: The best estimate.
        low: Exact sizes have all three equal.
        high: Upper end; equal to `low` where the size is exact.
    """

    count: int
    low: int
    high: int

    @property
    def exact(self) -> bool:
        """Whether everything was counted."""
        return self.low == self.high


def estimated(whole: int, meeting: int, drawn: int) -> SpaceSize:
    """The size of a space of which `meeting` of `drawn` candidates meet the rules."""
    low, high = wilson(100.0 * meeting / drawn, drawn)
    scale = 10**9  # exact products of large integers and shares

    def share(percent: float) -> int:
        return whole * round(percent / 100.0 * scale) // scale

    return SpaceSize(share(100.0 * meeting / drawn), share(low), share(high))


def never_met(held: Mapping[str, Bools]) -> PlacedError:
    """The error for rules, flags `[N]` by name, that no candidate met: the fewest."""
    names, count = list(held), len(next(iter(held.values())))
    for name in held:
        others = [n for n in names if n != name]
        if others and not np.logical_and.reduce([held[n] for n in others]).any():
            names = others
    told = ", ".join(f"`{name}`" for name in names)
    rules, together = ("Rules", " together") if len(names) > 1 else ("Rule", "")
    return PlacedError(
        f"{rules} {told} must hold{together} for some candidate, of {count} that were "
        "drawn none did.",
        ("rules", names[0]),
    )

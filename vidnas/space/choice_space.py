"""What can be searched of a network that is the user's own code? Choices, nothing else.

A choice space has choices and conditions as every space has, so strategies draw, mutate
and cross its candidates. What a candidate becomes is not known: its identity is that of
its values, its cost what the user says (`vidnas.budgets.user_cost`).

A user's HyperModel is one, and so is any other discrete problem: `ChoiceSpace.of`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from vidnas.architecture.plain_values import Value, plain_number
from vidnas.arrays import Indices
from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.candidate_matrix import CandidateMatrix
from vidnas.space.compiling.program import Choice, Program, Step
from vidnas.space.identities import row_identities
from vidnas.space.language.expression import Expression
from vidnas.space.language.expression_text import parse_expression
from vidnas.space.variation import Variation


@dataclass(frozen=True)  # without slots: its identity is kept
class ChosenValues:
    """The values of a candidate, which is all that is known of its network.

    Args:
        values: Values of the active choices, by name.
    """

    values: Mapping[str, Any]

    @cached_property
    def arch_id(self) -> str:
        """Identity of the values: 16 hexadecimal digits."""
        text = json.dumps(dict(self.values), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ChoiceSpace:
    """A search space without architectures; see `read_hypermodel` and `of`.

    Args:
        name: Name for people.
        program: Its choices, and when they are active.
        names: Name of the hyperparameter that each choice is; two may share one.
        fixed: Name, value, and when it holds, of hyperparameters that are no choice.
        hyperparameters: Choices as plain data, from which the identity is taken.
    """

    name: str
    program: Program
    names: tuple[str, ...]
    fixed: tuple[tuple[str, Any, Expression | None], ...]
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        options: Mapping[str, Sequence[Value]],
        when: Mapping[str, str] | None = None,
    ) -> "ChoiceSpace":
        """A product of choices, as benchmarks have it; some may be conditional.

        Args:
            name: Name for people.
            options: At least two different values of each choice, numbers in order.
            when: Conditions of choices that not every candidate makes, by name, over
                choices before them: `{"layer2.kernel": "depth > 2"}`.

        Raises:
            SpaceError: a condition is of no choice, or over none before it.
        """
        listed = {key: list(map(plain_number, v)) for key, v in options.items()}
        told = dict(when or {})
        conditions = _conditions(tuple(options), told)
        choices = tuple(
            Choice(key, tuple(values), key, when=conditions.get(key))
            for key, values in listed.items()
        )
        steps = tuple(Step(choice.name, at) for at, choice in enumerate(choices))
        meaning: dict[str, Any] = {"name": name, "options": listed}
        return cls(
            name=name,
            program=Program(choices, steps, {}),
            names=tuple(options),
            fixed=(),
            hyperparameters=meaning | ({"when": told} if told else {}),
        )

    @cached_property
    def many(self) -> CandidateMatrix:
        """The candidates of this space, many at a time."""
        return CandidateMatrix(
            self.name, self.program, meets=_all_meet, identities=row_identities
        )

    @cached_property
    def _variation(self) -> Variation:
        return Variation(
            self.name,
            self.program,
            stage_names=(),  # nothing is a stage
            rules=(),
            meets=lambda candidate: True,
            identity=lambda candidate: candidate,
        )

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every decision with more than one option, in the order of a candidate."""
        return self.program.choices

    @cached_property
    def space_hash(self) -> str:
        """Identity of what a candidate means: 16 hexadecimal digits."""
        text = json.dumps(self.hyperparameters, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def values(self, candidate: Candidate) -> dict[str, Any]:
        """What the user's `build` gets: the active hyperparameters by name."""
        computed, flags = self.program.values(candidate)
        found = {
            name: value
            for name, value, when in self.fixed
            if when is None or when.value(computed)
        }
        for at, choice in enumerate(self.choices):
            if flags[at]:
                found[self.names[at]] = choice.options[candidate[at]]
        return found

    def candidate(self, values: Mapping[str, Any]) -> Candidate:
        """The candidate of these values, of a range the nearest option.

        Raises:
            SpaceError: a word is none of the options.
        """
        indices = [
            _index(choice, values.get(name, choice.options[0]))
            for choice, name in zip(self.choices, self.names, strict=True)
        ]
        return self.canonical(indices)

    def decode(self, candidate: Candidate) -> ChosenValues:
        """What is known of the candidate: its values."""
        return ChosenValues(self.values(candidate))

    def canonical(self, indices: Sequence[int]) -> Candidate:
        """The candidate with every inactive choice at 0."""
        return self.program.canonical(indices)

    def active(self, candidate: Candidate) -> tuple[Choice, ...]:
        """The choices that this candidate makes."""
        return self.program.active(candidate)

    def sample(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice."""
        return self._variation.sample(rng)

    def sample_coherent(self, rng: np.random.Generator) -> Candidate:
        """A candidate as `sample` draws it: nobody says which options are large."""
        return self._variation.sample(rng)

    def mutate(
        self, candidate: Candidate, rng: np.random.Generator, changes: int = 1
    ) -> Candidate:
        """A different candidate, by at least `changes` redraws.

        Raises:
            SpaceError: there is no choice.
        """
        return self._variation.mutate(candidate, rng, changes)

    def cross(
        self, first: Candidate, second: Candidate, rng: np.random.Generator
    ) -> Candidate:
        """A candidate with each choice from a parent, conditional ones with theirs."""
        # A number is drawn per choice, not per group as in `Variation`: searches that
        # were begun so must end so.
        from_first: dict[str, bool] = {}
        crossed = []
        for choice, mine, yours in zip(self.choices, first, second, strict=True):
            chosen = from_first.setdefault(choice.group, bool(rng.integers(2)))
            crossed.append(mine if chosen else yours)
        return self.canonical(crossed)


def _conditions(
    names: tuple[str, ...], when: Mapping[str, str]
) -> dict[str, Expression]:
    """Conditions of choices by name, each over choices before it."""
    found: dict[str, Expression] = {}
    for key, text in when.items():
        before = names[: names.index(key)] if key in names else ()
        found[key] = parse_expression(text)
        if not found[key].names() <= set(before) or not found[key].names():
            raise SpaceError(
                f"A condition must be of a choice and over choices before it, got "
                f"`{text}` for `{key}`."
            )
    return found


def _all_meet(matrix: Indices) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.ones(len(matrix), np.bool_)


def _index(choice: Choice, value: Any) -> int:
    if value in choice.options:
        return choice.options.index(value)
    if isinstance(value, bool | str) or isinstance(choice.options[0], bool | str):
        raise SpaceError(
            f"`{choice.name}` must be one of {', '.join(map(str, choice.options))}, "
            f"got {value}."
        )
    distances = [abs(value - option) for option in choice.options]
    return int(np.argmin(distances))

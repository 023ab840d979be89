"""What do strategies and budgets ask of a space? Candidates, whatever they become."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from vidnas.space.candidate import Candidate
from vidnas.space.candidate_matrix import CandidateMatrix
from vidnas.space.compiling.program import Choice, Program


class Searchable(Protocol):
    """A finite product of choices; `Space` and `ChoiceSpace` are two."""

    @property
    def name(self) -> str:
        """Name for people."""
        ...

    @property
    def space_hash(self) -> str:
        """Identity of what a candidate means: 16 hexadecimal digits."""
        ...

    @property
    def program(self) -> Program:
        """The choices, and when each is active."""
        ...

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every decision with more than one option, in the order of a candidate."""
        ...

    @property
    def many(self) -> CandidateMatrix:
        """The candidates, many at a time."""
        ...

    def decode(self, candidate: Candidate) -> Any:
        """What a candidate becomes: at least an `arch_id`, equal where networks are."""
        ...

    def canonical(self, indices: Sequence[int]) -> Candidate:
        """The candidate with every inactive choice at 0."""
        ...

    def active(self, candidate: Candidate) -> tuple[Choice, ...]:
        """The choices that shape this candidate."""
        ...

    def sample(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice, within the rules."""
        ...

    def sample_coherent(self, rng: np.random.Generator) -> Candidate:
        """A candidate whose choices are all small or all large, where that is known."""
        ...

    def mutate(
        self, candidate: Candidate, rng: np.random.Generator, changes: int = 1
    ) -> Candidate:
        """A candidate of another network, by at least `changes` redraws."""
        ...

    def cross(
        self, first: Candidate, second: Candidate, rng: np.random.Generator
    ) -> Candidate:
        """A candidate with each group of choices whole from either parent."""
        ...

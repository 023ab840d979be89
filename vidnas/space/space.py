"""Which architectures can be searched? A finite product of choices, as data.

A candidate is one option index per choice. Inactive choices, such as those of layers
beyond a stage's depth, stand at 0, so different candidates are different decisions.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import Columns
from vidnas.architecture.difference import first_difference
from vidnas.architecture.temporal_reach import temporal_reach
from vidnas.arrays import Bools, Indices
from vidnas.documents.rich_display import Displayed
from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.candidate_matrix import CandidateMatrix
from vidnas.space.compiling.compile import compile_space
from vidnas.space.compiling.program import Choice, Program
from vidnas.space.decoding import Decoder
from vidnas.space.encoding import find_candidate
from vidnas.space.identities import identities
from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Expression
from vidnas.space.language.names import FACTS
from vidnas.space.language.scaling import Coefficients, scaled_space
from vidnas.space.language.writer import document_hash, space_document
from vidnas.space.meaning import meaning
from vidnas.space.size import Counted, SpaceSize, estimated, never_met
from vidnas.space.variation import Variation

FEW, MANY = 256, 20_000  # candidates of which one must meet the rules


class Space(Displayed):
    """A search space: a declaration, compiled.

    `Space(name=..., clip=..., ...)` declares and compiles in one go.

    Args:
        declaration: What was declared: a `SpaceDeclaration`, or its fields in order.
        parts: Fields of the declaration by name.

    Raises:
        SpaceError: options are empty or repeated, a name is unknown or used nowhere, or
            a rule cannot be met.
    """

    def __init__(self, *declaration: Any, **parts: Any) -> None:
        if len(declaration) == 1 and isinstance(declaration[0], SpaceDeclaration):
            self.declaration = declaration[0]
        else:
            self.declaration = SpaceDeclaration(*declaration, **parts)
        self.counted.check()
        self._check_rules()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and (
            self.to_document() == other.to_document()
            or (self.name == other.name and self.meaning == other.meaning)
        )

    __hash__ = None  # type: ignore[assignment]  # as of everything that holds a mapping

    def __repr__(self) -> str:
        return f"<space {self.name}: {len(self.choices)} choices>"

    @property
    def name(self) -> str:
        """Name for people."""
        return self.declaration.name

    @cached_property
    def _compilation(self) -> tuple[Program, dict[str, Expression]]:
        return compile_space(self.declaration)

    @property
    def program(self) -> Program:
        """The steps from a candidate to its values."""
        return self._compilation[0]

    @property
    def resolved_rules(self) -> dict[str, Expression]:
        """The rules in full names, constants put in."""
        return self._compilation[1]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every decision with more than one option, in the order of a candidate."""
        return self.program.choices

    @property
    def positions(self) -> dict[str, int]:
        """Index in a candidate of each choice, by name."""
        return self.program.positions

    @cached_property
    def counted(self) -> Counted:
        """What is exact about the candidates."""
        return Counted(*self._compilation)

    @cached_property
    def decoder(self) -> Decoder:
        """What puts the values of a candidate together."""
        declared = self.declaration
        return Decoder(self.program, declared.stage_names, declared.block)

    @cached_property
    def many(self) -> CandidateMatrix:
        """The candidates of this space, many at a time."""
        return CandidateMatrix(
            self.name,
            self.program,
            meets=self._rows_meeting,
            identities=self.row_identities,
        )

    @cached_property
    def _variation(self) -> Variation:
        return Variation(
            self.name,
            self.program,
            self.declaration.stage_names,
            tuple(self.declaration.rules),
            self.meets,
            lambda candidate: self.decode(candidate).arch_id,
        )

    @property
    def space_hash(self) -> str:
        """Identity of what the indices of a candidate mean: 16 hexadecimal digits."""
        return self.hashes[0]

    @cached_property
    def hashes(self) -> tuple[str, str]:
        """The hash, and that of before 1 and 1.0 were alike."""
        document = self.to_document()
        document.pop("name")
        return document_hash(document), document_hash(document, as_written=True)

    @cached_property
    def meaning(self) -> str:
        """What is equal where spaces are the same, in whatever order and words."""
        return meaning(self.program, self.decoder, self.resolved_rules)

    def count(self) -> int:
        """Exact number of different candidates, where `size().exact`."""
        return self.counted.candidates

    def size(self, samples: int = 2000) -> SpaceSize:
        """Number of different candidates: counted, or estimated from samples.

        Counted are candidates that meet the rules on few choices; the share of them
        that meets the others is estimated.
        """
        whole = self.count()
        left = [n for n in self.declaration.rules if n not in self.counted.decided]
        if not left:
            return SpaceSize(whole, whole, whole)
        rng = np.random.default_rng(0)
        drawn = [self._variation.draw(rng) for _ in range(samples)]
        decided = [c for c in drawn if self.meets(c, self.counted.decided)]
        meeting = sum(self.meets(c, left) for c in decided)
        return estimated(whole, meeting, max(1, len(decided)))

    def meets(self, candidate: Candidate, names: Iterable[str] | None = None) -> bool:
        """Whether a candidate meets the rules, or those of them in `names`."""
        rules = self.resolved_rules
        if not rules:
            return True
        values, _ = self.program.values(candidate)
        for name in rules if names is None else names:
            rule = rules[name]
            if not rule.names().isdisjoint(FACTS):
                network = self.decoder.architecture(values)
                values["temporal_reach"] = network.temporal_reach
                values["layers"] = network.depth
            if not rule.value(values):
                return False
        return True

    def _rows_meeting(self, matrix: Indices) -> Bools:
        """`[N]`: which candidates meet every rule."""
        every = np.ones(len(matrix), np.bool_)
        for held in self.rules_met(matrix).values():
            every &= held
        return every

    def rules_met(self, matrix: Indices) -> dict[str, Bools]:
        """`[N]` by rule: which candidates `[N, C]` meet it."""
        if not self.resolved_rules:
            return {}
        values, _ = self.program.values_many(matrix)
        columns = self.decoder.columns(values, len(matrix))
        values["layers"] = columns.depth
        values["temporal_reach"] = temporal_reach(columns)
        return {
            name: np.broadcast_to(rule.value(values), len(matrix)).astype(bool)
            for name, rule in self.resolved_rules.items()
        }

    def columns(self, matrix: Indices) -> Columns:
        """The architectures of candidates `[N, C]`, a row each."""
        values, _ = self.program.values_many(matrix)
        return self.decoder.columns(values, len(matrix))

    def row_identities(self, matrix: Indices) -> NDArray[np.uint64]:
        """`[N]`: equal where architectures are; see `identities`."""
        return identities(self.columns(matrix))

    def sample(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice, depth included.

        Raises:
            SpaceError: no candidate met the rules in 1000 draws.
        """
        return self._variation.sample(rng)

    def sample_coherent(self, rng: np.random.Generator) -> Candidate:
        """A candidate whose choices are all small or all large together.

        One latent size places every choice, give or take a fifth of its options.
        Uniform samples gather at middling costs; these reach the ends of a space whose
        options are written from small to large.

        Raises:
            SpaceError: no candidate met the rules in 1000 draws.
        """
        return self._variation.sample_coherent(rng)

    def canonical(self, indices: Sequence[int]) -> Candidate:
        """The candidate with every inactive choice at 0."""
        return self.program.canonical(indices)

    def active(self, candidate: Candidate) -> tuple[Choice, ...]:
        """The choices that shape this candidate's network."""
        return self.program.active(candidate)

    def mutate(
        self, candidate: Candidate, rng: np.random.Generator, changes: int = 1
    ) -> Candidate:
        """A candidate with another architecture, by at least `changes` redraws.

        Redraws that cancel out are followed by more of them. A layer that becomes
        active copies the last layer of its stage.

        Raises:
            SpaceError: the space holds a single architecture.
        """
        return self._variation.mutate(candidate, rng, changes)

    def cross(
        self, first: Candidate, second: Candidate, rng: np.random.Generator
    ) -> Candidate:
        """A candidate with each of network, clip, stem, stages and head from a parent.

        Where no such mixture meets the rules, the first parent.
        """
        return self._variation.cross(first, second, rng)

    def scaled(self, **coefficients: float) -> "Space":
        """A larger or smaller space: `width`, `depth`, `resolution`, `frames` times."""
        return Space(scaled_space(self.declaration, Coefficients(**coefficients)))

    def decode(self, candidate: Candidate) -> Architecture:
        """The architecture of a candidate.

        Raises:
            SpaceError: the candidate has the wrong length or an unknown index.
        """
        self._check(candidate)
        values, _ = self.program.values(candidate)
        return self.decoder.architecture(values)

    def encode(self, architecture: Architecture) -> Candidate:
        """The candidate that decodes to this architecture.

        Raises:
            SpaceError: the space does not hold it; says which choice excludes it.
        """
        block = self.declaration.block
        if architecture.block != block:
            raise SpaceError(
                f"`block` must be {block} in space '{self.name}', got "
                f"{architecture.block}."
            )
        wanted = self.decoder.wanted(architecture)
        if not wanted:
            raise SpaceError(
                f"An architecture of space '{self.name}' must have "
                f"{self.decoder.stage_counts} stages, got {len(architecture.stages)}."
            )
        candidate = find_candidate(self.program, wanted, self.name)
        decoded = self.decode(candidate)
        if decoded != architecture:
            raise SpaceError(
                f"Space '{self.name}' does not hold the architecture: "
                f"{first_difference(decoded, architecture)}."
            )
        return candidate

    def to_document(self) -> dict[str, Any]:
        """The space as plain data, as its YAML file spells it."""
        return space_document(self.declaration)

    def _check_rules(self) -> None:
        """Refuses rules that none of many draws meets, where nothing was counted."""
        if self.counted.decided >= self.resolved_rules.keys():
            return
        rng, held = np.random.default_rng(0), dict[str, Bools]()
        for count in (FEW, MANY):
            held = self.rules_met(self.many.draw(rng, count))
            if np.logical_and.reduce([*held.values()]).any():
                return
        raise never_met(held)

    def _check(self, candidate: Candidate) -> None:
        if len(candidate) != len(self.choices):
            raise SpaceError(
                f"A candidate of space '{self.name}' must have {len(self.choices)} "
                f"indices, got {len(candidate)}."
            )
        for choice, index in zip(self.choices, candidate, strict=True):
            whole = isinstance(index, int | np.integer)
            if not (whole and 0 <= index < len(choice.options)):
                raise SpaceError(
                    f"`{choice.name}` must have an index from 0 to "
                    f"{len(choice.options) - 1} in space '{self.name}', got {index}."
                )

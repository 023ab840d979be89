"""Which architectures can be searched? A finite product of choices, as data.

A candidate is one option index per choice. Inactive choices, such as those of layers
beyond a stage's depth, stand at 0, so different candidates are different decisions.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.architecture import BLOCKS, Architecture
from vidnas.arrays import Indices
from vidnas.errors import PlacedError, SpaceError
from vidnas.space.candidate import Candidate, redraw
from vidnas.space.candidate_matrix import Many
from vidnas.space.compiling.compile import compile_space
from vidnas.space.compiling.program import Choice, Program
from vidnas.space.decoding import Decoder
from vidnas.space.encoding import find_candidate, first_difference
from vidnas.space.identities import identities
from vidnas.space.language.declaration import (
    ClipSpace,
    HeadSpace,
    StageSpace,
    StemSpace,
)
from vidnas.space.language.expression import Constant, Expression
from vidnas.space.language.names import FACTS, RESERVED
from vidnas.space.language.options import (
    Given,
    Options,
    Spec,
    as_spec,
    plain_spec,
    without_names,
)
from vidnas.space.language.places import PLACES
from vidnas.space.language.scaling import Coefficients, scaled_space
from vidnas.space.language.writer import space_document
from vidnas.space.size import Counted, SpaceSize, estimated

ATTEMPTS = 1000  # draws until one meets the rules


@dataclass(frozen=True)
class Space:
    """A search space; `search_spaces/*.yaml` spell the same in YAML.

    Every place takes a value, a choice (a tuple, `Options` or `choice(...)`) or an
    expression of choices and of places before it.

    Args:
        name: For people.
        clip: The input.
        stem: First convolution.
        stages: At least one.
        head: The classifier.
        activation: Of the network.
        block: What a layer is; see `Architecture`.
        convolution: Of the network.
        causal: Whether no layer sees a later frame.
        positional_encoding: Of causal networks.
        temporal_shift: Between frames.
        named: Choices under a name, tied wherever it appears. Those made by
            `choice(...)` need not be listed.
        derived: Expressions under a name.
        rules: What every candidate must meet, by name.

    Raises:
        SpaceError: options are empty or repeated, a name is unknown or used nowhere, or
            a rule cannot be met.
    """

    name: str
    clip: ClipSpace
    stem: StemSpace
    stages: tuple[StageSpace, ...]
    head: HeadSpace
    activation: Given = "swish"
    block: str = "movinet"
    convolution: Given = "3d"
    causal: Given = False
    positional_encoding: Given = False
    temporal_shift: Given = False
    named: Mapping[str, Given] = field(default_factory=dict)
    derived: Mapping[str, Expression] = field(default_factory=dict)
    rules: Mapping[str, Expression] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.stages:
            raise SpaceError(f"Space '{self.name}' must have at least one stage.")
        if self.block not in BLOCKS:
            raise SpaceError(
                f"`block` must be one of {', '.join(BLOCKS)}, got `{self.block}`."
            )
        self._normalise()
        for name in (*self.named, *self.derived):
            if name in RESERVED or not name.isidentifier():
                raise PlacedError(
                    f"A choice must have a name that is no word of the language, got "
                    f"`{name}`.",
                    ("choices", name),
                )
        self.counted.check()

    def _normalise(self) -> None:
        """Short spellings become specs, named choices are collected in `named`."""
        found: dict[str, Options] = {}
        for name, given in self.named.items():
            found[name] = _options(name, as_spec(given))
        plain: dict[str, Any] = {
            "derived": {n: without_names(e, found) for n, e in self.derived.items()}
        }
        for name in PLACES["network"]:
            plain[name] = plain_spec(as_spec(getattr(self, name)), found)
        for name in ("clip", "stem"):
            plain[name] = getattr(self, name).plain(found)
        plain["stages"] = tuple(stage.plain(found) for stage in self.stages)
        plain["head"] = self.head.plain(found)
        plain["rules"] = {n: without_names(e, found) for n, e in self.rules.items()}
        plain["named"] = found
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    @cached_property
    def stage_names(self) -> tuple[str, ...]:
        """What the stages are called in names of choices and in expressions."""
        return tuple(
            stage.name or f"stage{number}"
            for number, stage in enumerate(self.stages, start=1)
        )

    def specs(self) -> dict[str, Spec]:
        """What stands in the places of the network itself."""
        return {name: getattr(self, name) for name in PLACES["network"]}

    @cached_property
    def _compiled(self) -> tuple[Program, dict[str, Expression]]:
        return compile_space(self)

    @property
    def resolved_rules(self) -> dict[str, Expression]:
        """The rules in full names, constants put in."""
        return self._compiled[1]

    @cached_property
    def many(self) -> Many:
        """The candidates of this space, many at a time."""
        return Many(self)

    @property
    def program(self) -> Program:
        """The steps from a candidate to its values."""
        return self._compiled[0]

    @cached_property
    def counted(self) -> Counted:
        """What is exact about the candidates."""
        return Counted(*self._compiled)

    @cached_property
    def decoder(self) -> Decoder:
        """Puts values together."""
        return Decoder(self.program, self.stage_names, self.block)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every decision with more than one option, in the order of a candidate."""
        return self.program.choices

    @property
    def positions(self) -> dict[str, int]:
        """Index in a candidate of each choice, by name."""
        return self.program.positions

    @cached_property
    def space_hash(self) -> str:
        """Identity of what a candidate means: 16 hexadecimal digits."""
        facts = self.to_document()
        facts.pop("name")
        for part in (facts, *facts["stages"]):
            if "choices" in part:  # whose order is that of a candidate
                part["choices"] = list(part["choices"].items())
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def count(self) -> int:
        """Exact number of different candidates, where `size().exact`."""
        return self.counted.candidates

    def size(self, samples: int = 2000) -> SpaceSize:
        """Number of different candidates: counted, or estimated from samples.

        Counted are candidates that meet the rules on few choices; the share of them
        that meets the others is estimated.
        """
        whole = self.count()
        left = [n for n in self.rules if n not in self.counted.decided]
        if not left:
            return SpaceSize(whole, whole, whole)
        rng = np.random.default_rng(0)
        drawn = [self._drawn(rng) for _ in range(samples)]
        decided = [c for c in drawn if self.meets(c, self.counted.decided)]
        meeting = sum(self.meets(c, left) for c in decided)
        return estimated(whole, meeting, max(1, len(decided)))

    def row_identities(self, matrix: Indices) -> NDArray[np.uint64]:
        """`[N]`: equal where architectures are; see `identities`."""
        return identities(self.many.columns(matrix))

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

    def sample(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice, depth included.

        Raises:
            SpaceError: no candidate met the rules in 1000 draws.
        """
        return self._first_meeting(lambda: self._drawn(rng))

    def sample_coherent(self, rng: np.random.Generator) -> Candidate:
        """A candidate whose choices are all small or all large together.

        One latent size places every choice, give or take a fifth of its options.
        Uniform samples gather at middling costs; these reach the ends of a space whose
        options are written from small to large.

        Raises:
            SpaceError: no candidate met the rules in 1000 draws.
        """

        def drawn() -> Candidate:
            size = rng.random()
            places = rng.normal(size, 0.2, size=len(self.choices)).clip(0.0, 1.0)
            return self.canonical(
                [
                    round(float(place) * (len(choice.options) - 1))
                    for place, choice in zip(places, self.choices, strict=True)
                ]
            )

        return self._first_meeting(drawn)

    def _drawn(self, rng: np.random.Generator) -> Candidate:
        drawn = [int(rng.integers(len(choice.options))) for choice in self.choices]
        return self.canonical(drawn)

    def _first_meeting(self, draw: Callable[[], Candidate]) -> Candidate:
        for _ in range(ATTEMPTS):
            candidate = draw()
            if self.meets(candidate):
                return candidate
        raise SpaceError(
            f"No candidate of space '{self.name}' met the rules "
            f"{', '.join(f'`{name}`' for name in self.rules)} in {ATTEMPTS} draws."
        )

    def canonical(self, indices: Sequence[int]) -> Candidate:
        """The candidate with every inactive choice at 0."""
        _, active = self.program.values(indices)
        return tuple(
            index if on else 0 for index, on in zip(indices, active, strict=True)
        )

    def active(self, candidate: Candidate) -> tuple[Choice, ...]:
        """The choices that shape this candidate's network."""
        _, flags = self.program.values(candidate)
        return tuple(c for c, on in zip(self.choices, flags, strict=True) if on)

    def mutate(
        self, candidate: Candidate, rng: np.random.Generator, changes: int = 1
    ) -> Candidate:
        """A candidate with another architecture, by at least `changes` redraws.

        Redraws that cancel out are followed by more of them. A layer that becomes
        active copies the last layer of its stage.

        Raises:
            SpaceError: the space holds a single architecture.
        """
        if not self.choices:
            raise SpaceError(f"Space '{self.name}' holds one architecture only.")
        before = self.decode(candidate).arch_id
        mutated = candidate
        for redraws in range(1, changes + ATTEMPTS):
            redrawn = redraw(self, mutated, rng)
            if not self.meets(redrawn):
                continue
            mutated = redrawn
            if redraws >= changes and self.decode(mutated).arch_id != before:
                return mutated
        raise SpaceError(
            f"No mutation of {candidate} changed the architecture in {ATTEMPTS} "
            f"redraws in space '{self.name}'."
        )

    def cross(
        self, first: Candidate, second: Candidate, rng: np.random.Generator
    ) -> Candidate:
        """A candidate with each of network, clip, stem, stages and head from a parent.

        Where no such mixture meets the rules, the first parent.
        """
        for _ in range(ATTEMPTS if self.rules else 1):
            from_first: dict[str, bool] = {}
            crossed = []
            for choice, mine, yours in zip(self.choices, first, second, strict=True):
                if choice.group not in from_first:
                    from_first[choice.group] = bool(rng.integers(2))
                crossed.append(mine if from_first[choice.group] else yours)
            candidate = self.canonical(crossed)
            if self.meets(candidate):
                return candidate
        return first

    def scaled(self, **coefficients: float) -> "Space":
        """A larger or smaller space: `width`, `depth`, `resolution`, `frames` times."""
        return scaled_space(self, Coefficients(**coefficients))

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
        if architecture.block != self.block:
            raise SpaceError(
                f"`block` must be {self.block} in space '{self.name}', got "
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

    find = encode

    def to_document(self) -> dict[str, Any]:
        """The space as plain data, as its YAML file spells it."""
        return space_document(self)

    def _check(self, candidate: Candidate) -> None:
        if len(candidate) != len(self.choices):
            raise SpaceError(
                f"A candidate of space '{self.name}' must have {len(self.choices)} "
                f"indices, got {len(candidate)}."
            )
        for choice, index in zip(self.choices, candidate, strict=True):
            if not 0 <= index < len(choice.options):
                raise SpaceError(
                    f"`{choice.name}` must have an index from 0 to "
                    f"{len(choice.options) - 1} in space '{self.name}', got {index}."
                )


def _options(name: str, spec: Spec) -> Options:
    if isinstance(spec, Options):
        return spec
    if isinstance(spec, Constant):
        return Options((spec.constant,))
    raise PlacedError(
        f"Choice `{name}` must offer options, got an expression. Expressions are "
        "`derived`.",
        ("choices", name),
    )

"""Which architectures can be searched? A finite product of choices, as data.

A candidate is one option index per choice. Choices of layers beyond a stage's depth
are inactive and stand at 0, and options that round to the same width are one option,
so different candidates are different lists of stages.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from vidnas.core.architecture import Architecture
from vidnas.core.choices import Choice, ClipSpace, HeadSpace, StageSpace, StemSpace
from vidnas.core.errors import SpaceError
from vidnas.core.kernel import round8
from vidnas.core.parts import Clip, Head, Layer, Stage, Stem
from vidnas.core.trial import Candidate

SPACE_SCHEMA = "vidnas.space/v1"


@dataclass(frozen=True)
class Space:
    """A search space; `search_spaces/*.yaml` spell the same in YAML.

    Raises:
        SpaceError: options are empty or repeated.
    """

    name: str
    clip: ClipSpace
    stem: StemSpace
    stages: tuple[StageSpace, ...]
    head: HeadSpace
    activation: str = "swish"

    def __post_init__(self) -> None:
        for name, options in self._all_options():
            if not options:
                raise SpaceError(
                    f"`{name}` must offer at least one option, got none in space "
                    f"'{self.name}'."
                )
            if len(set(options)) != len(options):
                raise SpaceError(
                    f"Options of `{name}` must differ, got {options} in space "
                    f"'{self.name}'."
                )
        if not self.stages:
            raise SpaceError(f"Space '{self.name}' must have at least one stage.")

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """Every decision with more than one option, in the order of a candidate."""
        return tuple(c for c in self._decisions() if len(c.options) > 1)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Index in a candidate of each choice, by name."""
        return {choice.name: i for i, choice in enumerate(self.choices)}

    @property
    def space_hash(self) -> str:
        """Identity of what a candidate means: 16 hexadecimal digits."""
        facts = self.to_document()
        facts.pop("name")
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def count(self) -> int:
        """Exact number of different candidates."""
        total = len(self.clip.frames) * len(self.clip.resolution)
        total *= len(self.stem.width.options) * len(self.head.width.options)
        for stage in self.stages:
            per_layer = len(stage.kernel) * len(stage.expand_widths)
            per_stage = len(stage.width.options) * len(stage.squeeze_excite)
            total *= per_stage * sum(per_layer**depth for depth in stage.depth)
        return total

    def sample(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice, depth included."""
        drawn = [int(rng.integers(len(choice.options))) for choice in self.choices]
        return self.canonical(drawn)

    def sample_coherent(self, rng: np.random.Generator) -> Candidate:
        """A candidate whose choices are all small or all large together.

        One latent size places every choice, give or take a fifth of its options.
        Uniform samples gather at middling costs; these reach the ends of a space whose
        options are written from small to large.
        """
        size = rng.random()
        places = np.clip(rng.normal(size, 0.2, size=len(self.choices)), 0.0, 1.0)
        return self.canonical(
            [
                round(float(place) * (len(choice.options) - 1))
                for place, choice in zip(places, self.choices, strict=True)
            ]
        )

    def canonical(self, indices: Sequence[int]) -> Candidate:
        """The candidate with every inactive choice at 0."""
        active = self._activity(indices)
        return tuple(
            index if on else 0 for index, on in zip(indices, active, strict=True)
        )

    def active(self, candidate: Candidate) -> tuple[Choice, ...]:
        """The choices that shape this candidate's network."""
        flags = self._activity(candidate)
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
        for redraws in range(1, changes + 1000):
            mutated = self._redraw(mutated, rng)
            if redraws >= changes and self.decode(mutated).arch_id != before:
                return mutated
        raise SpaceError(
            f"No mutation of {candidate} changed the architecture in 1000 redraws in "
            f"space '{self.name}'."
        )

    def cross(
        self, first: Candidate, second: Candidate, rng: np.random.Generator
    ) -> Candidate:
        """A candidate with each of clip, stem, stages and head from either parent."""
        from_first: dict[str, bool] = {}
        crossed = []
        for choice, mine, yours in zip(self.choices, first, second, strict=True):
            if choice.group not in from_first:
                from_first[choice.group] = bool(rng.integers(2))
            crossed.append(mine if from_first[choice.group] else yours)
        return self.canonical(crossed)

    def decode(self, candidate: Candidate) -> Architecture:
        """The architecture of a candidate.

        Raises:
            SpaceError: the candidate has the wrong length or an unknown index.
        """
        self._check(candidate)

        def chosen(name: str, options: tuple[Any, ...]) -> Any:
            if len(options) == 1:
                return options[0]
            return options[candidate[self.positions[name]]]

        stages = []
        for s, stage in enumerate(self.stages, start=1):
            name = f"stage{s}"
            excited = chosen(f"{name}.squeeze_excite", stage.squeeze_excite)
            layers = []
            for n in range(chosen(f"{name}.depth", stage.depth)):
                expand = chosen(f"{name}.layer{n}.expand", stage.expand_widths)
                layers.append(
                    Layer(
                        expand_width=expand,
                        kernel=chosen(f"{name}.layer{n}.kernel", stage.kernel),
                        stride=stage.stride if n == 0 else 1,
                        squeeze_excite=round8(0.25 * expand) if excited else 0,
                    )
                )
            width = chosen(f"{name}.width", stage.width.options)
            stages.append(Stage(width, tuple(layers)))
        return Architecture(
            clip=Clip(
                chosen("clip.frames", self.clip.frames),
                chosen("clip.resolution", self.clip.resolution),
                self.clip.frame_stride,
            ),
            stem=Stem(
                chosen("stem.width", self.stem.width.options),
                self.stem.kernel,
                self.stem.stride,
            ),
            stages=tuple(stages),
            head=Head(chosen("head.width", self.head.width.options), self.head.hidden),
            activation=self.activation,
        )

    def encode(self, architecture: Architecture) -> Candidate:
        """The candidate that decodes to this architecture.

        Raises:
            SpaceError: the space does not hold it; says which choice excludes it.
        """
        values = _described(architecture)
        indices = []
        for choice in self.choices:
            value = values.get(choice.name)
            if value is None:  # a layer beyond the depth
                indices.append(0)
            elif value in choice.options:
                indices.append(choice.options.index(value))
            else:
                raise SpaceError(
                    f"`{choice.name}` must be one of "
                    f"{', '.join(map(str, choice.options))} in space '{self.name}', "
                    f"got {value}."
                )
        candidate = self.canonical(indices)
        decoded = self.decode(candidate)
        if decoded != architecture:
            raise SpaceError(
                f"Space '{self.name}' does not hold the architecture: "
                f"{_first_difference(decoded, architecture)}."
            )
        return candidate

    def to_document(self) -> dict[str, Any]:
        """The space as plain data, as its YAML file spells it."""
        return {
            "schema": SPACE_SCHEMA,
            "name": self.name,
            "clip": self.clip.to_document(),
            "stem": self.stem.to_document(),
            "stages": [stage.to_document() for stage in self.stages],
            "head": self.head.to_document(),
            "activation": self.activation,
        }

    def _all_options(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        yield "clip.frames", self.clip.frames
        yield "clip.resolution", self.clip.resolution
        yield "stem.width", self.stem.width.multipliers
        yield "head.width", self.head.width.multipliers
        for s, stage in enumerate(self.stages, start=1):
            yield f"stage{s}.width", stage.width.multipliers
            yield f"stage{s}.depth", stage.depth
            yield f"stage{s}.kernel", stage.kernel
            yield f"stage{s}.expand", stage.expand
            yield f"stage{s}.squeeze_excite", stage.squeeze_excite

    def _decisions(self) -> Iterator[Choice]:
        yield Choice("clip.frames", self.clip.frames, "clip")
        yield Choice("clip.resolution", self.clip.resolution, "clip")
        yield Choice("stem.width", self.stem.width.options, "stem")
        for s, stage in enumerate(self.stages, start=1):
            name = f"stage{s}"
            yield Choice(f"{name}.width", stage.width.options, name)
            yield Choice(f"{name}.depth", stage.depth, name)
            yield Choice(f"{name}.squeeze_excite", stage.squeeze_excite, name)
            gate = f"{name}.depth"
            for n in range(max(stage.depth)):
                layer = f"{name}.layer{n}"
                yield Choice(f"{layer}.kernel", stage.kernel, name, gate, n)
                yield Choice(f"{layer}.expand", stage.expand_widths, name, gate, n)
        yield Choice("head.width", self.head.width.options, "head")

    def _activity(self, indices: Sequence[int]) -> list[bool]:
        flags = []
        for choice in self.choices:
            depth_at = self.positions.get(choice.gate)
            if depth_at is None:  # not gated, or by a depth with a single option
                flags.append(True)
            else:
                depth = self.choices[depth_at].options[indices[depth_at]]
                flags.append(choice.layer < depth)
        return flags

    def _redraw(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        flags = self._activity(candidate)
        at = int(rng.choice([i for i, on in enumerate(flags) if on]))
        choice = self.choices[at]
        others = [i for i in range(len(choice.options)) if i != candidate[at]]
        changed = list(candidate)
        changed[at] = int(rng.choice(others))
        if choice.name.endswith(".depth"):
            self._copy_last_layer(changed, choice, choice.options[candidate[at]])
        return self.canonical(changed)

    def _copy_last_layer(self, indices: list[int], depth: Choice, before: int) -> None:
        """Layers of the stage from `before` on take the options of the last one."""
        for i, choice in enumerate(self.choices):
            if choice.gate == depth.name and choice.layer >= before:
                kind = choice.name.rsplit(".", 1)[1]
                last = f"{choice.group}.layer{before - 1}.{kind}"
                indices[i] = indices[self.positions[last]]

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


def _described(architecture: Architecture) -> dict[str, Any]:
    """What each choice would have to be, by its name."""
    values: dict[str, Any] = {
        "clip.frames": architecture.clip.frames,
        "clip.resolution": architecture.clip.resolution,
        "stem.width": architecture.stem.width,
        "head.width": architecture.head.project_width,
    }
    for s, stage in enumerate(architecture.stages, start=1):
        values[f"stage{s}.width"] = stage.width
        values[f"stage{s}.depth"] = len(stage.layers)
        values[f"stage{s}.squeeze_excite"] = any(
            layer.squeeze_excite for layer in stage.layers
        )
        for n, layer in enumerate(stage.layers):
            values[f"stage{s}.layer{n}.kernel"] = layer.kernel
            values[f"stage{s}.layer{n}.expand"] = layer.expand_width
    return values


def _first_difference(ours: Architecture, theirs: Architecture) -> str:
    mine, yours = ours.to_document(), theirs.to_document()
    for key in mine:
        if mine[key] != yours.get(key):
            if key == "stages" and len(mine[key]) != len(yours[key]):
                return f"it has {len(yours[key])} stages, the space {len(mine[key])}"
            if key == "stages":
                number = next(
                    i
                    for i, (a, b) in enumerate(zip(mine[key], yours[key], strict=True))
                    if a != b
                )
                return f"stage {number + 1} is {yours[key][number]}"
            return f"its `{key}` is {yours.get(key)}, the space's {mine[key]}"
    return f"it has {sorted(set(yours) - set(mine))}"

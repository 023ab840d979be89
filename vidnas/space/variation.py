"""How are candidates drawn, changed and crossed, one at a time?

`CandidateMatrix` does the same with many at once: each of its rows is a candidate.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate, redraw
from vidnas.space.compiling.program import Program

ATTEMPTS = 1000  # draws until one meets the rules, redraws until one changes a network


@dataclass(frozen=True, slots=True)
class Variation:
    """Draws, changes and crosses the candidates of a space.

    Args:
        name: Name of the space, for messages.
        program: The space's choices.
        stage_names: Names of its stages, whose layers are copied as depths grow.
        rules: Names of its rules.
        meets: Whether a candidate meets them.
        identity: What is equal where candidates are one network.
    """

    name: str
    program: Program
    stage_names: tuple[str, ...]
    rules: tuple[str, ...]
    meets: Callable[[Candidate], bool]
    identity: Callable[[Candidate], object]

    def sample(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice, depth included.

        Raises:
            SpaceError: no candidate met the rules in 1000 draws.
        """
        return self._first_meeting(lambda: self.draw(rng))

    def sample_coherent(self, rng: np.random.Generator) -> Candidate:
        """A candidate whose choices are all small or all large together.

        Raises:
            SpaceError: no candidate met the rules in 1000 draws.
        """
        choices = self.program.choices

        def draw() -> Candidate:
            size = rng.random()
            positions = rng.normal(size, 0.2, size=len(choices)).clip(0.0, 1.0)
            return self.program.canonical(
                [
                    round(float(position) * (len(choice.options) - 1))
                    for position, choice in zip(positions, choices, strict=True)
                ]
            )

        return self._first_meeting(draw)

    def draw(self, rng: np.random.Generator) -> Candidate:
        """A candidate drawn uniformly per choice, rules aside."""
        choices = self.program.choices
        return self.program.canonical(
            [int(rng.integers(len(choice.options))) for choice in choices]
        )

    def mutate(
        self, candidate: Candidate, rng: np.random.Generator, changes: int
    ) -> Candidate:
        """A candidate of another network, by at least `changes` redraws.

        Raises:
            SpaceError: the space has no choice, or no redraw changed the network.
        """
        if not self.program.choices:
            raise SpaceError(f"Space '{self.name}' holds one architecture only.")
        before = self.identity(candidate)
        mutated = candidate
        for redraws in range(1, changes + ATTEMPTS):
            redrawn = redraw(self.program, self.stage_names, mutated, rng)
            if not self.meets(redrawn):
                continue
            mutated = redrawn
            if redraws >= changes and self.identity(mutated) != before:
                return mutated
        raise SpaceError(
            f"No mutation of {candidate} changed the architecture in {ATTEMPTS} "
            f"redraws in space '{self.name}'."
        )

    def cross(
        self, first: Candidate, second: Candidate, rng: np.random.Generator
    ) -> Candidate:
        """A candidate with each group of choices whole from either parent.

        Where no such mixture meets the rules, the first parent.
        """
        for _ in range(ATTEMPTS if self.rules else 1):
            from_first: dict[str, bool] = {}
            crossed = []
            choices = self.program.choices
            for choice, mine, yours in zip(choices, first, second, strict=True):
                if choice.group not in from_first:
                    from_first[choice.group] = bool(rng.integers(2))
                crossed.append(mine if from_first[choice.group] else yours)
            candidate = self.program.canonical(crossed)
            if self.meets(candidate):
                return candidate
        return first

    def _first_meeting(self, draw: Callable[[], Candidate]) -> Candidate:
        for _ in range(ATTEMPTS):
            candidate = draw()
            if self.meets(candidate):
                return candidate
        raise SpaceError(
            f"No candidate of space '{self.name}' met the rules "
            f"{', '.join(f'`{name}`' for name in self.rules)} in {ATTEMPTS} draws."
        )

"""How are a hundred thousand candidates handled? As rows of one matrix of indices.

What `Variation` does for a candidate is done here for `[N, C]` candidates of C choices
at once: a strategy that weighs thousands of candidates for each proposal works here.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.arrays import Bools, Indices, Ints
from vidnas.errors import SpaceError
from vidnas.space.compiling.program import Program

ROUNDS = 200  # of drawing again what breaks a rule or changes nothing


class CandidateMatrix:
    """The candidates of a space, many at a time; `Space.many`.

    Args:
        name: Name of the space, for messages.
        program: The space's choices.
        meets: `[N]`: which of the candidates `[N, C]` meet every rule.
        identities: `[N]`: equal where networks are, and different almost surely
            elsewhere.
    """

    def __init__(
        self,
        name: str,
        program: Program,
        *,
        meets: Callable[[Indices], Bools],
        identities: Callable[[Indices], NDArray[np.uint64]],
    ) -> None:
        self._name = name
        self._program = program
        self.meets = meets
        self.identities = identities
        sizes = [len(choice.options) for choice in program.choices]
        self.sizes: Indices = np.array(sizes, np.int64)

    def sample(self, rng: np.random.Generator, count: int) -> Indices:
        """`[count, C]`: canonical candidates, uniform per choice, within the rules.

        Raises:
            SpaceError: too few candidates met the rules.
        """
        rows = self.canonical(self.draw(rng, count))
        missing = ~self.meets(rows)
        for _ in range(ROUNDS):
            if not missing.any():
                return rows
            where = np.flatnonzero(missing)
            rows[where] = self.canonical(self.draw(rng, len(where)))
            missing[where] = ~self.meets(rows[where])
        raise SpaceError(
            f"Candidates of space '{self._name}' must meet its rules, "
            f"{int(missing.sum())} of {count} did not in {ROUNDS} draws."
        )

    def sample_coherent(self, rng: np.random.Generator, count: int) -> Indices:
        """`[count, C]`: all choices of each small or large together; rules aside."""
        size = rng.random((count, 1))
        positions = rng.normal(size, 0.2, (count, len(self.sizes))).clip(0.0, 1.0)
        return self.canonical(np.rint(positions * (self.sizes - 1)).astype(np.int64))

    def sample_stratified(
        self,
        rng: np.random.Generator,
        count: int,
        price: Callable[[Indices], Ints],
        bands: int = 10,
    ) -> Indices:
        """`[count, C]`: equal shares over bands of the logarithm of a price.

        Uniform candidates gather at middling costs. These are taken band by band from
        a pool fifty times as large, half of it coherent; the bands reach from the
        cheapest to the dearest candidate of the pool.

        Args:
            rng: The only source of randomness.
            count: Candidates wanted.
            price: Cost `[N]` of candidates `[N, C]`, above 0.
            bands: How many bands of equal width in the logarithm.

        Raises:
            SpaceError: too few candidates met the rules.
        """
        half = 25 * count
        pool = np.concatenate([self.sample(rng, half), self.sample_coherent(rng, half)])
        pool = pool[self.meets(pool)]
        logs = np.log(price(pool))
        edges = np.linspace(logs.min(), logs.max(), bands + 1)
        band = np.clip(np.searchsorted(edges, logs, "right") - 1, 0, bands - 1)
        order = rng.permutation(len(pool))
        # How many of its band were taken before each: the first of every band, then
        # the second, until there are enough.
        rank = np.zeros(len(pool), np.int64)
        for number in range(bands):
            members = order[band[order] == number]
            rank[members] = np.arange(len(members))
        taken = order[np.argsort(rank[order], kind="stable")][:count]
        return pool[taken]

    def draw(self, rng: np.random.Generator, count: int) -> Indices:
        """`[count, C]`: uniform per choice, inactive ones too; rules aside."""
        return rng.integers(self.sizes, size=(count, len(self.sizes)))

    def canonical(self, matrix: Indices) -> Indices:
        """`[N, C]`: the same with every inactive choice at 0."""
        return np.where(self.active(matrix), matrix, 0)

    def active(self, matrix: Indices) -> Bools:
        """`[N, C]`: which choices shape each candidate's network."""
        return self._program.values_many(matrix)[1]

    def mutate(self, matrix: Indices, rng: np.random.Generator) -> Indices:
        """`[N, C]`: each candidate with one choice redrawn, within the rules.

        The architecture always changes. Layers that a new depth switches on copy the
        last layer of their stage.

        Raises:
            SpaceError: some candidates have no such neighbour within reach.
        """
        before = self.identities(matrix)
        mutated = matrix.copy()
        left = np.arange(len(matrix))
        for _ in range(ROUNDS):
            redrawn = self.redraw(mutated[left], rng)
            allowed = self.meets(redrawn)
            mutated[left[allowed]] = redrawn[allowed]
            changed = self.identities(redrawn) != before[left]
            left = left[~(allowed & changed)]
            if not len(left):
                return mutated
        raise SpaceError(
            f"Candidates of space '{self._name}' must have neighbours of another "
            f"architecture, {len(left)} had none in {ROUNDS} draws."
        )

    def redraw(
        self,
        matrix: Indices,
        rng: np.random.Generator,
        changes: "int | Indices" = 1,
        near: float = 0.0,
    ) -> Indices:
        """`[N, C]`: each candidate with active choices redrawn; rules aside.

        Layers that a new depth switches on copy the last layer of their stage.

        Args:
            matrix: `[N, C]`.
            rng: The only source of randomness.
            changes: How many choices of each are redrawn, or of all.
            near: Probability that a redrawn choice moves by one option only.
        """
        values, active = self._program.values_many(matrix)
        weights = rng.random(matrix.shape) * active
        order = np.argsort(np.argsort(-weights, axis=1), axis=1)
        redrawn = (order < np.reshape(changes, (-1, 1))) & active
        steps = 1 + (rng.random(matrix.shape) * (self.sizes - 1)).astype(np.int64)
        changed = (matrix + steps) % self.sizes
        if near:
            stepped = matrix + np.where(rng.random(matrix.shape) < 0.5, 1, -1)
            inside = (stepped >= 0) & (stepped < self.sizes)
            is_near = rng.random((len(matrix), 1)) < near
            changed = np.where(is_near & inside, stepped, changed)
        changed = np.where(redrawn, changed, matrix)
        self._copy_last_layers(values, changed)
        return self.canonical(changed)

    def _copy_last_layers(self, before: dict[str, Any], changed: Indices) -> None:
        """Layers that a new depth switches on take the options of the last one."""
        if not self._layer_columns:
            return
        after, _ = self._program.values_many(changed)
        for depth, kinds in self._layer_columns.items():
            was = np.broadcast_to(before[depth], len(changed))
            grown = np.flatnonzero(np.broadcast_to(after[depth], len(changed)) > was)
            for columns in kinds:
                last = changed[grown, columns[was[grown] - 1]]
                for layer, column in enumerate(columns):
                    new = grown[layer >= was[grown]]
                    changed[new, column] = last[layer >= was[grown]]

    @cached_property
    def _layer_columns(self) -> dict[str, list[Indices]]:
        """By depth, the columns of each kind of choice, layer by layer."""
        found: dict[str, dict[str, list[int]]] = {}
        for at, choice in enumerate(self._program.choices):
            if choice.gate:
                kind = choice.name.rsplit(".", 1)[1]
                found.setdefault(choice.gate, {}).setdefault(kind, []).append(at)
        return {
            gate: [np.array(columns, np.int64) for columns in kinds.values()]
            for gate, kinds in found.items()
        }

    def cross(
        self, first: Indices, second: Indices, rng: np.random.Generator
    ) -> Indices:
        """`[N, C]`: each group of choices whole from either parent, within the rules.

        Where no mixture drawn meets the rules, the first parent.
        """
        crossed = first.copy()
        left = np.arange(len(first))
        for _ in range(ROUNDS):
            taken = (rng.random((len(left), self._groups.max(initial=0) + 1)) < 0.5)[
                :, self._groups
            ]
            mixed = self.canonical(np.where(taken, first[left], second[left]))
            allowed = self.meets(mixed)
            crossed[left[allowed]] = mixed[allowed]
            left = left[~allowed]
            if not len(left):
                break
        return crossed

    @cached_property
    def _groups(self) -> Indices:
        """`[C]`: number of the group of each choice."""
        groups = {choice.group: None for choice in self._program.choices}
        numbers = {group: number for number, group in enumerate(groups)}
        return np.array([numbers[c.group] for c in self._program.choices], np.int64)

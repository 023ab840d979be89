"""Grid search: every candidate of a small space, once, in an order that spreads."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vidnas.budgets.screen import Screen
from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.strategy import Proposal, SearchState

MOST = 20_000  # combinations of options that are listed


@dataclass(frozen=True, slots=True)
class Grid:
    """All candidates, in an order that a fixed shuffle gives.

    The generator of a proposal is not asked: what comes next hangs on the trials alone.
    """

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`.

        Raises:
            SpaceError: the space is too large to be listed.
        """
        screen = state.screen()
        candidates: list[Candidate] = []
        for candidate in _list_candidates(state.space, screen):
            if len(candidates) == count:
                break
            if screen.admits(candidate):
                candidates.append(candidate)
        return Proposal(tuple(candidates), screen.refused)


def require_listable(space: Searchable) -> None:
    """Raises where a space is too large to be listed.

    Raises:
        SpaceError: it is.
    """
    whole = math.prod(int(size) for size in space.many.sizes)
    if whole > MOST:
        raise SpaceError(
            f"Grid search needs a space of at most {MOST} combinations of options, "
            f"'{space.name}' has {whole:.3g}. Choose another strategy."
        )


def _list_candidates(space: Searchable, screen: Screen) -> Iterator[Candidate]:
    """Every candidate within the budgets, each network once."""
    require_listable(space)
    sizes = tuple(int(size) for size in space.many.sizes)
    whole = math.prod(sizes)
    numbers = np.random.default_rng(0).permutation(whole)
    indices = np.unravel_index(numbers, sizes) if sizes else ()
    rows = np.array(indices, np.int64).reshape(len(sizes), whole).T
    many = space.many
    rows = many.canonical(rows)
    rows = rows[many.meets(rows)]
    _, first = np.unique(many.identities(rows), return_index=True)
    rows = rows[np.sort(first)]
    rows = rows[screen.fits_many(rows)]
    for row in rows.tolist():
        yield tuple(row)

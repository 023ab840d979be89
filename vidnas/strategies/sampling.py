"""What does every strategy promise? The interface, and the pieces they share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import numpy as np

from vidnas.arrays import Floats
from vidnas.budgets.feasibility import nearest
from vidnas.budgets.screen import Screen
from vidnas.errors import InfeasibleError
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.strategy import Proposal
from vidnas.trials.trial import Trial

ATTEMPTS = 2000
ALONE = 16  # draws one by one, before many at a time pay


def propose_up_to(
    count: int, candidate: Callable[[], Candidate], screen: Screen
) -> Proposal:
    """Up to `count` candidates, fewer where `candidate` finds no more.

    Args:
        count: Candidates wanted.
        candidate: Gives an admitted one; raises `InfeasibleError` where there is none.
        screen: Screen that has counted what was refused.
    """
    candidates: list[Candidate] = []
    with suppress(InfeasibleError):
        while len(candidates) < count:
            candidates.append(candidate())
    return Proposal(tuple(candidates), screen.refused)


def sample_admitted(
    space: Searchable,
    screen: Screen,
    rng: np.random.Generator,
    attempts: int = ATTEMPTS,
) -> Candidate:
    """A candidate that passes the screen, sampled uniformly where that finds one.

    Where the budgets leave too small a share of the space for that, a random walk from
    a candidate found by descent, which never leaves the budgets.

    Raises:
        InfeasibleError: none did, in `attempts` draws and as many steps.
    """
    for candidate in _drawn_within(space, screen, rng, attempts):
        if screen.admits(candidate, rng):
            return candidate
    for candidate in _walk_within(space, screen, rng, attempts):
        if screen.admits(candidate, rng):
            return candidate
    if screen.budgets.soft:  # which refuse nothing, however little is within them
        return sample_admitted(space, screen.without_soft_budgets(), rng, attempts)
    raise InfeasibleError(
        f"No new candidate of space '{space.name}' met "
        f"{'; '.join(map(str, screen.budgets.hard)) or 'the rules'} in {attempts} "
        "attempts."
    )


def _drawn_within(
    space: Searchable, screen: Screen, rng: np.random.Generator, attempts: int
) -> Iterator[Candidate]:
    """Up to `attempts` uniform draws: a few one by one, then those that fit of many."""
    alone = min(attempts, ALONE)
    for _ in range(alone):
        yield space.sample(rng)
    drawn, rows = alone, alone
    while drawn < attempts:
        rows = min(4 * rows, attempts - drawn)
        drawn += rows
        matrix = space.many.sample(rng, rows)
        for row in matrix[screen.fits_many(matrix)].tolist():
            yield tuple(row)


def _walk_within(
    space: Searchable, screen: Screen, rng: np.random.Generator, steps: int
) -> Iterator[Candidate]:
    """Neighbours of neighbours within the budgets, from where most are refused."""
    if not screen.refused or not space.choices:
        return
    found = nearest(space, screen.budgets)
    if not screen.fits(found):
        return
    here = found
    yield here
    for _ in range(steps):
        there = space.mutate(here, rng)
        if screen.fits(there):
            here = there
            yield here


def _pool_within(
    space: Searchable, screen: Screen, rng: np.random.Generator, pool: int
) -> tuple[list[Candidate], Floats]:
    """Drawn candidates that fit the budgets, half of them coherent; their log FLOPs."""
    many = space.many
    coherent = many.sample_coherent(rng, pool // 2)
    rows = np.concatenate([many.sample(rng, pool // 2), coherent[many.meets(coherent)]])
    rows = rows[screen.fits_many(rows)]
    flops = screen.price_many(rows)["flops"]
    return [tuple(row) for row in rows.tolist()], np.log(flops)


def sample_spread(
    space: Searchable,
    screen: Screen,
    taken: Sequence[float],
    rng: np.random.Generator,
    pool: int = 64,
) -> Candidate:
    """A candidate far in log FLOPs from those `taken`: fills the ladder evenly.

    Draws `pool` candidates, half of them coherently, and takes the one within the
    budgets whose FLOPs are farthest from all that are taken.

    Raises:
        InfeasibleError: no candidate was admitted.
    """
    drawn, flops = _pool_within(space, screen, rng, pool)
    logs = np.log(taken or [1.0])
    distance = np.abs(flops[:, None] - logs[None, :]).min(axis=1, initial=np.inf)
    for index in np.argsort(-distance, kind="stable"):
        if screen.admits(drawn[int(index)], rng):
            return drawn[int(index)]
    return sample_admitted(space, screen, rng)


class Start:
    """How a search begins: with candidates far from one another in log FLOPs.

    Args:
        space: Space of the candidates.
        screen: Refuses what is known or breaks a budget.
        networks: Trials so far, one per network; `len` counts them and what is drawn.
    """

    def __init__(
        self, space: Searchable, screen: Screen, networks: Sequence[Trial]
    ) -> None:
        self._space = space
        self._screen = screen
        self._flops = [trial.value("flops") for trial in networks]

    def __len__(self) -> int:
        return len(self._flops)

    def draw(self, rng: np.random.Generator) -> Candidate:
        """The next candidate.

        Raises:
            InfeasibleError: no candidate was admitted.
        """
        found = sample_spread(self._space, self._screen, self._flops, rng)
        price = self._screen.budgets.price
        network = self._space.decode(found)
        self._flops.append(price.one(network, ["flops"])["flops"])
        return found


def sample_stratified(
    space: Searchable, screen: Screen, rng: np.random.Generator, pool: int = 64
) -> Candidate:
    """A candidate drawn uniformly in log FLOPs, between the ends of what is drawn.

    Raises:
        InfeasibleError: no candidate was admitted.
    """
    drawn, flops = _pool_within(space, screen, rng, pool)
    if len(drawn):
        wanted = rng.uniform(flops.min(), flops.max())
        for index in np.argsort(np.abs(flops - wanted), kind="stable"):
            if screen.admits(drawn[int(index)], rng):
                return drawn[int(index)]
    return sample_admitted(space, screen, rng)

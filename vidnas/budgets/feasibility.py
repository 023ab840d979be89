"""Which candidates of a space fit its budgets? Their share, and the extremes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from vidnas.arrays import Floats, Indices
from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.price import Price
from vidnas.documents.quantity import format_cost
from vidnas.errors import InfeasibleError
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.statistics.proportion import wilson

STARTS = 64  # candidates drawn, of which a descent begins at the best
STEPS = 200  # of a descent


@dataclass(frozen=True, slots=True)
class Refusals:
    """What one budget does to uniformly drawn candidates.

    Args:
        budget: Hard or soft.
        beyond: Candidates beyond it.
        alone: Those that no other hard budget refuses.
    """

    budget: Budget
    beyond: int
    alone: int


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What share of a space meets the budgets, by sampling.

    Args:
        sampled: Candidates drawn.
        feasible: Those within all hard budgets.
        refused: How many each hard budget refused.
        refusals: What each budget refuses, soft ones too.
        preferred: Those within the soft budgets as well.
        example: A candidate within the hard budgets.
    """

    sampled: int
    feasible: int
    refused: Counter[str]
    refusals: tuple[Refusals, ...]
    preferred: int
    example: Candidate

    @property
    def share(self) -> float:
        """The feasible share [%]."""
        return 100.0 * self.feasible / self.sampled

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share [%]."""
        return wilson(self.share, self.sampled)

    @property
    def binding(self) -> Budget | None:
        """The hard budget without which most would fit; None where none refuses."""
        hard = [r for r in self.refusals if r.beyond and not r.budget.soft]
        most = max(hard, key=lambda r: (r.alone, r.beyond), default=None)
        return most.budget if most else None


def feasibility(
    space: Searchable, budgets: Budgets, rng: np.random.Generator, samples: int = 2000
) -> Feasibility:
    """The feasible share of a space.

    Raises:
        InfeasibleError: not one candidate was found, neither by sampling nor by
            descent; names the budget, or the two, that cannot be met.
    """
    rows = space.many.sample(rng, samples)
    costs = budgets.price.rows(space, rows)
    limits = budgets.limits
    holds = np.ones((len(limits), samples), np.bool_)
    for at, limit in enumerate(limits):
        holds[at] = limit.holds(costs[limit.name])
    hard = np.array([not limit.soft for limit in limits], np.bool_)
    fitting = holds[hard].all(axis=0)
    refusals = []
    for at, limit in enumerate(limits):
        others = hard & (np.arange(len(limits)) != at)
        alone = ~holds[at] & holds[others].all(axis=0)
        refusals.append(Refusals(limit, int((~holds[at]).sum()), int(alone.sum())))
    if fitting.any():
        example = _candidate(rows[int(fitting.argmax())])
    else:
        example = _within(space, budgets)
    counted = Counter({r.budget.label: 0 for r in refusals if not r.budget.soft})
    for told in refusals:
        if not told.budget.soft:
            counted[told.budget.label] += told.beyond
    return Feasibility(
        sampled=samples,
        feasible=int(fitting.sum()),
        refused=+counted,
        refusals=tuple(refusals),
        preferred=int((fitting & holds.all(axis=0)).sum()),
        example=example,
    )


def extremes(
    space: Searchable, budgets: Budgets, example: Candidate, name: str = "flops"
) -> tuple[Candidate, Candidate]:
    """The cheapest and the largest candidate within the hard budgets that were found.

    Args:
        space: Space of the candidates.
        budgets: What they are within.
        example: A candidate within them.
        name: The cost that is made least and most.
    """

    def signed_cost(sign: float) -> Callable[[Indices], Floats]:
        def badness(rows: Indices) -> Floats:
            costs = budgets.price.rows(space, rows)
            found: Floats = sign * np.asarray(costs[name], np.float64)
            for limit in budgets.hard:
                found[~limit.holds(costs[limit.name])] = np.inf
            return found

        return badness

    least, _ = descend(space, signed_cost(1.0), example)
    most, _ = descend(space, signed_cost(-1.0), example)
    return least, most


def cheapest(space: Searchable, price: Price, name: str) -> Candidate:
    """The candidate that costs least, by changing one choice or many at a time.

    Costs grow with every depth, kernel, expansion and clip size, each on its own, so
    the descent ends at the cheapest candidate, or beside it where a width that is
    smaller makes a shortcut dearer.
    """

    def badness(rows: Indices) -> Floats:
        return np.asarray(price.rows(space, rows)[name], np.float64)

    return descend(space, badness)[0]


def descend(
    space: Searchable,
    badness: Callable[[Indices], Floats],
    start: Candidate | None = None,
) -> tuple[Candidate, float]:
    """The candidate of least badness found, and its badness.

    Every step tries each option of each active choice, then the best changes of
    several choices together, and takes the best of all of them.

    Args:
        space: Space of the candidates; its rules hold.
        badness: `[N]` of candidates `[N, C]`; infinite for what must not be.
        start: Where to begin; by default the best of first options and `STARTS` drawn.
    """
    many = space.many

    def judge(rows: Indices) -> Floats:
        found = np.full(len(rows), np.inf)
        allowed = many.meets(rows)
        if allowed.any():
            found[allowed] = badness(rows[allowed])
        return found

    if start is None:
        drawn = many.sample(np.random.default_rng(0), STARTS)
        first = many.canonical(np.zeros((1, len(space.choices)), np.int64))
        starts = np.concatenate([first, drawn])
    else:
        starts = np.array([start], np.int64).reshape(1, len(space.choices))
    found = judge(starts)
    here, least = starts[int(found.argmin())], float(found.min())
    for _ in range(STEPS):
        rows = _one_changed(space, here)
        if not len(rows):
            break
        found = judge(rows)
        rows = np.concatenate([rows, _together(space, here, rows, found, least)])
        found = np.concatenate([found, judge(rows[len(found) :])])
        if not found.min() < least:
            break
        here, least = rows[int(found.argmin())], float(found.min())
    return _candidate(here), least


def _one_changed(space: Searchable, here: Indices) -> Indices:
    """`[M, C]`: every candidate one choice away."""
    many = space.many
    at = np.flatnonzero(many.active(here[None])[0]) if len(here) else np.array([], int)
    places = np.repeat(at, many.sizes[at])
    options = np.concatenate([np.arange(n) for n in many.sizes[at]] or [at])
    rows = np.repeat(here[None], len(places), axis=0)
    rows[np.arange(len(places)), places] = options
    rows = rows[options != here[places]]
    return many.canonical(rows)


def _together(
    space: Searchable, here: Indices, rows: Indices, found: Floats, least: float
) -> Indices:
    """`[K, C]`: the best two improvements together, the best three, and so on."""
    order = [i for i in np.argsort(found, kind="stable") if found[i] < least]
    merged, combined = here.copy(), []
    taken = np.zeros(len(here), np.bool_)
    for row in order:
        changed = rows[row] != here
        if (changed & taken).any():
            continue
        taken |= changed
        merged = np.where(changed, rows[row], merged)
        combined.append(merged)
    if len(combined) < 2:
        return rows[:0]
    return space.many.canonical(np.array(combined[1:]))


def nearest(space: Searchable, budgets: Budgets) -> Candidate:
    """A candidate within all hard budgets, or the one that exceeds them least."""
    return descend(space, _excess(space, budgets, budgets.hard))[0]


def _within(space: Searchable, budgets: Budgets) -> Candidate:
    """A candidate within all hard budgets.

    Raises:
        InfeasibleError: none was found.
    """
    found = nearest(space, budgets)
    if not budgets.broken(space.decode(found)):
        return found
    least = {}
    for limit in budgets.hard:
        least[limit], over = descend(space, _excess(space, budgets, (limit,)))
        if over > 0.0:
            came = _cost_text(space, budgets, least[limit], limit)
            found_out = "cheapest found costs"
            if limit.minimum > -np.inf:
                found_out = "nearest found has"
            raise InfeasibleError(
                f"Space '{space.name}' has no candidate within {limit}: the "
                f"{found_out} {came}."
            )
    for one, other in permutations(budgets.hard, 2):
        kept = _excess(space, budgets, (other,), within=(one,))
        there, over = descend(space, kept, least[one])
        if over > 0.0:
            raise InfeasibleError(
                f"No candidate of space '{space.name}' was found within both {one} and "
                f"{other}: each can be met alone, but within the first the nearest to "
                f"the second found has {other.name} "
                f"{_cost_text(space, budgets, there, other)}."
            )
        if not budgets.broken(space.decode(there)):
            return there
    raise InfeasibleError(
        f"No candidate of space '{space.name}' was found within all of "
        f"{'; '.join(map(str, budgets.hard))}: every two can be met together; the "
        "nearest found breaks "
        f"{', '.join(budgets.broken(space.decode(found)))}."
    )


def _excess(
    space: Searchable,
    budgets: Budgets,
    limits: tuple[Budget, ...],
    within: tuple[Budget, ...] = (),
) -> Callable[[Indices], Floats]:
    """The sum of what candidates exceed `limits` by; infinite beyond `within`."""

    def badness(rows: Indices) -> Floats:
        costs = budgets.price.rows(space, rows)
        total = np.zeros(len(rows))
        for limit in limits:
            total += limit.excess(costs[limit.name])
        for limit in within:
            total[~limit.holds(costs[limit.name])] = np.inf
        return total

    return badness


def _cost_text(
    space: Searchable, budgets: Budgets, candidate: Candidate, limit: Budget
) -> str:
    row = np.array([candidate], np.int64)
    value = float(budgets.price.rows(space, row)[limit.name][0])
    return format_cost(limit.name, value)


def _candidate(row: Indices) -> Candidate:
    return tuple(int(index) for index in row)

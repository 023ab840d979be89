"""Which candidates are near another one, and which of them fits the budgets?"""

import numpy as np

from vidnas.arrays import Floats, Indices
from vidnas.budgets.budget import Budgets
from vidnas.errors import InfeasibleError
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable

STEPS = 1000  # changes before repair gives up


def neighbours(space: Searchable, candidate: Candidate) -> Indices:
    """`[M, C]`: every other architecture one choice away, within the rules.

    Layers that a smaller index would switch off stand at 0; those that a larger depth
    switches on take their first options.
    """
    many = space.many
    start = np.array([candidate], np.int64)
    changed = [
        (at, index)
        for at in np.flatnonzero(many.active(start)[0])
        for index in range(int(many.sizes[at]))
        if index != candidate[at]
    ]
    rows = np.repeat(start, len(changed), axis=0)
    for row, (at, index) in enumerate(changed):
        rows[row, at] = index
    rows = many.canonical(rows)
    rows = rows[many.meets(rows)]
    names = many.identities(np.concatenate([start, rows]))
    _, first = np.unique(names, return_index=True)
    keep = np.sort(first[first > 0]) - 1
    return rows[keep]


def repair(space: Searchable, candidate: Candidate, budgets: Budgets) -> Candidate:
    """A candidate within the budgets, by few changes of one choice each.

    Of the neighbours that fit, the dearest; while none fits, the one that exceeds the
    budgets least.

    Args:
        space: Searchable of the candidate.
        candidate: Candidate that is repaired; returned as it is where it fits.
        budgets: Limits that it must meet.

    Raises:
        InfeasibleError: the changes come to an end above a budget.
    """
    here = np.array([candidate], np.int64)
    excess = _excess(space, here, budgets)[0]
    for _ in range(STEPS):
        if excess == 0.0:
            return tuple(int(index) for index in here[0])
        rows = neighbours(space, tuple(int(index) for index in here[0]))
        over = _excess(space, rows, budgets)
        if not len(rows) or over.min() >= excess:
            break
        fitting = np.flatnonzero(over == 0.0)
        if len(fitting):
            costs = budgets.price.rows(space, rows[fitting])
            best = fitting[int(np.argmax(costs["flops"]))]
        else:
            best = int(np.argmin(over))
        here, excess = rows[best : best + 1], over[best]
    raise InfeasibleError(
        f"No candidate of space '{space.name}' near {candidate} was found within "
        f"{'; '.join(map(str, budgets.hard))}."
    )


def _excess(space: Searchable, rows: Indices, budgets: Budgets) -> Floats:
    """`[N]`: by how much each row exceeds its budgets, in shares of them, summed."""
    total = np.zeros(len(rows))
    if budgets.hard and len(rows):
        costs = budgets.price.rows(space, rows)
        for limit in budgets.hard:
            total += limit.excess(costs[limit.name])
    return total

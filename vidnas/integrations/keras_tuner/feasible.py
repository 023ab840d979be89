"""Which candidate is trained where a tuner draws an infeasible one? One near to it.

Tuners that draw by themselves know no rules and no budgets. A failed trial per
infeasible draw would end their search after three in a row.
"""

import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.budgets.one_choice_away import repair
from vidnas.budgets.screen import Screen
from vidnas.errors import InfeasibleError
from vidnas.space.candidate import Candidate
from vidnas.space.space import Space
from vidnas.strategies.sampling import sample_admitted


def nearest_feasible(space: Space, budgets: Budgets, candidate: Candidate) -> Candidate:
    """A candidate within rules and budgets, always the same for the same candidate.

    One that is within them stays as it is.

    Raises:
        InfeasibleError: none was found.
    """
    if not space.meets(candidate):
        return _take_over_choices(space, budgets, candidate)
    try:
        return repair(space, candidate, budgets)
    except InfeasibleError:  # the descent ended above a budget
        return _take_over_choices(space, budgets, candidate)


def _take_over_choices(
    space: Space, budgets: Budgets, candidate: Candidate
) -> Candidate:
    """A feasible candidate that takes from `candidate` whatever keeps it feasible."""
    rng = np.random.default_rng(candidate)
    here = sample_admitted(space, Screen(space, budgets, set()), rng)
    for at in rng.permutation(len(space.choices)):
        there = space.canonical([*here[:at], candidate[at], *here[at + 1 :]])
        if space.meets(there) and not budgets.broken(space.decode(there)):
            here = there
    return here

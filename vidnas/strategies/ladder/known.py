"""Which trials does the model know? All of up to 600, and of more a choice.

What a proposal takes grows with the square of the trials that the process knows, and
old trials far from the ladder say little. So of more than `MOST` those are known that
are best for their cost, the newest, and others spread evenly over cost.
"""

import numpy as np

from vidnas.arrays import Bools, Ints
from vidnas.statistics.fronts.dominance import ranks
from vidnas.strategies.strategy import SearchState
from vidnas.trials.trial import Trial

MOST = 600  # trials that are known without a choice
BEST = 240  # of the done ones that are known: on the first fronts of cost and accuracy
NEWEST = 120  # done ones
RUNNING = 240  # of those that run, the newest, so that none like them is proposed
FAILED = 60  # the newest


def known_trials(state: SearchState, axis: str) -> list[Trial]:
    """The trials that a proposal stands on, in order.

    Args:
        state: Trials so far.
        axis: The cost that makes the ladder.
    """
    trials = list(state.trials)
    if len(trials) <= MOST:
        return trials
    states = np.array([trial.state for trial in trials])
    taken = np.zeros(len(trials), np.bool_)
    for state_word, most in (("running", RUNNING), ("failed", FAILED)):
        taken[np.flatnonzero(states == state_word)[-most:]] = True
    networks = {trial.arch_id for trial in _chosen(state, axis, MOST - taken.sum())}
    done = states == "done"
    return [
        trial
        for trial, is_taken, is_done in zip(trials, taken, done, strict=True)
        if is_taken or (is_done and trial.arch_id in networks)
    ]


def _chosen(state: SearchState, axis: str, count: int) -> list[Trial]:
    """So many of the done networks, or all."""
    done = state.done
    if len(done) <= count:
        return done
    if not all(trial.has(axis) for trial in done):  # one that no record holds
        axis = state.objectives.cost
    costs = np.array([trial.value(axis) for trial in done])
    errors = -state.objectives.accuracies(done)
    rank = ranks(np.stack([costs, errors], axis=1), BEST)
    chosen = _first(rank, BEST)
    chosen[-NEWEST:] = True
    others = np.flatnonzero(~chosen)
    others = others[np.argsort(costs[others], kind="stable")]
    left = count - int(chosen.sum())
    chosen[others[np.arange(left) * len(others) // left]] = True
    return [done[at] for at in np.flatnonzero(chosen).tolist()]


def _first(rank: Ints, count: int) -> Bools:
    """[N]. The first `count` rows by rank, of equal ones the newest."""
    order = np.lexsort((-np.arange(len(rank)), rank))
    first = np.zeros(len(rank), np.bool_)
    first[order[:count]] = True
    return first

"""Which trials the model knows where there are many."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture.published import published
from vidnas.strategies.ladder.known import MOST, NEWEST, RUNNING, known_trials
from vidnas.strategies.strategy import SearchState
from vidnas.trials import Fidelity, Trial, non_dominated

NETWORK = published("x3d-xs")


class Network:
    """A stand-in that is told apart by its identity alone."""

    def __init__(self, arch_id):
        self.arch_id = arch_id


def trials(count, seed=0):
    rng = np.random.default_rng(seed)
    flops = np.exp(rng.uniform(0, 5, count))
    top1 = 50 + 5 * np.log(flops) + 5 * rng.normal(size=count)
    return [
        Trial(
            number=number,
            candidate=(number,),
            architecture=Network(str(number)),
            fidelity=Fidelity(epochs=2),
            seed=0,
            costs={"flops": flops[number]},
            state="done",
            measured={"top1": top1[number]},
        )
        for number in range(count)
    ]


def known(listed):
    return known_trials(SearchState(None, None, listed), "flops")


def test_up_to_so_many_trials_are_known_whatever_their_state():
    listed = trials(MOST)
    listed[3] = replace(listed[3], state="failed")
    listed[5] = replace(listed[5], state="running", measured={})
    assert known(listed) == listed


@pytest.mark.parametrize("count", [MOST + 1, 3000, 20_000])
def test_of_more_the_front_the_newest_and_all_sizes_are_known(count):
    listed = trials(count)
    chosen = known(listed)
    numbers = [trial.number for trial in chosen]
    assert numbers == sorted(numbers)
    assert len(chosen) == MOST
    costs = np.array([[t.value("flops"), -t.value("top1")] for t in listed])
    assert set(np.flatnonzero(non_dominated(costs))) <= set(numbers)
    assert set(range(count - NEWEST, count)) <= set(numbers)
    # Of every twentieth of all trials by cost a hundredth of the known ones at least.
    rank = np.argsort(np.argsort(costs[:, 0])) * 20 // count
    assert np.bincount(rank[numbers], minlength=20).min() >= MOST // 100


def test_running_trials_are_known_before_done_ones():
    listed = trials(4000)
    for number in range(3000, 4000):
        listed[number] = replace(listed[number], state="running", measured={})
    chosen = known(listed)
    running = [trial.number for trial in chosen if trial.state == "running"]
    assert running == list(range(4000 - RUNNING, 4000))
    assert len(chosen) == MOST


def test_a_network_is_known_at_every_fidelity_that_it_was_trained_at():
    cheap = [replace(t, fidelity=Fidelity(epochs=1)) for t in trials(2000)]
    full = [replace(t, number=2000 + t.number) for t in trials(2000, seed=1)[::4]]
    full = [replace(t, costs=cheap[t.candidate[0]].costs) for t in full]
    chosen = known([*cheap, *full])
    twice = {t.arch_id for t in chosen if t.fidelity.epochs == 2}
    once = {t.arch_id for t in chosen if t.fidelity.epochs == 1}
    assert twice <= once
    assert len(twice) > 50

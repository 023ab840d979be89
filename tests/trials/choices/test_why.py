from dataclasses import replace

import numpy as np
import pytest

from vidnas.trials import Front
from vidnas.trials.choices.why import FEWEST, why
from vidnas.trials.objectives import STANDARD


def told(space, trials, seed=0):
    front = Front.of(trials, STANDARD.each)
    return why(space, trials, front, STANDARD, np.random.default_rng(seed))


def test_planted_choices_are_found_in_their_order_with_what_they_are_worth(
    quickstart, searched
):
    orders, inside = [], []
    for seed in range(10):
        found = told(quickstart, searched(seed, 150, planted=True))
        orders.append([one.choice for one in found.influences])
        shares = [one.share.share for one in found.influences]
        assert shares == sorted(shares, reverse=True)
        by_name = {one.choice: one for one in found.influences}
        effects = by_name["stage3.squeeze_excite"].effects
        assert [effect.option for effect in effects] == [False, True]
        inside += [effects[1].low <= 3.0 <= effects[1].high]
        kernels = by_name["stage2.kernel"].effects
        for effect, true in zip(kernels, (-4.0, -1.0, 1.0, 4.0), strict=True):
            inside += [effect.low <= true <= effect.high]
        assert by_name["stage2.kernel"].layers == 3
    both = {"stage3.squeeze_excite", "stage2.kernel"}
    assert all(set(order[:2]) == both for order in orders)
    assert sum(map(len, orders)) <= 23  # hardly any other
    assert sum(inside) >= 44  # of 50; of so many intervals of 95 %, 97 % of times


def test_where_accuracy_is_a_matter_of_cost_alone_nothing_is_told(quickstart, searched):
    found = [told(quickstart, searched(seed, 60, planted=False)) for seed in range(40)]
    # One in twenty says something; 6 of 40 or more have a probability of 1 %.
    assert sum(bool(one.influences) for one in found) <= 5
    assert sum(bool(one.common) for one in found) <= 5
    silent = [one for one in found if not one.influences]
    assert all(one.explained == 0.0 for one in silent)
    # What is left at equal cost is the chance of the clips.
    assert np.mean([one.clips_luck for one in found]) == pytest.approx(1.0, abs=0.1)


def test_what_front_members_share_is_told_with_its_share_among_their_neighbours(
    quickstart, searched
):
    found = told(quickstart, searched(0, 400, planted=True))
    traits = {(one.choice, one.option): one for one in found.common}
    one = traits["stage3.squeeze_excite", "true"]
    assert one.members > one.near
    assert one.luck <= 0.05


def test_trials_of_one_network_count_once_with_their_mean(quickstart, searched):
    trials = searched(0, 60, planted=True)
    again = [
        replace(t, number=60 + t.number, measured={**t.measured, "top1": 200.0})
        for t in trials[:1]
    ]
    lowered = replace(trials[0], measured={**trials[0].measured, "top1": 0.0})
    twice = told(quickstart, [lowered, *trials[1:], *again])
    mean = replace(trials[0], measured={**trials[0].measured, "top1": 100.0})
    once = told(quickstart, [mean, *trials[1:]])
    assert twice.networks == once.networks == 60
    assert twice.deviation == once.deviation


def test_few_networks_say_nothing(quickstart, searched):
    trials = searched(0, FEWEST, planted=True)
    few = told(quickstart, trials[1:])
    assert (few.is_too_small, few.networks) == (True, FEWEST - 1)
    assert (few.influences, few.common) == ((), ())
    running = replace(trials[0], state="running", measured={})
    assert told(quickstart, [running, *trials[1:]]).is_too_small
    assert not told(quickstart, trials).is_too_small
    assert told(quickstart, []).members == 0

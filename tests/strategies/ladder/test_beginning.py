"""How a ladder begins where many ask at once, and where it ends under two limits."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.budgets import Budget, UserPrice
from vidnas.space import ChoiceSpace
from vidnas.strategies import LadderSearch, SearchState
from vidnas.strategies.features import Features
from vidnas.strategies.ladder.model import View
from vidnas.strategies.ladder.pool import Breeder, dearest
from vidnas.trials import Fidelity, Trial

SIZES = tuple(range(1, 10))


def plain(count=12):
    """Sizes whose sum is the cost, and whose largest is another."""
    return UserPrice(
        ChoiceSpace.of("sizes", {f"x{n}": SIZES for n in range(count)}),
        cost_many=lambda r: {
            "flops": (r + 1.0).sum(axis=1),
            "bytes": (r[:, ::2] + 1.0).sum(axis=1),
        },
    )


def trial_of(space, number, row):
    costs = {"flops": float(sum(row)) + 12.0}
    network, fidelity = space.decode(row), Fidelity(epochs=1)
    return Trial(
        number, row, network, fidelity, 0, costs, "done", measured={"top1": 50.0}
    )


def asked(state, count, seed=0):
    found = LadderSearch(start=6).propose(state, np.random.default_rng(seed), count)
    return np.array(found.candidates)


def test_beyond_the_first_few_a_crowd_gets_what_is_common_not_what_is_extreme():
    price = plain()
    rows = asked(SearchState(price.space, price.budgets(), []), 40)
    ends = ((rows == 0) | (rows == len(SIZES) - 1)).mean(axis=1)
    assert ends[:6].mean() > ends[6:].mean()
    costs = np.sort(rows.sum(axis=1))
    assert np.diff(costs).max() < np.ptp(costs) / 5  # spread over the ladder


def test_the_model_is_not_asked_while_far_more_run_than_are_known():
    price = plain()
    space = price.space

    drawn = space.many.sample(np.random.default_rng(1), 44).tolist()
    trials = [
        replace(
            trial_of(space, number, tuple(row)),
            state="done" if number < 4 else "running",
        )
        for number, row in enumerate(drawn)
    ]
    ladder = LadderSearch(start=6)
    assert ladder._beginning(trials, 3) == 3
    assert ladder._beginning(trials[:12], 3) == 0  # 4 done, 8 running


@pytest.mark.parametrize("second", [False, True])
def test_the_top_of_a_ladder_is_what_is_within_every_limit(second):
    # All at 9 cost 108; half of them may hold 20 at most: 20 + 6 * 9 = 74.
    price = plain()
    limits = [Budget("flops", 74.0), *([Budget("bytes", 20.0)] if second else [])]
    budgets, space = price.budgets(*limits), price.space
    rng = np.random.default_rng(0)
    rows = space.many.sample(rng, 200)
    screen = SearchState(space, budgets, []).screen()
    view = View.of(Features(space), rows, screen.price_many(rows))
    breeder = Breeder(space, screen, view, "flops", rng)
    drawn = breeder.pool(rows)
    reached = dearest(breeder, drawn)
    assert reached <= 74.0
    assert reached >= 0.9 * 74.0
    assert drawn.costs.max() < reached if second else reached == drawn.costs.max()


def test_a_study_that_says_which_sizes_it_wants_is_not_asked_for_others():
    # Sums of 12 sizes from 1 to 9: uniform draws lie about 60.
    price = plain()
    space, budgets = price.space, price.budgets()
    wanted = SearchState(space, budgets, [], ends=(70.0, 90.0))
    costs = asked(wanted, 6).sum(axis=1) + 12
    assert costs.min() > 60
    assert costs.max() < 95
    free = asked(SearchState(space, budgets, []), 6).sum(axis=1) + 12
    assert np.ptp(free) > 2 * np.ptp(costs)


def test_parents_are_of_the_sizes_that_are_wanted_where_there_are_two():
    price = plain()
    space, budgets = price.space, price.budgets()
    drawn = space.many.sample(np.random.default_rng(1), 20).tolist()
    costs = [float(sum(row)) + 12.0 for row in drawn]
    trials = [trial_of(space, n, tuple(row)) for n, row in enumerate(drawn)]
    middle = sorted(costs)[10]
    state = SearchState(space, budgets, trials, ends=(middle, np.inf))
    assert {t.value("flops") >= middle for t in state.wanted} == {True}
    assert len(state.wanted) >= 10
    nobody = SearchState(space, budgets, trials, ends=(1000.0, 2000.0))
    assert nobody.wanted == trials


def test_a_search_begins_away_from_where_trainings_fail():
    # All with a large first size failed, and no model of accuracy is asked yet.
    price = plain()
    space, budgets = price.space, price.budgets()
    drawn = space.many.sample(np.random.default_rng(1), 40)
    trials = [
        replace(
            trial_of(space, number, tuple(row)),
            state="failed" if row[0] > 4 else "running" if number % 9 else "done",
        )
        for number, row in enumerate(drawn.tolist())
    ]
    rows = asked(SearchState(space, budgets, trials), 30)
    assert (rows[:, 0] > 4).mean() < 0.25  # of those drawn: 0.44

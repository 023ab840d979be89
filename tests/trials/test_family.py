from collections import namedtuple
from itertools import combinations, pairwise

import numpy as np
import pytest

from vidnas.errors import InputError
from vidnas.trials import (
    FLOPS,
    TOP1,
    Front,
    Ladder,
    Objectives,
    select_family,
    spread_ladder,
)
from vidnas.trials.family import family_of
from vidnas.trials.ladders.spread import FAMILY_SIZES
from vidnas.trials.ladders.stated import ladder_of

MOST = 2e8  # FLOPs above those of every front here


@pytest.fixture
def make_front(make_trial):
    """Front trials of the given FLOPs; more FLOPs, more accurate."""

    def make(*flops):
        return [
            make_trial(number, flops=float(f), top1=10.0 + number)
            for number, f in enumerate(sorted(flops))
        ]

    return make


MOST = 2e8  # FLOPs above those of every front here


def random_front(make_trial, seed):
    rng = np.random.default_rng(seed)
    flops = np.round(np.exp(rng.uniform(np.log(1e5), np.log(1e8), 40)))
    # Accuracy rises with FLOPs, with luck: a front of about a third of the trials.
    top1 = 10 * np.log10(flops) + rng.normal(0, 1, len(flops))
    trials = [
        make_trial(n, flops=float(f), top1=float(a))
        for n, (f, a) in enumerate(zip(flops, top1, strict=True))
    ]
    return Front.of(trials, (FLOPS, TOP1)).trials


def evenness(ladder, front):
    """Squared distance of log budgets to an even spread, what the ladder minimises."""
    flops = [trial.value("flops") for trial in front]
    even = np.linspace(np.log(min(flops)), np.log(max(flops)), len(ladder))
    return float(((np.log(ladder) - even) ** 2).sum())


def test_a_size_takes_the_most_accurate_that_fits_and_exceeds_the_one_below(make_front):
    front = make_front(1e6, 2e6, 3e6, 5e6, 9e6, 11e6)
    sizes = select_family(front, [2e6, 4e6, 10e6])
    assert [size.name for size in sizes] == ["a0", "a1", "a2"]
    # 1 and 2 M fit the first, 3 M the second, 5 and 9 M the third; 11 M fits none.
    assert [size.trial.value("flops") for size in sizes] == [2e6, 3e6, 9e6]
    assert [(size.above, size.budget) for size in sizes] == [
        (0.0, 2e6),
        (2e6, 4e6),
        (4e6, 10e6),
    ]


def test_an_empty_size_says_so_and_is_not_filled(make_front):
    sizes = select_family(make_front(1e6, 9e6), [2e6, 4e6, 10e6])
    assert [size.trial is None for size in sizes] == [False, True, False]
    assert sizes[1].emptiness == (
        "a1 is empty: no front trial between 2 M and 4 M FLOPs"
    )


def test_a_size_whose_trials_are_no_better_than_the_reference_says_so(make_front):
    low, high = make_front(1e6, 3e6)
    sizes = select_family([high], [2e6, 4e6, 8e6], beaten=[low])
    assert sizes[0].emptiness == (
        "a0 is empty: no front trial between 0 and 2 M FLOPs is better than the "
        "reference point"
    )
    assert sizes[1].trial == high
    assert sizes[2].emptiness == (
        "a2 is empty: no front trial between 4 M and 8 M FLOPs"
    )


def test_a_family_of_nothing_is_empty_on_every_rung():
    assert [size.trial for size in select_family([], [1e6, 2e6])] == [None, None]


@pytest.mark.parametrize(
    ("ladder", "said"),
    [
        ([], "none"),
        ([2e6, 1e6], "2 M, 1 M"),
        ([1e6, 1e6], "1 M, 1 M"),
        ([1e6, 3e6, 2e6], "1 M, 3 M, 2 M"),
    ],
)
def test_a_ladder_must_rise(make_front, ladder, said):
    with pytest.raises(InputError) as refused:
        select_family(make_front(1e6), ladder)
    assert str(refused.value) == (
        f"A ladder must rise from budget to budget, got {said}."
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_family_grows_in_flops_and_accuracy(make_trial, seed):
    front = random_front(make_trial, seed)
    ladder = np.exp(np.linspace(np.log(2e5), np.log(9e7), FAMILY_SIZES)).tolist()
    for budgets in (ladder, spread_ladder(front, most=MOST)):
        sizes = select_family(front, budgets)
        members = [size.trial for size in sizes if size.trial is not None]
        assert all(trial in front for trial in members)
        for smaller, larger in pairwise(members):
            assert smaller.value("flops") < larger.value("flops")
            assert smaller.value("top1") < larger.value("top1")
        for size in sizes:
            if size.trial is not None:
                assert size.above < size.trial.value("flops") <= size.budget


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("sizes", [2, 3, 4, 6])
def test_a_spread_ladder_is_the_evenest_of_all_subsets(make_front, seed, sizes):
    rng = np.random.default_rng([seed, sizes])
    front = make_front(*rng.choice(np.arange(1, 1000), size=10, replace=False) * 1e4)
    flops = [trial.value("flops") for trial in front]
    ladder = spread_ladder(front, MOST, sizes)
    assert set(ladder) <= set(flops)
    assert (ladder[0], ladder[-1]) == (flops[0], flops[-1])
    least = min(evenness(subset, front) for subset in combinations(flops, sizes))
    assert evenness(ladder, front) == pytest.approx(least, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_with_six_members_or_more_no_size_is_empty(make_trial, seed):
    front = random_front(make_trial, seed)
    assert len(front) >= FAMILY_SIZES
    sizes = select_family(front, spread_ladder(front, most=MOST))
    assert len(sizes) == FAMILY_SIZES
    assert all(size.trial is not None for size in sizes)
    # Every rung's budget is its own network.
    assert all(size.trial.value("flops") == size.budget for size in sizes)


def test_six_members_are_the_family(make_front):
    flops = (1e6, 1.1e6, 1.2e6, 5e6, 6e6, 9e7)
    assert spread_ladder(make_front(*flops), MOST) == flops


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("members", [1, 2, 3, 4, 5])
def test_fewer_members_all_keep_a_size_and_the_others_are_empty(
    make_front, seed, members
):
    rng = np.random.default_rng([seed, members])
    front = make_front(*rng.integers(10**5, 10**8, size=members))
    ladder = spread_ladder(front, MOST)
    assert len(ladder) == FAMILY_SIZES
    assert ladder[-1] == MOST
    sizes = select_family(front, ladder)
    assert [size.trial for size in sizes if size.trial is not None] == front
    # Not even rounding moves a budget off its network.
    assert {trial.value("flops") for trial in front} <= set(ladder)


def test_the_widest_gap_is_halved_first(make_front):
    # Gaps 1 -> 16 -> 64 M: the first is halved to 1, 4, 16, then all are fourfold.
    ladder = spread_ladder(make_front(1e6, 16e6), most=64e6, sizes=4)
    assert ladder == pytest.approx((1e6, 4e6, 16e6, 64e6))


def test_without_a_front_the_ladder_halves_down_from_the_most():
    assert spread_ladder([], most=32e6) == (1e6, 2e6, 4e6, 8e6, 16e6, 32e6)


def test_a_size_prefers_what_is_within_the_soft_budgets(make_front):
    front = make_front(1e6, 2e6, 3e6)
    sizes = select_family(front, [2e6, 4e6], beyond=front[1:])
    # 1 and 2 M fit the first, of which 2 M is beyond; 3 M alone fits the second.
    assert [size.trial.value("flops") for size in sizes] == [1e6, 3e6]


Asked = namedtuple("Asked", "costs budgets")


def best_of_all(trials, size, below):
    """The size's network by its words: every trial is looked at."""
    costs = size.costs
    inside = [t for t in trials if all(t.value(c) <= size.budgets[c] for c in costs)]
    known = [t for t in inside if below and all(t.value(c) <= below[c] for c in costs)]
    least = max((t.value("top1") for t in known), default=-1.0)
    new = [t for t in inside if t not in known and t.value("top1") > least]
    return max((t.value("top1") for t in new), default=None)


@pytest.mark.parametrize("seed", range(10))
def test_over_several_costs_each_size_is_the_best_within_all_budgets(make_trial, seed):
    rng = np.random.default_rng(seed)
    trials = [
        make_trial(
            n,
            top1=float(f + p + rng.normal(0, 2)),
            costs={"flops": float(f), "parameters": float(p)},
        )
        for n, (f, p) in enumerate(rng.uniform(1, 10, (60, 2)))
    ]
    ladder = Ladder.together({"flops": [3, 5, 9], "parameters": [4, 4, 9]})
    objectives = Objectives()
    stated = ladder_of(ladder.columns(), "flops", ladder.costs)
    sizes = family_of(
        trials, stated, objectives, {"flops": 99.0, "top1": 0.0}, never_beyond
    )
    below = None
    for number, size in enumerate(sizes):
        limits = {limit.cost: limit.budget for limit in size.limits}
        asked = Asked(ladder.costs, limits)
        found = size.trial and size.trial.value("top1")
        assert found == best_of_all(trials, asked, below)
        assert limits == {c: b[number] for c, b in ladder.columns().items()}
        below = limits
    members = [size.trial.value("top1") for size in sizes if size.trial]
    assert members == sorted(members)


def never_beyond(trial):
    """No trial is beyond a soft budget."""
    return False


def test_an_empty_size_over_several_costs_says_its_budgets(make_trial):
    costs = {"flops": 1.0, "parameters": 9.0}
    (trial,) = (make_trial(0, costs=costs),)
    ladder = Ladder.together({"flops": [1e6, 2e6], "parameters": [5, 20]})
    first, second = select_family([trial], ladder)
    assert second.trial == trial
    assert first.emptiness == ("a0 is empty: no trial within 1 M FLOPs, 5 parameters")
    assert second.budget_text == "2 M FLOPs, 20 parameters"
    at = {"flops": 9.0, "top1": 0.0}
    stated = ladder_of({"latency_ms": [1.0]}, "flops", ("latency_ms",))
    with pytest.raises(InputError, match="A ladder of latency ms needs trials that"):
        family_of([trial], stated, Objectives(), at, never_beyond)


def test_more_costs_among_the_objectives_leave_a_larger_network_better(make_trial):
    # On the front over three objectives, since it has fewest parameters, and yet
    # no network to take above a better one that has fewer FLOPs.
    small = make_trial(0, top1=50.0, costs={"flops": 1e6, "parameters": 9e3})
    worse = make_trial(1, top1=40.0, costs={"flops": 2e6, "parameters": 1e3})
    both = Objectives(("flops", "parameters"))
    at = {"flops": 9e6, "parameters": 1e6, "top1": 0.0}
    stated = ladder_of([1e6, 4e6], "flops", ("flops",))
    sizes = family_of([small, worse], stated, both, at, never_beyond)
    assert [size.trial for size in sizes] == [small, None]

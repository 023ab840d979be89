"""How firmly the sizes of a family stand, and what repeats would settle."""

from collections import Counter

import numpy as np
import pytest

from vidnas.statistics.proportion import wilson
from vidnas.trials import ACCURACIES, Ladder, Objectives, select_family
from vidnas.trials.family import firm_front, firm_worths
from vidnas.trials.noise.family_doubt import (
    family_doubt,
    is_surely_better,
    seeds_needed,
    settling_text,
)
from vidnas.trials.noise.membership import Doubt

TOP1 = ACCURACIES["top1"]
OBJECTIVES = Objectives()


@pytest.fixture
def network(measured_trial):
    """A trial of so many MFLOPs and so much top-1, on so many clips."""

    def make(number, mflops, top1, clips=10_000, **measured):
        return measured_trial(
            number, flops=mflops * 1e6, top1=top1, val_clips=float(clips), **measured
        )

    return make


def family(trials, ladder):
    sizes = select_family(trials, ladder)
    doubt = Doubt.of(trials, OBJECTIVES)
    return sizes, family_doubt(sizes, doubt, OBJECTIVES)


def test_sizes_far_apart_stand_firmly(network):
    trials = [network(0, 1, 50.0), network(1, 2, 60.0), network(2, 3, 70.0)]
    _, doubts = family(trials, [1e6, 2e6, 3e6])
    assert [(d.stays, d.within_error_of, d.words) for d in doubts] == [(1, "", "")] * 3


def test_a_size_no_surer_than_the_one_below_says_so(network):
    trials = [network(0, 1, 60.0, 100), network(1, 2, 61.0, 100)]
    _, doubts = family(trials, [1e6, 2e6])
    assert doubts[0].within_error_of == ""
    assert doubts[1].within_error_of == "a0"
    assert doubts[1].words.startswith("within error of a0")


def test_a_size_names_its_rivals_by_how_often_it_takes_them(network):
    trials = [network(0, 1.0, 59.9, 100), network(1, 1.1, 60.0, 100)]
    (size,), (doubt,) = family(trials, [2e6])
    assert size.trial.number == 1
    # Two alike: half of the draws each, of which 1000 err by 1.6 points.
    assert doubt.stays == pytest.approx(0.5, abs=0.06)
    ((rival, share),) = doubt.rivals
    assert rival.number == 0
    assert share + doubt.stays == pytest.approx(1.0)
    assert doubt.words == f"else trial 0 in {100 * share:.0f} % of draws"


def test_an_empty_size_is_in_no_doubt(network):
    sizes, doubts = family([network(0, 3, 60.0)], [1e6, 4e6])
    assert sizes[0].trial is None
    assert doubts[0].is_firm
    assert doubts[0].words == ""
    assert doubts[1].within_error_of == ""


def test_the_difference_of_two_shares_is_newcombes(network):
    # Newcombe 1998, Statistics in Medicine 17, 873-890, table II: 56 of 70 and 48 of
    # 80 differ by 0.0524 to 0.3339 at 95 %, by his method 10.
    one, other = network(0, 1, 80.0, 70), network(1, 1, 60.0, 80)
    low = 80.0 - 60.0 - 5.24
    first, second = wilson(80.0, 70)[0], wilson(60.0, 80)[1]
    assert ((80 - first) ** 2 + (second - 60) ** 2) ** 0.5 == pytest.approx(
        low, abs=0.006
    )
    assert is_surely_better(one, other, TOP1) is True
    assert is_surely_better(other, one, TOP1) is False
    assert is_surely_better(network(0, 1, 80.0, 0), other, TOP1) is None


def test_so_many_seeds_as_the_gap_asks_tell_two_networks_apart(network):
    noise = {"top1_seed_error": 2.0, "seed_freedom": 8.0}
    one = network(0, 1, 62.0, 10**9, **noise)
    other = network(1, 1, 60.0, 10**9, **noise)
    # 2 x 2^2 / (2 / 1.96)^2 = 7.7 seeds
    assert seeds_needed(one, other, TOP1) == 8
    # Of means over two seeds the same error is that of twice the variance.
    twice = noise | {"seeds": 2.0}
    one, other = (network(n, 1, t, 10**9, **twice) for n, t in ((0, 62.0), (1, 60.0)))
    assert seeds_needed(one, other, TOP1) == 16


def test_no_number_of_seeds_makes_up_for_too_few_clips(network):
    noise = {"top1_seed_error": 1.0, "seed_freedom": 8.0}
    one, other = network(0, 1, 62.0, 100, **noise), network(1, 1.1, 60.0, 100, **noise)
    assert seeds_needed(one, other, TOP1) == 0
    assert seeds_needed(network(0, 1, 62.0), network(1, 1, 60.0), TOP1) is None
    sizes, doubts = family([one, other], [2e6])
    assert settling_text(doubts, sizes, "runs/x", 100) == (
        "100 validation clips are too few to settle a0, however often networks are "
        "repeated"
    )


def test_what_repeats_would_settle_is_a_command(network):
    noise = {"top1_seed_error": 1.0, "seed_freedom": 8.0}
    trials = [
        network(4, 1.0, 60.0, 10**8, **noise),
        network(7, 1.1, 61.0, 10**8, **noise),
    ]
    sizes, doubts = family(trials, [2e6])
    # 2 x 1 / (1 / 1.96)^2 = 7.7 seeds
    assert settling_text(doubts, sizes, "runs/x", 10**8) == (
        "to settle sizes in doubt: vidnas repeat runs/x --trials 7,4 --seeds 8"
    )
    firm = family([network(0, 1, 50.0), network(1, 2, 60.0)], [1e6, 2e6])
    assert settling_text(firm[1], firm[0], "runs/x", 0) == ""


def test_a_lucky_network_of_few_clips_is_worth_less_than_a_sure_one(network):
    lucky, sure = network(0, 1, 70.0, 20), network(1, 2, 68.0, 2000)
    worths = firm_worths([lucky, sure], OBJECTIVES)
    assert worths[0] == wilson(70.0, 20)[0] < worths[1]
    front = firm_front([lucky, sure], OBJECTIVES, worths)
    assert [trial.number for trial in front] == [0, 1]
    (size,) = select_family(front, [2e6], worths=worths)
    assert size.trial == sure
    # A bigger network whose lower end is no higher is no member at all.
    bigger = network(2, 3, 71.0, 20)
    worths = firm_worths([lucky, sure, bigger], OBJECTIVES)
    assert bigger not in firm_front([lucky, sure, bigger], OBJECTIVES, worths)


def test_where_an_interval_is_not_known_measured_accuracies_are_compared(network):
    trials = [network(0, 1, 70.0, 0), network(1, 2, 68.0)]
    worths = firm_worths(trials, OBJECTIVES)
    assert worths == {}
    assert firm_front(trials, OBJECTIVES, worths) == (trials[0],)


@pytest.mark.parametrize("costs", [("flops",), ("flops", "parameters")])
def test_a_size_stays_in_as_many_draws_as_choosing_anew_in_each_of_them(
    make_trial, costs
):
    rng = np.random.default_rng(len(costs))
    trials = [
        make_trial(
            n,
            costs={"flops": f, "parameters": p},
            measured={"top1": 30.0 + 3 * f + p, "val_clips": 60.0},
        )
        for n, (f, p) in enumerate(rng.uniform(1, 9, (14, 2)).tolist())
    ]
    objectives = Objectives(costs)
    doubt = Doubt.of(trials, objectives, draws=60)
    ladder = Ladder(costs, tuple((budget,) * len(costs) for budget in (4.0, 6.0, 9.0)))
    sizes = select_family(doubt.trials, ladder, objectives=objectives)
    counts = Counter()
    for draw in doubt.draws:
        drawn = {t.number: float(v) for t, v in zip(doubt.trials, draw, strict=True)}
        again = select_family(doubt.trials, ladder, objectives=objectives, worths=drawn)
        counts.update(
            s.name
            for s, was in zip(again, sizes, strict=True)
            if s.trial and s.trial == was.trial
        )
    found = family_doubt(sizes, doubt, objectives)
    stays = {one.name: one.stays for one in found if one.stays is not None}
    assert stays == {name: counts[name] / 60 for name in stays}
    assert stays

"""Repeats of a network: one accuracy, the mean over seeds, and what seeds leave."""

import math
from dataclasses import replace

import pytest

from vidnas.statistics.proportion import wilson
from vidnas.statistics.student import student_quantile
from vidnas.trials import ACCURACIES, Objectives
from vidnas.trials.chance import Chance
from vidnas.trials.noise.repeats import Repeats, seeds_of, with_repeats

TOP1 = ACCURACIES["top1"]
CLIPS = 400.0


@pytest.fixture
def trials(measured_trial):
    """Four networks, ever larger and better."""
    return [
        measured_trial(n, flops=(n + 1) * 1e6, top1=50.0 + 5 * n, val_clips=CLIPS)
        for n in range(4)
    ]


def again(trial, number, top1, state="done"):
    measured = {"top1": top1, "val_clips": CLIPS}
    return replace(
        trial, number=number, seed=number, repeats=trial.number, state=state,
        measured=measured if state == "done" else {},
    )  # fmt: skip


def test_a_network_has_the_mean_over_its_seeds(trials):
    repeats = [again(trials[1], 4, 57.0), again(trials[1], 5, 53.0)]
    told = with_repeats(trials, repeats)
    assert told[1].measured["top1"] == pytest.approx((55 + 57 + 53) / 3)
    assert [seeds_of(trial) for trial in told] == [1, 3, 1, 1]
    # Two degrees of freedom are too few to say what seeds do to the others.
    assert told[0].measured == trials[0].measured


def test_repeats_of_some_widen_the_intervals_of_all(trials):
    repeats = [again(trials[1], n, top1) for n, top1 in enumerate((57.0, 53.0), 4)]
    repeats += [again(trials[2], n, top1) for n, top1 in enumerate((63.0, 60.0), 6)]
    told = with_repeats(trials, repeats)
    # 55, 57, 53 differ by 8 in squares; 60, 63, 60 by 6; two freedoms each.
    spread = math.sqrt((8 + 6) / 4)
    margin = student_quantile(0.975, 4) * spread
    low, high = wilson(50.0, 400)
    assert TOP1.interval(told[0]) == pytest.approx(
        (50 - math.hypot(50 - low, margin), 50 + math.hypot(high - 50, margin))
    )
    # Of three seeds each, the mean is surer by the root of three.
    assert told[1].measured["top1_seed_error"] == pytest.approx(spread / math.sqrt(3))
    clips = TOP1.variance_of(trials[0].measured)
    assert TOP1.variance_of(told[0].measured) == pytest.approx(clips + spread**2)


def test_what_seeds_do_may_leave_a_network_no_better_than_chance(measured_trial):
    good = measured_trial(0, top1=60.0, val_clips=CLIPS)
    chance = Chance(2)
    assert chance.is_beaten(good)  # by its clips alone
    repeats = [again(good, n, 60.0 + off) for n, off in enumerate((9, -9, 8, -8), 1)]
    (told,) = with_repeats([good], repeats)
    assert told.measured["top1"] == 60.0
    assert chance.mark(told) == "not above chance (50 %)"


def test_without_done_repeats_nothing_changes(trials):
    assert list(with_repeats(trials, [])) == trials
    assert list(with_repeats(trials, [again(trials[0], 4, 0, "failed")])) == trials


def test_other_fidelities_and_unended_trials_stay_as_they_are(trials):
    cheap = replace(trials[3], fidelity=replace(trials[3].fidelity, epochs=99))
    running = replace(trials[0], number=9, state="running", measured={})
    repeats = [again(trials[1], n, 50.0 + n) for n in range(10, 16)]
    told = with_repeats([trials[1], cheap, running], repeats)
    assert told[0].measured["seeds"] == 7.0
    assert told[1:] == (cheap, running)


def test_the_front_is_repeated_the_least_trained_first(trials):
    asked, repeats, objectives = Repeats(seeds=3), [], Objectives()
    order = []
    while (chosen := asked.next(trials, repeats, objectives)) is not None:
        order.append(chosen.number)
        repeats.append(again(chosen, 4 + len(repeats), 50.0))
    assert order == [0, 1, 2, 3, 0, 1, 2, 3]


def test_a_network_that_falls_behind_is_repeated_no_more_and_another_is(measured_trial):
    lucky = measured_trial(0, flops=1e6, top1=70.0, val_clips=CLIPS)
    sound = measured_trial(1, flops=2e6, top1=68.0, val_clips=CLIPS)
    asked, objectives = Repeats(seeds=3), Objectives()
    assert asked.next([lucky, sound], [], objectives) == lucky
    repeats = [again(lucky, 2, 50.0)]
    told = with_repeats([lucky, sound], repeats)  # 60 on the mean
    assert asked.next(told, repeats, objectives).number == 1


def test_trials_are_repeated_by_their_numbers_and_failures_count(trials):
    asked, objectives = Repeats(seeds=2, trials=(2, 7)), Objectives()
    assert asked.next(trials, [], objectives) == trials[2]
    failed = [again(trials[2], 4, 0, "failed")]
    assert asked.next(trials, failed, objectives) is None
    assert Repeats().next(trials, [], objectives) is None

"""Trials are closed-form: 2 points more by each of two choices, and noise."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.budgets import Budgets, Pricing
from vidnas.errors import InputError
from vidnas.strategies import SearchState
from vidnas.strategies.ladder.estimate import FEWEST, estimate
from vidnas.trials import Fidelity, Trial

PRICE = Pricing(8)


def true_accuracy(space, rows, learnt):
    if not learnt:
        return np.full(len(rows), 50.0)
    at = space.positions
    flops = PRICE.rows(space, rows)["flops"].astype(float)
    excited = rows[:, at["stage3.squeeze_excite"]] + rows[:, at["clip.frames"]]
    return 30.0 + 30.0 * (1.0 - np.exp(-flops / 4e6)) + 4.0 * excited


def state_of(space, seed, count, learnt, epochs=(4,)):
    rng = np.random.default_rng(seed)
    rows = space.many.sample(rng, count)
    top1 = true_accuracy(space, rows, learnt) + rng.normal(size=count)
    trials = [
        Trial(
            number,
            tuple(row),
            space.decode(tuple(row)),
            Fidelity(epochs=epochs[number % len(epochs)]),
            0,
            {"flops": 1.0},
            "done",
            {"top1": accuracy},
        )
        for number, (row, accuracy) in enumerate(
            zip(rows.tolist(), top1.tolist(), strict=True)
        )
    ]
    return SearchState(space, Budgets((), PRICE), trials)


def told(space, state, rows):
    return estimate(state, rows, np.random.default_rng(7))


@pytest.mark.parametrize("count", [16, 60])
def test_intervals_hold_what_new_trainings_would_measure(quickstart, count):
    inside = []
    for seed in range(8):
        rng = np.random.default_rng(100 + seed)
        rows = quickstart.many.sample(rng, 60)
        found = told(quickstart, state_of(quickstart, seed, count, True), rows)
        measured = true_accuracy(quickstart, rows, True) + rng.normal(size=60)
        inside += [
            one.low <= value <= one.high
            for one, value in zip(found, measured, strict=True)
        ]
        assert all(one.low <= one.accuracy <= one.high for one in found)
    # Over 40 studies 98 % and 94 % are inside; studies deviate by 5 points.
    assert np.mean(inside) >= 0.90


def test_a_model_that_learnt_something_says_so_and_one_of_noise_that_it_did_not(
    quickstart,
):
    rows = np.array([state_of(quickstart, 9, 1, True).trials[0].candidate])
    for seed in range(2):
        (one,) = told(quickstart, state_of(quickstart, seed, 60, True), rows)
        assert one.explained > 0.7
        assert one.high - one.low < 12.0
        (none,) = told(quickstart, state_of(quickstart, seed, 60, False), rows)
        assert none.explained < 0.2


def test_what_is_planted_moves_the_estimate_by_about_as_much(quickstart):
    state, at = state_of(quickstart, 0, 100, True), quickstart.positions
    rows = quickstart.many.sample(np.random.default_rng(1), 40)
    rows[:, at["clip.frames"]] = 0
    more = rows.copy()
    more[:, at["clip.frames"]] = 1
    found = [
        b.accuracy - a.accuracy
        for a, b in zip(
            told(quickstart, state, rows), told(quickstart, state, more), strict=True
        )
    ]
    rise = true_accuracy(quickstart, more, True) - true_accuracy(quickstart, rows, True)
    assert np.mean(found) == pytest.approx(rise.mean(), abs=1.5)


def test_trials_of_a_cheaper_fidelity_are_listened_to_but_full_ones_are_needed(
    quickstart,
):
    rows = np.array([state_of(quickstart, 9, 1, True).trials[0].candidate])
    both = state_of(quickstart, 0, 40, True, epochs=(1, 4))
    (one,) = told(quickstart, both, rows)
    assert one.known == 20
    few = state_of(quickstart, 0, 2 * FEWEST - 2, True, epochs=(1, 4))
    with pytest.raises(InputError, match=r"at least 8 networks .*, got 7\."):
        told(quickstart, few, rows)


def test_one_training_that_diverged_moves_no_estimate(quickstart):
    state = state_of(quickstart, 0, 60, True)
    rows = quickstart.many.sample(np.random.default_rng(1), 20)
    trials = list(state.trials)
    trials[7] = replace(trials[7], measured={"top1": 2.0})
    diverged = SearchState(quickstart, state.budgets, trials)
    moved = [
        abs(a.accuracy - b.accuracy)
        for a, b in zip(
            told(quickstart, state, rows), told(quickstart, diverged, rows), strict=True
        )
    ]
    assert np.mean(moved) < 1.0

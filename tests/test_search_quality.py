"""Is the search benchmark right? Its metric by hand, its problems, our limits."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from vidnas.budgets import UserPrice
from vidnas.space import ChoiceSpace

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
CLOSED = ("video-0", "zdt1", "zdt3", "video-7", "clips-0", "nk-0", "trap", "dtlz2-0")
CLOSED += ("words-0", "kernels-0")


@pytest.fixture
def problems(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("quality_problems")


@pytest.fixture
def quality(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("search_quality")


def test_the_ladder_gap_by_hand(problems):
    # Costs 1, 10, 100; true accuracies 10, 30, 60; the ladder has 48 rungs from 1 to
    # 100, the first 24 below 10.
    truth, costs = np.array([10.0, 30.0, 60.0]), np.array([1.0, 10.0, 100.0])
    space = UserPrice(
        ChoiceSpace.of("three", {"x": (0, 1, 2)}),
        cost_many=lambda r: {"flops": costs[r[:, 0]]},
    )
    problem = problems.Problem(
        "three", space, 1.0, 100.0, lambda r: truth[r[:, 0]], worst=0.0
    )
    best = np.r_[np.full(24, 10.0), np.full(23, 30.0), 60.0]
    np.testing.assert_allclose(problem.best, best)
    rows = np.array([[0], [1], [2]])
    assert problem.gap(rows, np.array([1.0, 2.0, 3.0])) == 0.0
    # The dearest looks worse than the middle one: from 100 on the gap is 60 - 30.
    assert problem.gap(rows, np.array([1.0, 2.0, 1.5])) == pytest.approx(30.0 / 48)
    # Nothing fits the first 24 budgets: 10 less the worst, 0.
    assert problem.gap(rows[1:], np.array([2.0, 3.0])) == pytest.approx(240.0 / 48)


@pytest.mark.parametrize("name", CLOSED)
def test_problems_are_the_same_each_time_and_row_by_row(quality, name):
    made = {**quality.PROBLEMS, **quality.HELD_OUT}[name]
    first, second = made(), made()
    rows = first.space.many.sample(np.random.default_rng(0), 9)
    truth, costs = first.truth(rows), first.costs(rows)
    np.testing.assert_array_equal(truth, second.truth(rows))
    for number in range(9):
        one = rows[[number]]
        assert first.truth(one)[0] == pytest.approx(truth[number], rel=1e-12)
        assert first.costs(one)[0] == pytest.approx(costs[number], rel=1e-12)
    measured = first.measured(rows, np.random.default_rng(1))
    np.testing.assert_array_equal(
        measured, second.measured(rows, np.random.default_rng(1))
    )
    assert 0.0 < np.abs(measured - truth).max() < 5 * first.noise


def test_tabulated_problems_are_what_was_trained(problems):
    if not (problems.SHARED / "nas_bench_macro.json").exists():
        pytest.skip(f"no tabulated trainings in {problems.SHARED} (VIDNAS_SHARED)")
    macro = problems.macro()
    row = np.array([[0, 2, 0, 1, 2, 1, 0, 0]])
    assert macro.costs(row)[0] == 47327744
    assert macro.truth(row)[0] == pytest.approx((89.47 + 88.95 + 89.17) / 3)
    assert macro.measured(row, np.random.default_rng(0))[0] in (89.47, 88.95, 89.17)


def test_multiply_adds_of_accel_are_those_of_its_table(problems):
    if not (problems.SHARED / "accel_nasbench.json").exists():
        pytest.skip(f"no tabulated trainings in {problems.SHARED} (VIDNAS_SHARED)")
    rows, _, macs = problems.accel_rows(problems.SHARED)
    np.testing.assert_allclose(problems.accel_flops(rows) / 1e6, macs, rtol=1e-12)


def test_the_best_attainable_of_two_limits_breaks_neither(quality, monkeypatch):
    monkeypatch.setattr(sys.modules["quality_problems"], "GENERATIONS", 3)
    problem = quality.HELD_OUT["clips-0"]()
    rows = problem.space.many.sample(np.random.default_rng(0), 2000)
    memory = problem.excess(rows)[:, 1] > 0.0
    assert 0.3 < memory.mean() < 0.7
    good = problem.truth(rows) > problem.best[-1]
    assert not (good & (problem.excess(rows) == 0.0).all(axis=1)).any()


@pytest.mark.parametrize("name", ["optuna-nsga2", "optuna-tpe"])
def test_what_a_peer_spends_beyond_a_limit_cannot_be_handed_over(quality, name):
    pytest.importorskip("optuna")
    problem = quality.HELD_OUT["clips-0"]()
    problem.__dict__["best"] = np.full(48, 100.0)
    told = quality.Trained(problem, seed=0)
    quality.PEERS[name][1](problem, told, 12, quality.Workers(), 0)
    within = told.within
    assert 0 < within.sum() < 12
    truth = problem.truth(np.array(told.rows))
    # At the highest budget every network within the limits may be handed over.
    reached = truth[within][np.argmax(np.array(told.measured)[within])]
    problem.__dict__["budgets"] = np.full(48, problem.high)
    assert told.gap(12) == pytest.approx(100.0 - reached)


def test_no_limit_is_broken_and_no_training_is_spent_twice(quality):
    problem = quality.HELD_OUT["clips-0"]()
    problem.__dict__["best"] = np.full(48, 100.0)
    told = quality.Trained(problem, seed=0)
    ladder = quality.Ours(problem, "ladder", seed=0)
    quality.search(ladder, told, 16, quality.Workers(), seed=0)
    assert told.within.all()
    assert len({tuple(row) for row in told.rows}) == len(told.rows) == 16
    assert told.gap(16) <= told.gap(8)


@pytest.mark.parametrize("name", ["crashing", "noisy", "ratios", "unordered"])
def test_hard_problems_are_drawn_by_their_seed_and_by_nothing_else(quality, name):
    first, again, other = (quality.HARD[name](seed) for seed in (3, 3, 4))
    rows = first.space.many.sample(np.random.default_rng(0), 200)
    truth, costs = first.truth(rows), first.costs(rows)
    np.testing.assert_array_equal(truth, again.truth(rows))
    assert np.abs(truth - other.truth(rows)).max() > 1.0
    assert first.truth(rows[[7]])[0] == pytest.approx(truth[7], rel=1e-12)
    assert first.costs(rows[[7]])[0] == pytest.approx(costs[7], rel=1e-12)
    measured = first.measured(rows, np.random.default_rng(1))
    off, logs = np.abs(measured - truth), np.log(costs)
    small = logs < np.median(logs)
    if name == "noisy":  # deviation 4 at the low end, 0.2 at the high
        assert off[small].mean() > 2.0 * off[~small].mean()
    if name == "crashing":
        crashed = first.fails(rows, np.random.default_rng(2))
        assert 0.1 < crashed.mean() < 0.35
        assert truth[~crashed].min() > truth[crashed].max()


@pytest.mark.parametrize("workers", ["1", "8", "8s"])
def test_workers_train_what_they_ask_for_and_a_crash_is_no_accuracy(quality, workers):
    problem = quality.HARD["faults"](0)
    problem.__dict__["best"] = np.full(48, 100.0)
    told = quality.Trained(problem, seed=0)
    random = quality.Ours(problem, "random", seed=0)
    quality.search(random, told, 60, quality.Workers.of(workers), seed=0)
    states = [trial.state for trial in random.trials]
    assert len(told.rows) == len(states) == 60
    assert 0 < states.count("failed") == told.crashed(60) < 20
    assert states.count("done") == 60 - told.crashed(60)
    in_order = [t.candidate for t in random.trials] == [tuple(r) for r in told.rows]
    assert in_order == (workers != "8s")  # on their own, some end before others


def test_wins_ties_and_losses_by_hand(quality):
    def cells(gaps):
        return {
            ("p", name, seed): {"gap": {"100": gap}}
            for name, told in gaps.items()
            for seed, gap in enumerate(told)
        }

    def said(**gaps):
        return quality.verdicts(cells(gaps), ["p"], (100,))

    # Differences 1, 2, 3: mean 2, error 1 / sqrt(3), times 4.303 for two degrees.
    lost = said(ladder=[4.0, 6.0, 8.0], random=[3.0, 4.0, 5.0], nsga2=[9.0, 9.0, 9.0])
    assert lost[0].endswith("0 wins, 1 ties, 0 losses")
    lost = said(ladder=[4.0, 5.1, 6.0], random=[3.0, 4.0, 5.0])
    assert lost[0].endswith("0 wins, 0 ties, 1 losses")
    assert "p, 100 trainings against 100 of random, by 1.03 +- 0.14" in lost[1]
    won = said(ladder=[2.0, 2.9, 4.0], random=[3.0, 4.0, 5.0])
    assert won == [
        "ladder with 100 against the best with 100: 1 wins, 0 ties, 0 losses"
    ]

"""How probably trials are on the front: right on average, in studies of known noise."""

import numpy as np
import pytest

from vidnas.statistics.seed_noise import spread_within
from vidnas.trials import ACCURACIES, Objectives
from vidnas.trials.noise.membership import Doubt, on_front

CLIPS = 900
SEED_SPREAD = 1.5  # points
TOP1 = ACCURACIES["top1"]


def planted(rng, networks=50, repeated=8, seeds=3):
    """Log costs, true accuracies [%], and measured ones with the noise of seeds.

    A network gets the share of the clips right that its luck with them decides, once
    for all its seeds; a seed moves its accuracy. Some networks have repeats.
    """
    at = np.sort(rng.uniform(0.0, 2.0, networks))
    true = np.clip(
        45.0 + 8.0 * at + rng.normal(0.0, rng.uniform(1.5, 4.0), networks), 5, 95
    )
    on_clips = 100.0 * rng.binomial(CLIPS, true / 100.0) / CLIPS
    counts = np.ones(networks, np.int64)
    counts[rng.choice(networks, repeated, replace=False)] = seeds
    runs = [
        mean + rng.normal(0.0, SEED_SPREAD, n)
        for mean, n in zip(on_clips, counts, strict=True)
    ]
    return at, true, runs


def told(measured_trial, at, runs):
    """Trials of these runs as a study tells them."""
    spread, freedom = spread_within(runs)
    return [
        measured_trial(
            n,
            flops=float(1e6 * np.exp(position)),
            top1=float(np.clip(np.mean(run), 0.0, 100.0)),
            val_clips=float(CLIPS),
            top1_seed_error=spread / len(run) ** 0.5,
            seed_freedom=float(freedom),
        )
        for n, (position, run) in enumerate(zip(at, runs, strict=True))
    ]


@pytest.fixture(scope="module")
def studies():
    rng = np.random.default_rng(7)
    return [planted(rng) for _ in range(200)]


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_hold_the_true_accuracy_as_often_as_they_say(
    studies, measured_trial, level
):
    inside = []
    for at, true, runs in studies:
        for trial, truth in zip(told(measured_trial, at, runs), true, strict=True):
            low, high = TOP1.interval_of(trial.measured, level)
            inside.append(low <= truth <= high)
    # 10,000 intervals, whose share errs by 0.3 to 0.5 points.
    assert level - 0.05 <= np.mean(inside) <= level + 0.05


def test_intervals_without_the_seed_hold_it_too_seldom(studies, measured_trial):
    inside = []
    for at, true, runs in studies:
        for trial, truth in zip(told(measured_trial, at, runs), true, strict=True):
            clips = {k: trial.measured[k] for k in ("top1", "val_clips")}
            low, high = TOP1.interval_of(clips, 0.9)
            inside.append(low <= truth <= high)
    assert np.mean(inside) < 0.85


def test_of_trials_that_are_probably_on_the_front_so_many_are(studies, measured_trial):
    said, so = [], []
    for at, true, runs in studies:
        doubt = Doubt.of(told(measured_trial, at, runs), Objectives(), draws=400)
        probable = doubt.probabilities()
        said += [probable.get(n, 0.0) for n in range(len(true))]
        so += (true >= np.maximum.accumulate(true)).tolist()
    said, so = np.array(said), np.array(so)
    assert said.mean() == pytest.approx(so.mean(), abs=0.02)
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 1.01)):
        here = (said >= low) & (said < high)
        assert here.sum() > 500  # a share of so many errs by 0.02
        assert so[here].mean() == pytest.approx(said[here].mean(), abs=0.05)


def test_what_is_measured_on_endless_clips_is_on_the_front_or_not(measured_trial):
    trials = [
        measured_trial(n, flops=(n + 1) * 1e6, top1=top1, val_clips=1e12)
        for n, top1 in enumerate((50.0, 60.0, 55.0, 70.0, 69.0, 71.0, 80.0))
    ]
    found = Doubt.of(trials, Objectives()).probabilities()
    assert found == {0: 1.0, 1: 1.0, 2: 0.0, 3: 1.0, 4: 0.0, 5: 1.0, 6: 1.0}


def test_two_alike_of_one_cost_share_the_front(measured_trial):
    twins = [measured_trial(n, top1=60.0, val_clips=100.0) for n in range(2)]
    found = Doubt.of(twins, Objectives(), draws=4000).probabilities()
    assert found[0] + found[1] == pytest.approx(1.0)
    assert found[0] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("columns", [1, 2])
def test_the_front_of_each_draw_is_what_comparing_all_pairs_finds(columns):
    rng = np.random.default_rng(columns)
    costs = rng.integers(0, 6, (25, columns)).astype(float)
    costs = costs[np.lexsort(costs.T[::-1])]
    draws = rng.normal(size=(30, 25))
    found = on_front(costs, draws)
    for row, drawn in zip(found, draws, strict=True):
        for n in range(25):
            cheaper = (costs <= costs[n]).all(axis=1)
            assert row[n] == (not (drawn[cheaper] > drawn[n]).any())


def test_leaving_out_the_hopeless_changes_nothing_and_is_quick(measured_trial):
    rng = np.random.default_rng(3)
    at = np.sort(rng.uniform(0, 3, 3000))
    top1 = 40 + 10 * at + rng.normal(0, 8, 3000)
    costs = 1e6 * np.exp(at)
    trials = [
        measured_trial(n, flops=c, inference_bytes=c, top1=t, val_clips=2000.0)
        for n, (c, t) in enumerate(zip(costs, top1, strict=True))
    ]
    one = Doubt.of(trials, Objectives())
    # A second cost that says the same leaves the same front.
    two = Doubt.of(trials, Objectives(("flops", "inference_bytes")), draws=200)
    assert len(one.trials) < 1000
    assert {t.number for t in two.trials} == {t.number for t in one.trials}
    more, less = one.probabilities(), two.probabilities()
    assert max(abs(more[n] - less[n]) for n in more) < 0.15


def test_trials_of_unknown_noise_are_in_no_draw(measured_trial):
    assert Doubt.of([measured_trial(0, top1=50.0)], Objectives()).probabilities() == {}
    assert Doubt.of([], Objectives()).on_front.shape == (1000, 0)

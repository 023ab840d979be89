"""What a study knows of its trials at one moment, sorted out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture.published import published
from vidnas.study.trial_log import TrialLog
from vidnas.trials import Fidelity, Trial

NETWORKS = {name: published(name) for name in ("x3d-xs", "x3d-s", "x3d-m")}


def trial(number, network="x3d-xs", **facts):
    return Trial(
        number=number,
        candidate=(),
        architecture=NETWORKS[network],
        fidelity=Fidelity(epochs=1),
        seed=0,
        costs={},
        **facts,
    )


@pytest.fixture
def trials():
    """A baseline, a trial taken over, one predicted, and four of the study's own."""
    listed = [
        trial(3, "x3d-m", state="failed"),
        trial(-1, "x3d-m", state="done", baseline="m"),
        trial(0, "x3d-xs", state="done", taken_over_from="other/4"),
        trial(-2, "x3d-s", state="running", baseline="s"),
        trial(1, "x3d-s", state="done"),
        trial(2, "x3d-s", state="running", source="predicted"),
        trial(4, "x3d-s", state="running"),
        trial(5, "x3d-xs", state="running"),
    ]
    return {one.number: one for one in listed}


def numbers(trials):
    return [one.number for one in trials]


def test_a_log_sorts_trials_out(trials):
    log = TrialLog.of(trials, "trained")
    assert numbers(log.trials) == [0, 1, 2, 3, 4, 5]
    assert numbers(log.baselines) == [-1, -2]
    assert numbers(log.visible) == [0, 1, 3, 4, 5]
    assert numbers(log.own) == [1, 3, 4, 5]
    # x3d-xs was trained in full elsewhere, so it has nowhere to climb to.
    assert numbers(log.climbing) == [1, 3, 4]
    assert log.networks == 3
    assert log.states == {"done": 1, "failed": 1, "running": 2}


def test_a_log_of_another_source_sees_its_trials_alone(trials):
    log = TrialLog.of(trials, "predicted")
    assert numbers(log.visible) == numbers(log.own) == [2]
    assert len(log.trials) == 6


@pytest.mark.parametrize("seed", range(5))
def test_trials_put_in_any_order_give_the_same_log(trials, seed):
    order = np.random.default_rng(seed).permutation(sorted(trials)).tolist()
    log = TrialLog("trained")
    for number in order:
        log.put(replace(trials[number], state="running", measured={}))
    for number in order:
        log.put(trials[number])
    whole = TrialLog.of(trials, "trained")
    for name in ("trials", "baselines", "visible", "own", "climbing"):
        assert list(getattr(log, name)) == list(getattr(whole, name))
    assert {one.number for one in log.running} == {2, 4, 5}
    assert (log.networks, +log.states) == (whole.networks, whole.states)


def test_a_trial_that_ends_is_seen_by_whoever_holds_the_log(trials):
    log = TrialLog.of(trials, "trained")
    log.put(replace(trials[4], state="done"))
    assert numbers(log.running) == [2, 5]
    assert [one.state for one in log.own] == ["done", "failed", "done", "running"]
    assert log.states == {"done": 2, "failed": 1, "running": 1}


def test_a_log_of_nothing_is_empty():
    log = TrialLog.of({}, "trained")
    assert (len(log.trials), len(log.own), log.networks) == (0, 0, 0)
    assert log.states["failed"] == 0

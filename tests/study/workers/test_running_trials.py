"""Which trials take too long, on a clock that the test turns."""

import pytest

from vidnas.study.experiment.workers import WorkerGroup, Workers
from vidnas.study.workers.running_trials import HALT_SECONDS, RunningTrials

HOURS, MINUTES = 2.0, 10.0


class Clock:
    """Seconds that stand still until they are added to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def running(clock):
    groups = (WorkerGroup("small", 2), WorkerGroup("large", 1))
    running = RunningTrials(Workers(groups, HOURS, MINUTES), clock)
    running.add("a", 7, "large")
    return running


def pass_by(clock, running, seconds, quiet=None):
    """All verdicts while the time goes by in ticks of 2 s."""
    found = []
    for _ in range(int(seconds / 2)):
        clock.now += 2
        if quiet is not None:
            running.hear("a", quiet)
        found += running.overdue()
    return found


def test_a_group_is_free_while_it_has_more_workers_than_trials(running):
    assert running.free() == ["small"]
    assert running.end("a").number == 7
    assert running.free() == ["small", "large"]
    assert running.end("a") is None


def test_a_trial_that_waits_for_a_worker_breaks_no_limit(clock, running):
    assert pass_by(clock, running, 3600 * 3) == []


def test_trials_that_are_to_end_do_not_wait_for_workers_for_ever(clock, running):
    running.add("b", 8, "small")
    assert not running.wait_in_vain
    assert running.halt_all() == ["a", "b"]
    clock.now = HALT_SECONDS
    assert not running.wait_in_vain
    clock.now += 1
    assert running.wait_in_vain
    running.begin("b")  # it ends by itself, or its worker is killed
    assert not running.wait_in_vain
    running.end("b")
    assert running.wait_in_vain
    running.end("a")
    assert not running.wait_in_vain


def test_a_trial_that_takes_too_long_is_told_to_end_then_killed(clock, running):
    running.begin("a")
    assert pass_by(clock, running, 3600 * HOURS, quiet=0.0) == []
    assert pass_by(clock, running, 2, quiet=0.0) == [("a", "halt")]
    assert running["a"].reason == "longer than 2 h, timed out"
    assert pass_by(clock, running, HALT_SECONDS, quiet=0.0) == []
    assert pass_by(clock, running, 20, quiet=0.0) == [("a", "kill")]


def test_a_worker_that_makes_no_step_or_says_nothing_is_killed(clock, running):
    running.begin("a")
    assert pass_by(clock, running, 60 * MINUTES) == []  # it may be on its way
    assert pass_by(clock, running, 20) == [("a", "kill")]
    assert running["a"].reason == "no step for 10 min, stalled"


def test_a_sign_of_life_without_a_step_is_none(clock, running):
    running.begin("a")
    clock.now = 4.0
    running.hear("a", quiet_seconds=60 * MINUTES + 2)
    assert running.overdue() == [("a", "kill")]


def test_a_driver_that_was_away_blames_nobody(clock, running):
    running.begin("a")
    pass_by(clock, running, 10)
    clock.now += 3600  # a laptop that slept
    assert running.overdue() == []
    assert pass_by(clock, running, 60 * MINUTES - 20) == []


def test_the_end_of_a_study_halts_each_trial_once(clock, running):
    running.begin("a")
    assert running.halt_all() == ["a"]
    assert running.halt_all() == []
    pass_by(clock, running, HALT_SECONDS, quiet=0.0)
    assert pass_by(clock, running, 20, quiet=0.0) == [("a", "kill")]
    assert running["a"].reason == ""


def test_many_workers_say_seldom_that_they_live_unless_stalling_is_watched():
    def seconds(count, minutes):
        return RunningTrials(
            Workers((WorkerGroup(count=count),), None, minutes)
        ).heartbeat_seconds

    assert seconds(2, None) == 1.0
    assert seconds(1000, None) == 20.0
    assert seconds(1000, 0.4) == 6.0

"""What the study hears of Tune's trials; no Ray is started."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from vidnas.errors import JournalError, StudyError
from vidnas.study.experiment.workers import Workers
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.nodes import Nodes
from vidnas.study.workers.oom_kills import OomWatch
from vidnas.study.workers.running_trials import RunningTrials


class Numbered:
    """An assignment, as far as the bridge looks."""

    def __init__(self, number):
        self.number = number
        self.group = ""


class AtDesk:
    """A study that gives numbers, or does what it is told."""

    def __init__(self, give, report):
        self.next = lambda free=("",): give()
        self.report = report

    def placed(self, placed):
        """Hears which worker has a trial."""


@pytest.fixture
def ray_tune():
    from vidnas.study.workers import ray_tune

    return ray_tune


@pytest.fixture
def bridge(ray_tune, monkeypatch):
    """A bridge of two nodes, what it reports, and the kernel's counter."""
    monkeypatch.setattr(ray_tune, "_own_addresses", lambda: ("10.0.0.1",))

    def make(kills=(0, 0), gone=(), draining=()):
        left, numbers, heard = list(kills), iter(range(9)), []
        made = ray_tune._Bridge(
            AtDesk(lambda: Numbered(next(numbers)), heard.append),
            Nodes(
                lambda: {"north": "10.0.0.1", "south": "10.0.0.2"},
                lambda: frozenset(draining),
                lambda node: node not in gone,
            ),
            Workers.alike(count=9),
            OomWatch(lambda: left.pop(0)),
        )
        return made, heard

    return make


def test_a_worker_that_went_with_its_node_is_no_death(bridge):
    made, heard = bridge(kills=(0,) * 4, gone={"south"})
    for trial, node in (("a", "north"), ("b", "south")):
        made.next(trial)
        made.placed(trial, "10.0.0.2", 1)
        made.lose(trial, died("10.0.0.2"), node)
    assert [outcome.cause for outcome in heard] == ["killed", "preempted"]
    assert heard[1].reason == "its node was lost"


def test_a_trial_that_leaves_a_draining_node_was_not_tried(bridge):
    made, heard = bridge(kills=(0, 0, 0), draining={"south"})
    for trial in "ab":
        made.next(trial)
    assert [made.must_leave(node) for node in ("north", "south")] == [False, True]
    assert made.running.leave("a")
    assert not made.running.leave("a")
    for number, trial in enumerate("ab"):
        made.done(trial, Outcome(number, {}, "stopped by the study", "stopped"))
    assert [outcome.cause for outcome in heard] == ["preempted", "stopped"]
    assert heard[0].reason == "its node is drained"
    assert made.avoided() == ["south"]


def test_a_study_that_is_over_leaves_a_trial_to_which_no_worker_comes(
    bridge, monkeypatch
):
    from vidnas.study.workers import running_trials

    monkeypatch.setattr(running_trials, "HALT_SECONDS", 0.0)
    made, _ = bridge()
    made.next("a")
    made.error = JournalError("it was replaced")
    assert made.to_halt() == ["a"]
    assert not made.is_stuck
    assert made.to_halt() == []
    assert made.is_stuck


def NodeError(*facts):  # noqa: N802
    from vidnas.study.workers.ray_reasons import NodeError

    return NodeError(*facts)


def died(ip):
    from ray.exceptions import RayActorError

    return RayActorError(error_msg=f"The actor died unexpectedly.\n\tip: {ip}\nEOF.")


def test_a_death_here_is_of_memory_where_the_kernel_says_so(bridge):
    made, heard = bridge(kills=(3, 4))
    made.next("a")
    made.placed("a", "10.0.0.1", 1)
    made.lose("a", died("10.0.0.1"))
    reason = "out of memory on the host: the kernel stopped the worker"
    assert heard == [Outcome(0, {}, reason, "memory", "10.0.0.1")]


def test_a_death_without_a_sign_is_not(bridge):
    made, heard = bridge(kills=(3, 3))
    made.next("a")
    made.placed("a", "10.0.0.1", 1)
    made.lose("a", died("10.0.0.1"))
    assert [outcome.cause for outcome in heard] == ["killed"]


def test_the_kernel_here_says_nothing_of_a_death_elsewhere(bridge):
    made, heard = bridge(kills=(3, 4))
    made.next("a")
    made.placed("a", "10.0.0.1", 1)
    made.lose("a", died("10.0.0.2"))
    assert [outcome.cause for outcome in heard] == ["killed"]


def test_a_broken_node_is_avoided_and_the_last_one_counts(bridge, ray_tune):
    made, heard = bridge(kills=(0,) * 9)
    for trial, node in zip("abcd", ("north", "north", "south", "south"), strict=True):
        made.next(trial)
        made.lose(trial, NodeError("ClipError: gone", node, node))
        if trial == "b":
            assert made.avoided() == ["north"]
    assert [outcome.is_elsewhere for outcome in heard] == [True, True, False, False]
    assert {outcome.cause for outcome in heard} == {"surroundings"}


def test_an_outcome_is_reported_once(bridge):
    made, heard = bridge(kills=(0, 0))
    made.next("a")
    made.done("a", Outcome(0, {"top1": 50.0}), "north")
    made.done("a", Outcome(0, {"top1": 50.0}), "north")
    made.lose("a", None)
    assert heard == [Outcome(0, {"top1": 50.0})]


def test_an_error_of_the_study_ends_its_supply(ray_tune):
    def broken():
        raise StudyError("the journal is gone")

    made = ray_tune._Bridge(AtDesk(broken, print), Nodes(dict))
    assert made.next("a") is None
    assert str(made.error) == "the journal is gone"


@pytest.mark.parametrize("error", [JournalError("it was replaced"), OSError("full")])
def test_what_goes_wrong_in_a_report_is_kept_and_nothing_new_begins(ray_tune, error):
    reported = []

    def report(outcome):
        reported.append(outcome)
        raise error

    made = ray_tune._Bridge(AtDesk(lambda: Numbered(0), report), Nodes(dict))
    assert made.next("a") is not None
    assert made.next("b") is not None
    for trial in "ab":  # the second one's outcome is left in the outbox too
        made.done(trial, Outcome(0, {"top1": 1.0}))
    assert len(reported) == 2
    assert made.error is error
    assert made.next("c") is None
    assert not made.waiting


class TuneTrial:
    """A trial of Tune, as far as the callback looks."""

    def __init__(self, name, actor=None):
        self.trial_id = name
        self.temporary_state = SimpleNamespace(ray_actor=actor)


def test_a_worker_that_has_a_trial_and_never_says_a_word_is_killed(
    ray_tune, monkeypatch
):
    killed, clock, numbers = [], [0.0], iter(range(9))
    monkeypatch.setattr(ray_tune.ray, "kill", killed.append)
    workers = replace(Workers.alike(count=3), stalled_minutes=1)
    desk = AtDesk(lambda: Numbered(next(numbers)), print)
    desk.is_over = lambda: False
    made = ray_tune._Bridge(desk, Nodes(dict), workers, OomWatch(lambda: 0))
    made.running = RunningTrials(workers, lambda: clock[0])
    news = ray_tune._News(made)
    for name in "abc":
        made.next(name)
    heard, silent, without = TuneTrial("a", "A"), TuneTrial("b", "B"), TuneTrial("c")
    placed = {"placed": {"node": "10.0.0.1", "process": 1, "log": ""}, "node": "north"}
    news.on_trial_result(0, [], heard, placed)
    for _ in range(40):
        clock[0] += 2
        news.on_trial_result(0, [], heard, {"quiet": 0.0})
        news.on_step_end(0, [TuneTrial("old", "A"), heard, silent, without])
    assert killed == ["B"]
    assert not ray_tune.ray.is_initialized()
    made.lose("b", died("10.0.0.1"))
    assert made.running.waiting() == ["c"]


def test_a_death_before_a_trial_was_taken_is_of_the_node(bridge):
    made, heard = bridge(kills=(0,) * 9)
    for number in range(4):
        made.next(str(number))
        made.lose(str(number), died(f"10.0.0.{1 + number // 2}"))
    reason = "the worker was killed, before it took a trial"
    assert {(o.reason, o.cause) for o in heard} == {(reason, "surroundings")}
    assert [outcome.is_elsewhere for outcome in heard] == [True, True, False, False]

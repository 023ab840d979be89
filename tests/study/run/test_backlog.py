"""Which worker a trial is for, at a desk whose executor is the test."""

import dataclasses

import pytest

from vidnas.study.experiment.workers import WorkerGroup, Workers
from vidnas.study.ledger import Ledger
from vidnas.study.run.backlog import Backlog
from vidnas.study.run.next_trial import NextTrial
from vidnas.study.workers.assignment import Outcome
from vidnas.trials.effort import Effort


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path, lambda: 0.0, batch=8)
    ledger.append("study")
    yield ledger
    ledger.close()


def backlog_of(experiment, ledger, *groups, trials=40):
    """A backlog over an experiment with these groups."""
    experiment = dataclasses.replace(
        experiment, workers=Workers(groups), effort=Effort(trials=trials)
    )
    chooser = NextTrial(experiment, ledger, classes=2, source="trained")
    return Backlog(experiment, ledger, chooser, classes=2)


def needs(experiment, ledger, count=40):
    """What trainings of candidates are predicted to take, with the margin."""
    backlog = backlog_of(experiment, ledger, WorkerGroup(), trials=count)
    trials = iter(lambda: backlog.next([""]), None)
    return sorted(backlog._training_bytes(trial) for trial, _ in trials)


@pytest.fixture
def middle(experiment, tmp_path):
    """Memory that holds half of the candidates [bytes]."""
    other = Ledger(tmp_path / "other", lambda: 0.0, batch=8)
    other.append("study")
    found = needs(experiment, other)
    other.close()
    assert found[0] < found[20] < found[-1]
    return found[20]


def groups_of(middle, **facts):
    small = WorkerGroup("small", 1, memory=middle, hourly_cost=1.0)
    return small, WorkerGroup("large", 2, memory=100 * middle, hourly_cost=9.0)


def test_one_group_is_every_trials(experiment, ledger):
    backlog = backlog_of(experiment, ledger, WorkerGroup(), trials=2)
    assert backlog.next([""])[1] == ""


def test_each_trial_goes_to_the_cheapest_group_that_holds_it(
    experiment, ledger, middle
):
    backlog = backlog_of(experiment, ledger, *groups_of(middle))
    both = ["large", "small"]
    found = list(iter(lambda: backlog.next(both), None))
    assert {group for _, group in found} == {"small", "large"}
    for trial, group in found:
        assert (group == "small") == (backlog._training_bytes(trial) <= middle)


def test_without_prices_gpus_and_memory_tell_which_is_cheap(experiment, ledger):
    groups = (
        WorkerGroup("gpu", gpus=1.0),
        WorkerGroup("cores", cpus=8),
        WorkerGroup("core"),
    )
    backlog = backlog_of(experiment, ledger, *groups, trials=3)
    assert backlog.next(["gpu", "cores", "core"])[1] == "core"
    assert backlog.next(["gpu", "cores"])[1] == "cores"
    assert backlog.next(["gpu"])[1] == "gpu"


def test_large_candidates_wait_for_large_workers_and_no_worker_is_idle(
    experiment, ledger, middle
):
    backlog = backlog_of(experiment, ledger, *groups_of(middle))
    small = [backlog.next(["small"]) for _ in range(12)]
    assert all(group == "small" for _, group in small)
    assert all(backlog._training_bytes(trial) <= middle for trial, _ in small)
    # As many wait as there are large workers, and they come first once one is free.
    waiting = [
        trial for trial in ledger.log.running if trial not in [t for t, _ in small]
    ]
    assert len(waiting) == 2
    assert [backlog.next(["large"])[0] for _ in waiting] == waiting


def test_what_ran_out_of_memory_goes_whole_to_a_larger_worker_first(
    experiment, ledger, middle
):
    backlog = backlog_of(experiment, ledger, *groups_of(middle))
    trial, group = backlog.next(["small"])
    assert group == "small"
    assert backlog.outgrows(trial.number)
    ended = ledger.finish(
        Outcome(trial.number, {}, "out of memory", "memory"), is_larger=True
    )
    assert ledger.attempt(trial.number).micro_batch == 8
    assert backlog._found(ended, backlog._groups).name == "large"
    backlog._given(ended, backlog._groups[1])
    assert not backlog.outgrows(trial.number)  # from there on in smaller parts

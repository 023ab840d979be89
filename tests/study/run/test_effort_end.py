"""The first limit reached ends a study; a clock that tests move says when."""

import dataclasses
from types import SimpleNamespace

import pytest

from vidnas.files.journal import read_journal
from vidnas.study import Inline, Study, load_history
from vidnas.study.workers import executor
from vidnas.trials.effort import Effort

HOUR = 3600.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(executor, "time", SimpleNamespace(monotonic=clock))
    return clock


def trains(clock, seconds, epochs=2):
    """An evaluation that takes so long, in steps, and tells of its epochs."""

    def evaluate(architecture, *, watch, **rest):
        for epoch in range(1, epochs + 1):
            for _ in range(4):
                clock.now += seconds / epochs / 4
                watch.step()
            watch.epoch(epoch, {"loss": 1.0 / epoch})
        return {"top1": 50.0, "seconds": seconds}

    return evaluate


def run(experiment, dataset, folder, effort, seconds=HOUR / 2):
    clock = executor.time.monotonic
    asked = dataclasses.replace(experiment, effort=effort)
    with Study(asked, dataset, folder, clock=clock) as study:
        return study.run(Inline(), trains(clock, seconds), lambda trial: None)


@pytest.mark.parametrize(
    ("effort", "trials", "reached"),
    [
        (Effort(hours=2), 4, "hours"),
        (Effort(trials=3, hours=2), 3, "trials"),
        (Effort(trials=9, epochs=5), 3, "epochs"),
        (Effort(hours=1.75), 4, "hours"),  # the fourth, begun before, runs to its end
        (Effort(gpu_hours=0.5, hours=9), 2, "gpu_hours"),
    ],
)
def test_the_first_limit_reached_ends_the_study(
    experiment, dataset, tmp_path, effort, trials, reached
):
    groups = (dataclasses.replace(experiment.workers.groups[0], gpus=0.5),)
    workers = dataclasses.replace(experiment.workers, groups=groups)
    halves = dataclasses.replace(experiment, workers=workers)
    history = run(halves, dataset, tmp_path / "run", effort)
    assert [trial.state for trial in history.trials] == ["done"] * trials
    assert history.reached == reached
    assert load_history(tmp_path / "run").reached == reached


def test_with_a_grace_running_trials_are_stopped_when_it_is_over(
    experiment, dataset, tmp_path
):
    effort = Effort(hours=1.2, grace_minutes=6)  # 72 + 6 min; the third would end at 90
    history = run(experiment, dataset, tmp_path / "run", effort)
    assert [t.state for t in history.trials] == ["done", "done", "running"]
    assert history.trials[2].reason.startswith("the effort is spent")
    assert 1.3 <= history.spent.hours < 1.4
    last = read_journal(tmp_path / "run" / "journal.jsonl")[-2]
    assert (last["event"], last["cause"]) == ("interrupted", "stopped")
    assert last["spent"]["seconds"] >= 18 * 60


def test_a_trial_that_a_spent_effort_stopped_goes_on_when_that_is_raised(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "run"
    run(experiment, dataset, folder, Effort(hours=1.2, grace_minutes=6))
    again = run(experiment, dataset, folder, Effort(hours=1.2, grace_minutes=6))
    assert len(again.trials) == 3  # nothing new is begun while it is spent
    history = run(experiment, dataset, folder, Effort(hours=2, grace_minutes=6))
    assert {trial.state for trial in history.trials[:3]} == {"done"}
    assert len(history.trials) > 3


def test_a_grace_of_nothing_stops_at_the_next_step(experiment, dataset, tmp_path):
    effort = Effort(hours=0.25, grace_minutes=0)
    history = run(experiment, dataset, tmp_path / "run", effort)
    assert history.spent.hours == pytest.approx(0.25, abs=0.07)


def test_what_was_spent_is_the_same_after_a_reading(experiment, dataset, tmp_path):
    history = run(experiment, dataset, tmp_path / "run", Effort(trials=3))
    assert load_history(tmp_path / "run").spent == history.spent
    assert (history.spent.trials, history.spent.epochs) == (3, 6)

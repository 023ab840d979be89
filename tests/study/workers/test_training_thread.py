"""A training that is heard, and ended, while it runs in a thread."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.training_thread import TrainingThread
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.news import EpochEnd
from vidnas.trials.recipe import Recipe


@pytest.fixture
def assignment(tmp_path):
    network = SimpleNamespace(arch_id="a")
    return Assignment(
        3, network, Fidelity(2), Recipe(), "clips", 0, str(tmp_path / "outbox")
    )


def test_epochs_are_told_before_the_outcome(assignment):
    def evaluate(architecture, *, watch, **facts):
        for epoch in (1, 2):
            watch.step()
            watch.epoch(epoch, {"loss": np.float32(1.0)})
        return {"top1": 50.0}

    thread = TrainingThread(evaluate)
    for _ in range(2):  # and the thread goes on with the next
        thread.begin(assignment)
        news = [thread.news(10) for _ in range(3)]
        assert news[:2] == [EpochEnd(3, 1, {"loss": 1.0}), EpochEnd(3, 2, {"loss": 1})]
        assert news[2] == Outcome(3, {"top1": 50.0})
        assert thread.news(0.01) is None


def test_a_training_ends_at_its_next_step_and_the_thread_takes_another(assignment):
    stepping = threading.Event()

    def evaluate(architecture, *, watch, **facts):
        while True:
            watch.step()
            stepping.set()

    thread = TrainingThread(evaluate)
    for _ in range(2):
        stepping.clear()
        thread.begin(assignment)
        assert stepping.wait(10)
        thread.halt()
        outcome = thread.news(10)
        assert (outcome.cause, outcome.reason) == ("stopped", "stopped by the study")


def test_the_group_is_told_to_an_evaluation_that_asks(assignment):
    def evaluate(architecture, *, group, **facts):
        return {"top1": float(len(group))}

    thread = TrainingThread(evaluate)
    thread.begin(assignment)
    assert thread.news(10).measured == {"top1": 0.0}

"""A study in an object store: what workers leave there outlives driver and mirror."""

import dataclasses

import numpy as np
import pytest

from vidnas.files.mirror import study_path
from vidnas.files.place import Place
from vidnas.study import Inline, Study, load_history
from vidnas.study.workers import executor
from vidnas.trials import Fidelity
from vidnas.trials.effort import Effort


class Cut(BaseException):
    """The end of a driver, and of its machine with all that lay there."""


class Trainings:
    """A stand-in that keeps every epoch, and dies with its driver where it is told.

    Args:
        cut: Trial, counted from 0, and epoch after which everything ends; None for
            no such end.
    """

    def __init__(self, cut=None):
        self.cut = cut
        self.begun = []  # network, and epoch that it went on from

    def __call__(self, architecture, *, fidelity, watch, **rest):
        kept = watch.kept()
        self.begun.append((architecture.arch_id, kept.epoch if kept else 0))
        for epoch in range(kept.epoch if kept else 0, fidelity.epochs):
            watch.epoch(epoch + 1, {"loss": 1.0 / (epoch + 1)})
            watch.keep(epoch + 1, {"weights": np.arange(3.0)})
            if (len(self.begun) - 1, epoch + 1) == self.cut:
                raise KeyboardInterrupt
        watch.trained(lambda: b"weights")
        return {"top1": int(architecture.arch_id, 16) % 1000 / 10, "val_clips": 10.0}


@pytest.fixture
def address(tmp_path):
    return f"memory://{tmp_path.name}/runs/small"


@pytest.fixture
def small(experiment):
    return dataclasses.replace(
        experiment, fidelity=Fidelity(3), effort=Effort(trials=4)
    )


def run(experiment, dataset, address, evaluate):
    with Study(experiment, dataset, study_path(address)) as study:
        return study.run(Inline(), evaluate, lambda trial: None)


def told(address):
    trials = load_history(study_path(address)).trials
    return [(t.number, t.arch_id, t.state, dict(t.measured)) for t in trials]


def test_an_outcome_in_the_store_is_taken_by_a_driver_on_another_machine(
    small, dataset, address, monkeypatch
):
    whole = Trainings()
    run(small, dataset, f"{address}-whole", whole)
    leave, trained = executor.leave, Trainings()

    def cutting(*given, **named):
        leave(*given, **named)
        raise Cut

    with monkeypatch.context() as cut:
        cut.setattr(executor, "leave", cutting)
        with pytest.raises(Cut):
            run(small, dataset, address, trained)
    assert Place.of(address).child("outbox").names() == ["0.json"]
    run(small, dataset, address, trained)
    assert told(address) == told(f"{address}-whole")
    assert trained.begun == whole.begun  # nothing was trained twice
    assert Place.of(address).child("outbox").names() == []


def test_a_trial_goes_on_from_its_state_in_the_store(small, dataset, address):
    first = Trainings(cut=(1, 2))
    with pytest.raises(KeyboardInterrupt):
        run(small, dataset, address, first)
    states = Place.of(address).child("checkpoints")
    assert "state.npz" in states.child("00001").names()
    later = Trainings()
    run(small, dataset, address, later)
    assert later.begun[0] == (first.begun[1][0], 2)
    assert [t[2] for t in told(address)] == ["done"] * 4


def test_the_store_keeps_the_weights_of_the_front_and_nothing_else(
    small, dataset, address
):
    history = run(small, dataset, address, Trainings())
    states = Place.of(address).child("checkpoints")
    kept = {name: states.child(name).names() for name in states.folders()}
    front = {f"{trial.number:05d}": ["weights.npz"] for trial in history.front().trials}
    assert kept == front


def test_states_of_trials_that_ended_are_removed_from_the_store(
    small, dataset, address
):
    run(small, dataset, address, Trainings())
    left = Place.of(address).child("checkpoints")
    for name in ("00001", "00099"):
        left.child(name).write("state.npz", b"a killed driver's")
    run(
        dataclasses.replace(small, effort=Effort(trials=5)),
        dataset,
        address,
        (Trainings()),
    )
    states = [n for n in left.folders() if "state.npz" in left.child(n).names()]
    assert states == []

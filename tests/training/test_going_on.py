"""Trials that go on: they end exactly as those without a break."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.trials import Fidelity, Recipe
from vidnas.trials.recipe import CONTINUABLE, Evaluation
from vidnas.trials.watch import Kept, TrainingStoppedError, Unwatched

pytestmark = pytest.mark.keras
HERE = Path(__file__).parent
RECIPE = Recipe(
    learning_rate=0.02, batch=8, crop=0.25, dropout=0.3, stochastic_depth=0.3
)
TIMES = ("seconds", "build_seconds", "train_seconds")
# What memory and time were taken is not what was learned.
OTHERS = (*TIMES, "peak_bytes", "resumed_epochs", "continued_epochs")


def small_clips():
    """The module beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = small_clips()


class Keeper(Unwatched):
    """A watch that keeps all, and stops the training after some epoch."""

    def __init__(self, kept=None, stop=None):
        self._kept, self._stop = kept, stop
        self.reports, self.states, self.weights = {}, {}, b""

    def epoch(self, number, report):
        self.reports[number] = report
        if number == self._stop:
            raise TrainingStoppedError

    def keep(self, epoch, state):
        self.states[epoch] = state

    def kept(self):
        return self._kept

    def trained(self, weights):
        self.weights = weights()


@pytest.fixture
def train(monkeypatch):
    """Evaluates a small network under a keeper; what was measured, and the keeper."""
    from vidnas.training import dataset, evaluate

    monkeypatch.setattr(dataset, "open_clips", SMALL.open_small())

    def run(keeper, *, epochs=3, seed=0, micro_batch=None, full_epochs=None, **changes):
        try:
            measured = evaluate(
                SMALL.small_architecture(),
                dataset="small",
                recipe=replace(RECIPE, **changes),
                fidelity=Fidelity(epochs),
                seed=seed,
                watch=keeper,
                micro_batch=micro_batch,
                full_epochs=full_epochs,
            )
        except TrainingStoppedError:
            measured = None
        return measured, keeper

    return run


def learned(measured):
    return {name: value for name, value in measured.items() if name not in OTHERS}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"micro_batch": 4, "mixup": 0.4, "cutmix": 1.0, "flip": True},
        {
            "optimizer": "sgd",
            "learning_rate": 0.1,
            "rand_augment": (2, 5.0),
            "colour_jitter": (0.4, 0.4, 0.4, 0.1),
            "evaluation": Evaluation(each_epoch=True),
        },
    ],
    ids=["dropout", "mixed-in-parts", "augmented-each-epoch"],
)
def test_a_trial_that_goes_on_measures_exactly_what_an_unbroken_one_does(
    train, changes
):
    whole, unbroken = train(Keeper(), **changes)
    for stop in (1, 2):
        stopped, first = train(Keeper(stop=stop), **changes)
        assert stopped is None
        assert list(first.states) == list(range(1, stop + 1))
        measured, second = train(Keeper(Kept(stop, first.states[stop])), **changes)
        # One thread computes here; to the byte, dropout's draws included.
        assert learned(measured) == learned(whole)
        assert second.weights == unbroken.weights
        assert second.reports == unbroken.reports  # the first ones are told again
        assert measured["resumed_epochs"] == stop
        assert "resumed_epochs" not in whole


def test_seconds_of_a_trial_that_went_on_are_those_of_every_try(train):
    _, first = train(Keeper(stop=2))
    state = dict(first.states[2])
    again, _ = train(Keeper(Kept(2, state)))
    told = str(state["trial"]).replace('"seconds": ', '"seconds": 1000')
    state["trial"] = np.array(told)
    later, _ = train(Keeper(Kept(2, state)))
    assert later["seconds"] > 1000 > again["seconds"]


def test_a_state_after_the_last_epoch_is_only_measured(train):
    whole, unbroken = train(Keeper())
    measured, keeper = train(Keeper(Kept(3, unbroken.states[3])))
    assert learned(measured) == learned(whole)
    assert keeper.states == {}


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.pop("trial"),
        lambda state: state.pop("slot0"),
        lambda state: state.update(steps=np.array(3)),
        lambda state: state.update(steps=np.array(8)),
        lambda state: state.update(trained=state["trained"][:-1]),
        lambda state: state.update(trained=state["trained"].astype(np.float64)),
        lambda state: state.update(trial=np.array("[1]")),
        lambda state: state.update(trial=np.array("{")),
    ],
    ids=[
        "nothing told",
        "no slot",
        "within an epoch",
        "beyond the end",
        "shorter",
        "of 64 bits",
        "no mapping",
        "no JSON",
    ],
)
def test_a_state_that_does_not_fit_is_passed_over(train, damage):
    whole, unbroken = train(Keeper(), epochs=2)
    state = dict(unbroken.states[1])
    damage(state)
    measured, keeper = train(Keeper(Kept(1, state)), epochs=2)
    assert learned(measured) == learned(whole)
    assert list(keeper.states) == [1, 2]
    assert "resumed_epochs" not in measured


@pytest.mark.parametrize("schedule", CONTINUABLE)
def test_a_continued_trial_equals_one_that_was_trained_in_one_go(train, schedule):
    changes = {"schedule": schedule, "mixup": 0.2}
    _, low = train(Keeper(), epochs=1, full_epochs=3, **changes)
    kept = Kept(1, low.states[1], is_of_lower_rung=True)
    middle, above = train(Keeper(kept), epochs=2, full_epochs=3, **changes)
    kept = Kept(2, above.states[2], is_of_lower_rung=True)
    measured, high = train(Keeper(kept), epochs=3, **changes)
    whole, unbroken = train(Keeper(), epochs=3, **changes)
    assert learned(measured) == learned(whole)
    assert high.weights == unbroken.weights
    assert list(above.reports) == [2]  # the first is told by the other trial
    assert (middle["continued_epochs"], measured["continued_epochs"]) == (1.0, 2.0)


def test_a_cosine_of_each_training_cannot_be_continued_alike(train):
    _, low = train(Keeper(), epochs=1, full_epochs=3)
    kept = Kept(1, low.states[1], is_of_lower_rung=True)
    _, high = train(Keeper(kept))
    _, unbroken = train(Keeper())
    assert high.weights != unbroken.weights


def test_a_continued_trial_that_is_broken_goes_on_with_what_it_continues(train):
    changes = {"schedule": "constant"}
    _, low = train(Keeper(), epochs=1, full_epochs=3, **changes)
    kept = Kept(1, low.states[1], is_of_lower_rung=True)
    _, stopped = train(Keeper(kept, stop=2), **changes)
    measured, keeper = train(Keeper(Kept(2, stopped.states[2])), **changes)
    assert (measured["continued_epochs"], measured["resumed_epochs"]) == (1.0, 1.0)
    assert list(keeper.reports) == [2, 3]


def test_validation_by_epoch_ends_with_what_the_trial_measures(train):
    measured, keeper = train(Keeper(), evaluation=Evaluation(each_epoch=True))
    last = keeper.reports[3]
    assert [last[k] for k in ("top1", "map")] == [measured[k] for k in ("top1", "map")]
    assert last["val_loss"] == measured["loss"]
    plain, other = train(Keeper())
    assert learned(plain) == learned(measured)
    assert set(other.reports[3]) == {"loss", "train_top1"}

"""Trials that go on: they end exactly as those without a break."""

import importlib.util
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.datasets.source import ClipSource
from vidnas.errors import InputError
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
    for stop in (2,) if changes else (1, 2):
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


class Fit:
    """A stand-in for a training of two steps an epoch."""

    def __init__(self):
        self.epochs_done = 0

    def train(self, epoch, on_step):
        on_step(1, 2)
        self.epochs_done = epoch + 1
        return {"loss": 1.0 / (epoch + 1)}

    def state(self):
        return {"steps": np.array(2 * self.epochs_done)}

    def restore(self, state):
        if set(state) != {"steps"}:
            raise InputError("another's")
        self.epochs_done = int(state["steps"]) // 2

    def score(self):
        return "score"


def watched(keeper, began=None):
    from vidnas.training.watched_trial import WatchedTrial

    began = time.perf_counter() if began is None else began
    return WatchedTrial(Fit(), keeper, 3, began)


def test_seconds_of_a_trial_that_went_on_are_those_of_every_try():
    first = Keeper(stop=2)
    with pytest.raises(TrainingStoppedError):
        watched(first, began=time.perf_counter() - 100.0).train(each_epoch=False)
    trial = watched(Keeper(Kept(2, first.states[2])))
    trial.train(each_epoch=False)
    assert 100.0 < trial.seconds < 110.0
    assert 100.0 < trial.measured["build_seconds"] < trial.seconds


def test_a_state_after_the_last_epoch_is_only_measured():
    first = Keeper()
    watched(first).train(each_epoch=False)
    keeper = Keeper(Kept(3, first.states[3]))
    assert watched(keeper).train(each_epoch=False) == "score"
    assert keeper.states == {}
    assert keeper.reports == first.reports


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.pop("trial"),
        lambda state: state.pop("steps"),
        lambda state: state.update(slot0=np.zeros(3)),
        lambda state: state.update(trial=np.array("[1]")),
        lambda state: state.update(trial=np.array("{")),
        lambda state: state.update(trial=np.array('{"reports": 3}')),
    ],
    ids=["nothing told", "no steps", "another's", "no mapping", "no JSON", "no list"],
)
def test_a_state_that_does_not_fit_is_passed_over(damage):
    first = Keeper()
    watched(first).train(each_epoch=False)
    state = dict(first.states[1])
    damage(state)
    keeper = Keeper(Kept(1, state))
    trial = watched(keeper)
    trial.train(each_epoch=False)
    assert list(keeper.states) == [1, 2, 3]
    assert "resumed_epochs" not in trial.measured


@pytest.fixture
def fit(monkeypatch):
    """A small training of two epochs of two steps, and its state after one."""
    from vidnas.training import dataset
    from vidnas.training.fit import Fit as RealFit

    monkeypatch.setattr(dataset, "open_clips", SMALL.open_small())
    architecture = SMALL.small_architecture()
    clips = dataset.open_dataset(architecture, ClipSource.of("small"), RECIPE)
    with closing(RealFit(architecture, clips, RECIPE, epochs=2, seed=0)) as fit:
        fit.train(0)
        yield fit


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (lambda state: {"steps": np.array(1)}, "of 2 epochs of 2 steps, got step 1"),
        (lambda state: {"steps": np.array(6)}, "of 2 epochs of 2 steps, got step 6"),
        (lambda state: {"trained": state["trained"][:-1]}, "got `trained` as float32"),
        (
            lambda state: {"trained": state["trained"].astype(np.float64)},
            r"got `trained` as float64 .* in place of float32",
        ),
    ],
    ids=["within an epoch", "beyond the end", "shorter", "of 64 bits"],
)
def test_another_state_is_refused_and_changes_nothing(fit, changes, message):
    state = fit.state()
    with pytest.raises(InputError, match=message):
        fit.restore({**state, **changes(state)})
    for name, array in fit.state().items():
        np.testing.assert_array_equal(array, state[name])


@pytest.mark.parametrize(
    "schedule",
    [
        CONTINUABLE[0],
        # The rates of the others are known by hand, and nothing else knows them.
        *(pytest.param(name, marks=pytest.mark.slow) for name in CONTINUABLE[1:]),
    ],
)
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
    _, low = train(Keeper(), epochs=1, full_epochs=2)
    kept = Kept(1, low.states[1], is_of_lower_rung=True)
    _, high = train(Keeper(kept), epochs=2)
    _, unbroken = train(Keeper(), epochs=2)
    assert high.weights != unbroken.weights


def test_a_continued_trial_that_is_broken_goes_on_with_what_it_continues(train):
    changes = {"schedule": "constant"}
    _, low = train(Keeper(), epochs=1, full_epochs=3, **changes)
    kept = Kept(1, low.states[1], is_of_lower_rung=True)
    _, stopped = train(Keeper(kept, stop=2), **changes)
    measured, keeper = train(Keeper(Kept(2, stopped.states[2])), **changes)
    assert (measured["continued_epochs"], measured["resumed_epochs"]) == (1.0, 1.0)
    assert list(keeper.reports) == [2, 3]


def test_validation_by_epoch_ends_with_what_the_trial_measures(train, tmp_path):
    from vidnas.nets.weights.weights_file import read_weights

    measured, keeper = train(Keeper(), evaluation=Evaluation(each_epoch=True))
    (tmp_path / "weights.npz").write_bytes(keeper.weights)
    weights = read_weights(tmp_path / "weights.npz")
    weights.require(SMALL.small_architecture())
    assert weights.classes == SMALL.CLASSES
    last = keeper.reports[3]
    assert [last[k] for k in ("top1", "map")] == [measured[k] for k in ("top1", "map")]
    assert last["val_loss"] == measured["loss"]
    plain, other = train(Keeper())
    assert learned(plain) == learned(measured)
    assert set(other.reports[3]) == {"loss", "train_top1"}

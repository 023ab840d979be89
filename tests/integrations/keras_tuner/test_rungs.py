"""Rungs, other costs and several tuners, all through Keras Tuner's oracle."""

import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from itertools import pairwise
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest

from vidnas.budgets import Budget, UserPrice
from vidnas.errors import InputError, SpaceError
from vidnas.integrations.keras_tuner.oracle import StrategyOracle
from vidnas.integrations.keras_tuner.reading import read_hypermodel
from vidnas.integrations.keras_tuner.rungs import RungTuner
from vidnas.strategies import Evolution, LadderSearch, Random
from vidnas.trials import Fidelity

pytestmark = pytest.mark.keras


def cost(values):
    flops = float(values["width"] ** 2 * values["depth"])
    return {"flops": flops, "memory": float(values["width"] / values["depth"])}


class Learner(keras_tuner.HyperModel):
    """Trains nothing: wide is accurate, more so after more epochs."""

    def build(self, hp):
        hp.Choice("width", [4, 8, 16, 32])
        hp.Int("depth", 1, 6)
        return object()

    def fit(self, hp, model, **options):
        epochs = hp.values.get("tuner/epochs", 9)
        reached = 1 - 1 / (1 + hp["width"] * hp["depth"])
        return {"val_accuracy": reached * (1 - 0.5**epochs)}


class Quick(keras_tuner.Tuner):
    """Builds no model and collects no garbage."""

    def run_trial(self, trial, **options):
        return self.hypermodel.fit(trial.hyperparameters, None, **options)


SPACE = read_hypermodel(Learner())


def searched(folder, strategy=None, max_trials=24, **options):
    budgets = UserPrice(SPACE, cost).budgets(Budget("flops", 5e3))
    oracle = StrategyOracle(
        strategy or Random(),
        SPACE,
        budgets,
        max_trials=max_trials,
        seed=0,
        **{"rungs": (1, 3, 9), "probe": 0, **options},
    )
    return Quick(oracle, Learner(), directory=folder)


@pytest.mark.parametrize("strategy", [Random(), LadderSearch(), Evolution(start=4)])
def test_the_best_of_many_short_trainings_are_trained_longer(tmp_path, strategy):
    tuner = searched(tmp_path, strategy)
    tuner.search(verbose=0)
    trials = tuner.oracle.strategy_trials
    counts = Counter(trial.fidelity.epochs for trial in trials)
    assert counts[1] > counts[3] >= counts[9] > 0
    for name, trial in tuner.oracle.trials.items():
        values = trial.hyperparameters.values
        if "tuner/trial_id" in values:
            before = tuner.oracle.trials[values["tuner/trial_id"]]
            assert before.hyperparameters["width"] == values["width"]
            assert before.hyperparameters["depth"] == values["depth"]
            below = before.hyperparameters.values["tuner/epochs"]
            assert values["tuner/initial_epoch"] == below < values["tuner/epochs"]
            assert int(before.trial_id) < int(name)
    # Only what was trained in full is compared.
    best = tuner.oracle.get_best_trials(None)
    assert {t.hyperparameters.values["tuner/epochs"] for t in best} == {9}
    assert all(t.fidelity == Fidelity(9) for t in tuner.oracle.front.trials)


def test_a_search_with_rungs_goes_on_as_if_it_had_not_stopped(tmp_path):
    whole, part = tmp_path / "whole", tmp_path / "part"
    searched(whole, max_trials=12).search(verbose=0)
    for effort in (5, 12):  # names of trials get longer on the way
        searched(part, max_trials=effort).search(verbose=0)
    values = [
        [(*t.candidate, t.fidelity.epochs) for t in again.oracle.strategy_trials]
        for again in (searched(whole, max_trials=12), searched(part, max_trials=12))
    ]
    assert values[0] == values[1]
    assert len(values[0]) == 12


def test_a_promoted_network_is_trained_on_from_its_checkpoint(tmp_path):
    begun = {}

    class Dense(Learner):
        def build(self, hp):
            super().build(hp)
            model = keras.Sequential(
                [keras.Input((2,)), keras.layers.Dense(hp["width"])]
            )
            model.add(keras.layers.Dense(2))
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile("sgd", loss, metrics=["accuracy"])
            return model

        def fit(self, hp, model, **options):
            values = hp.values
            begun[values["tuner/epochs"]] = model.get_weights()
            assert options["initial_epoch"] == values["tuner/initial_epoch"]
            assert options["epochs"] == values["tuner/epochs"]
            return model.fit(**options)

    oracle = searched(tmp_path / "unused", max_trials=4, rungs=(1, 3), keep=2).oracle
    tuner = RungTuner(oracle, Dense(), directory=tmp_path)
    x, y = np.random.default_rng(0).random((16, 2)), np.arange(16) % 2
    tuner.search(x=x, y=y, validation_data=(x, y), verbose=0)
    trials = oracle.strategy_trials
    assert [trial.state for trial in trials] == ["done"] * 4
    told = [trial.hyperparameters.values for trial in oracle.trials.values()]
    (before,) = [v["tuner/trial_id"] for v in told if "tuner/trial_id" in v]
    below = oracle.trials[before]
    for left, right in zip(
        tuner.load_model(below).get_weights(), begun[3], strict=True
    ):
        np.testing.assert_array_equal(left, right)


def test_other_costs_are_traded_by_their_names(tmp_path):
    tuner = searched(tmp_path, Evolution(start=4), rungs=(), costs=["memory"])
    tuner.search(verbose=0)
    front = tuner.oracle.front
    assert [o.name for o in front.objectives] == ["memory", "top1"]
    shown = [(t.value("memory"), t.value("top1")) for t in front.trials]
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(shown))
    best = tuner.oracle.get_best_trials()[0]
    assert best.score == max(t.score for t in tuner.oracle.trials.values())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"costs": ["parameters"]}, "`costs` must be among flops, memory, got"),
        ({"rungs": (3, 3, 9)}, r"must be rising epochs, full .* got \[3, 3, 9\]"),
        ({"rungs": (0, 2)}, "must be rising epochs"),
        ({"keep": 1}, "`keep` must be at least 2"),
        ({"probe": 2}, "`probe` 0 or at least 6"),
    ],
)
def test_what_makes_no_search_is_told_at_once(tmp_path, options, said):
    with pytest.raises(InputError, match=said):
        searched(tmp_path, **options)


def test_tuners_in_threads_share_one_oracle(tmp_path):
    first = searched(tmp_path, Evolution(start=4), 20, rungs=())
    tuners = [first, Quick(first.oracle, Learner(), directory=tmp_path)]
    for number, tuner in enumerate(tuners):
        tuner.tuner_id = f"tuner{number}"
    threads = [
        threading.Thread(target=t.search, kwargs={"verbose": 0}, daemon=True)
        for t in tuners
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    trials = first.oracle.strategy_trials
    assert len({trial.arch_id for trial in trials}) == 20
    assert {trial.state for trial in trials} == {"done"}


def test_a_strategy_that_breaks_holds_up_no_other_tuner(tmp_path):
    class Broken(Random):
        def propose(self, state, rng, count):
            raise SpaceError("nothing can be drawn.")

    tuner = searched(tmp_path, Broken(), rungs=())
    said = []

    def ask():
        with pytest.raises(SpaceError, match="nothing can be drawn"):
            tuner.oracle.create_trial(threading.current_thread().name)
        said.append(1)

    for name in ("one", "two"):
        thread = threading.Thread(target=ask, name=name, daemon=True)
        thread.start()
        thread.join(timeout=20)
    assert said == [1, 1]


WORKER = """
import sys
from test_rungs import Evolution, searched

tuner = searched(sys.argv[1], Evolution(start=4), 12, rungs=())
tuner.search(verbose=0)
"""


@pytest.mark.real
def test_tuners_of_several_processes_share_one_oracle(tmp_path):
    port = free_port()
    processes = []
    for name in ("chief", "one", "two"):
        known = {
            "KERASTUNER_TUNER_ID": name,
            "KERASTUNER_ORACLE_IP": "127.0.0.1",
            "KERASTUNER_ORACLE_PORT": str(port),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path)],
            env={**os.environ, **known},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        processes.append(process)
    try:
        for process in processes:
            _, said = process.communicate(timeout=150)
            assert process.returncode == 0, said.decode()[-2000:]
    finally:
        for process in processes:
            process.kill()
    again = searched(tmp_path, Evolution(start=4), 12, rungs=())
    again.oracle.reload()  # what the chief has written
    trials = again.oracle.strategy_trials
    assert len({trial.arch_id for trial in trials}) == 12
    assert {trial.state for trial in trials} == {"done"}


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]

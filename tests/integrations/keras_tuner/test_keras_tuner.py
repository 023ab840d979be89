"""Keras Tuner, both ways: real tuners on our spaces, our strategies on real tuners."""

import gc
import importlib.util
import json

import keras
import keras_tuner
import numpy as np
import pytest

from vidnas.architecture import Kernel
from vidnas.budgets import Budget, Budgets, Pricing, UserPrice
from vidnas.errors import InfeasibleError, InputError, SpaceError, StudyError
from vidnas.integrations.keras_tuner.feasible import nearest_feasible
from vidnas.integrations.keras_tuner.hypermodel import SpaceHyperModel
from vidnas.integrations.keras_tuner.oracle import StrategyOracle
from vidnas.integrations.keras_tuner.reading import read_hypermodel
from vidnas.integrations.keras_tuner.values import (
    candidate_of,
    conditions,
    declaration,
    labels,
    values_of,
)
from vidnas.nets import build
from vidnas.space import (
    ClipSpace,
    HeadSpace,
    Name,
    Space,
    StageSpace,
    StemSpace,
    Width,
    choice,
    same,
)
from vidnas.strategies import STRATEGIES, Evolution, Random
from vidnas.trials import Recipe

pytestmark = [
    pytest.mark.keras,
    # Keras 3.15 hands its variables to h5py by the protocol of NumPy 1.
]
KERNELS = (Kernel(1, 3), Kernel(3, 1), Kernel(3, 3))


def one_stage(**places):
    """A space whose networks train in a second; keywords replace its places."""
    given = {
        "width": Width(8, (1.0, 2.0)),
        "depth": (1, 2),
        "kernel": KERNELS,
        "expand": (1.0, 2.0),
        "squeeze_excite": (False, True),
        "stride": 2,
    }
    rest = {"clip": ClipSpace((2, 3), (8, 16)), "stem": StemSpace(8)}
    rest = {key: places.pop(key, value) for key, value in rest.items()}
    rules = places.pop("rules", {})
    stage = StageSpace(**{**given, **places})
    return Space("tiny", stages=(stage,), head=HeadSpace(16, 16), rules=rules, **rest)


@pytest.fixture(autouse=True)
def quick_collections():
    """Keras Tuner collects garbage before each trial: half a second with TensorFlow."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def tiny():
    return one_stage()


def noise(clip, classes=2, count=8):
    """Clips whose class is their brightness."""
    rng = np.random.default_rng(0)
    shape = (count, clip.frames, clip.resolution, clip.resolution, 3)
    y = np.arange(count) % classes
    x = (rng.random(shape) * 0.5 + 0.5 * y[:, None, None, None, None]).astype("float32")
    return {"x": x, "y": y, "validation_data": (x, y), "batch_size": 8}


class Builds:
    """`build`, counted."""

    def __init__(self):
        self.built = []

    def __call__(self, architecture, classes, **options):
        self.built.append(architecture)
        return build(architecture, classes, norm_momentum=0.9, **options)


def no_network(architecture, classes, **options):
    """A model that costs nothing to build."""
    model = keras.Sequential([keras.layers.Dense(classes)])
    model.build((None, 1))
    return model


class Untrained(SpaceHyperModel):
    """Trains nothing: the accuracy of a network grows with its kernels."""

    def fit(self, hp, model, *args, **kwargs):
        stages = self.architecture(hp).stages
        taps = sum(layer.kernel.taps for stage in stages for layer in stage.layers)
        return {"val_accuracy": taps / 100}


def untrained(space, *limits):
    return Untrained(space, no_network, classes=2, limits=limits)


def middling(space):
    """A FLOPs budget that about half of the candidates meet."""
    rng = np.random.default_rng(0)
    price = Pricing(classes=2)
    flops = [price.cost(space.decode(space.sample(rng))).flops for _ in range(99)]
    return Budget("flops", float(np.median(flops)))


# Values


def test_values_of_a_candidate_are_read_back_as_it(space):
    hp = keras_tuner.HyperParameters.from_config(declaration(space))
    simple = all(choice.when is None for choice in space.choices)
    rng = np.random.default_rng(0)
    for _ in range(5):
        candidate = space.sample(rng)
        values = values_of(space, candidate)
        assert candidate_of(space, json.loads(json.dumps(values))) == candidate
        assert set(values) == {choice.name for choice in space.active(candidate)}
        # The hyperparameters know these values, and are active where the choices are.
        hp.values = values
        active = {found.name for found in hp.space if hp.is_active(found)}
        assert active >= set(values)
        assert active == set(values) or not simple
        for found in hp.space:
            if found.name in values:
                assert values[found.name] in list(found.values)


def test_drawn_values_are_candidates_of_every_space(space):
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective="loss",
        hyperparameters=keras_tuner.HyperParameters.from_config(declaration(space)),
        seed=3,
    )
    for _ in range(3):
        values = oracle._random_values()
        again = values_of(space, candidate_of(space, values))
        assert again.items() <= values.items()


def test_labels_are_of_one_type_and_kernels_are_spelled_out(tiny):
    kinds = {}
    for found in declaration(tiny)["space"]:
        kinds[found["config"]["name"]] = found["class_name"], found["config"]
    assert kinds["stage1.layer0.kernel"][0] == "Choice"
    assert kinds["stage1.layer0.kernel"][1]["values"] == ["1x3x3", "3x1x1", "3x3x3"]
    assert kinds["stage1.depth"][0] == "Int"
    assert kinds["stage1.squeeze_excite"][0] == "Boolean"
    mixed = one_stage(squeeze_ratio=(0.25, 0.5, 1))
    assert labels(mixed.choices[mixed.positions["stage1.squeeze_ratio"]]) == (
        (0.25, 0.5, 1.0)
    )


def test_a_value_that_is_no_option_is_named(tiny):
    with pytest.raises(SpaceError, match=r"`stage1.depth` must be one of 1, 2 in"):
        candidate_of(tiny, {"stage1.depth": 3})


# Conditions


def test_a_depth_gate_is_a_condition_on_the_depth():
    space = one_stage(depth=(1, 2, 3))
    assert conditions(space)["stage1.layer2.kernel"] == {"stage1.depth": (3,)}
    assert conditions(space)["stage1.layer0.kernel"] == {}


def test_a_when_over_two_parents_is_two_conditions_or_what_follows_from_it():
    light = choice("light", (False, True))
    form = choice("form", ("a", "b", "c"))
    both = choice("both", (1, 2), when=light & ~same(form, "a"))
    either = choice("either", (1, 2), when=light | same(form, "c"))
    under = choice("under", (1, 2), when=same(both, 2))
    space = one_stage(expand_width=8 * (both + either + under), expand=None)
    found = conditions(space)
    assert found["both"] == {"light": (True,), "form": ("b", "c")}
    assert found["either"] == {}  # an `or` is no condition of Keras Tuner
    assert found["under"] == {"light": (True,), "form": ("b", "c"), "both": (2,)}
    assert candidate_of(space, {"light": False, "form": "b", "either": 2}) == (
        candidate_of(space, {"light": False, "form": "b", "either": 1})
    )


# A HyperModel for any tuner


@pytest.fixture
def hypermodel(tiny):
    recipe = Recipe(optimizer="sgd", learning_rate=0.1)
    return SpaceHyperModel(tiny, Builds(), classes=2, recipe=recipe, clips=noise)


def ended(tuner):
    """The trials of a search, all of which must have been completed."""
    trials = [tuner.oracle.trials[name] for name in sorted(tuner.oracle.trials)]
    assert {trial.status for trial in trials} == {"COMPLETED"}, trials[0].message
    return trials


def test_random_search_explores_without_a_network_and_trains_each(hypermodel, tmp_path):
    tuner = keras_tuner.RandomSearch(
        hypermodel, objective="val_accuracy", max_trials=2, seed=1, directory=tmp_path
    )
    built = hypermodel._network.built
    assert built == []
    assert len(tuner.oracle.hyperparameters.space) == len(hypermodel.space.choices)
    tuner.search(epochs=1, verbose=0)
    trials = ended(tuner)
    networks = [hypermodel.architecture(trial.hyperparameters) for trial in trials]
    assert built == networks
    assert len(set(networks)) == 2
    best = tuner.get_best_models()[0]
    assert best.architecture in networks
    assert best.loss.from_logits


def test_what_a_user_fixes_stays_fixed(tiny, tmp_path):
    hp = keras_tuner.HyperParameters()
    hp.Fixed("stage1.depth", 2)
    hp.Choice("stage1.layer1.kernel", ["3x1x1", "3x3x3"])
    hypermodel = untrained(tiny)
    tuner = keras_tuner.RandomSearch(
        hypermodel,
        objective="val_accuracy",
        max_trials=2,
        hyperparameters=hp,
        tune_new_entries=False,
        directory=tmp_path,
    )
    tuner.search(verbose=0)
    kernels = set()
    for trial in ended(tuner):
        first, second = hypermodel.architecture(trial.hyperparameters).stages[0].layers
        assert first.kernel == Kernel(1, 3)  # the default of what is not tuned
        kernels.add(str(second.kernel))
    assert kernels <= {"3x1x1", "3x3x3"}


def test_hyperband_goes_on_from_a_checkpoint(hypermodel, tmp_path):
    tuner = keras_tuner.Hyperband(
        hypermodel,
        objective="val_accuracy",
        max_epochs=2,
        factor=2,
        seed=1,
        directory=tmp_path,
    )
    tuner.search(verbose=0)
    trials = ended(tuner)
    promoted = [t for t in trials if "tuner/trial_id" in t.hyperparameters.values]
    assert promoted
    for trial in promoted:
        values = trial.hyperparameters.values
        before = tuner.oracle.trials[values["tuner/trial_id"]].hyperparameters
        network = hypermodel.architecture(trial.hyperparameters)
        assert network == hypermodel.architecture(before)


# Three trials are few for a Gaussian process, and scikit-learn says so.
@pytest.mark.filterwarnings("ignore:The optimal value found")
def test_bayesian_optimization_models_the_trials(hypermodel, tmp_path):
    pytest.importorskip("sklearn", reason="vidnas[bayesian] is not installed")
    tuner = keras_tuner.BayesianOptimization(
        hypermodel,
        objective="val_accuracy",
        max_trials=3,
        num_initial_points=2,
        seed=1,
        directory=tmp_path,
    )
    tuner.search(epochs=1, verbose=0)
    assert len(ended(tuner)) == 3


def test_a_model_built_by_hand_is_a_compiled_network(tiny):
    hypermodel = SpaceHyperModel(tiny, build, classes=3)
    hp = keras_tuner.HyperParameters()
    model = hypermodel.build(hp)  # as users try out a HyperModel: all defaults
    assert model.architecture == tiny.decode(tiny.canonical([0] * len(tiny.choices)))
    assert hp.values == values_of(tiny, tiny.encode(model.architecture))
    assert isinstance(model.optimizer, keras.optimizers.AdamW)
    assert float(model.optimizer.learning_rate) == pytest.approx(4e-3)
    decayed = [
        v.name
        for v in model.trainable_variables
        if model.optimizer._use_weight_decay(v)
    ]
    assert set(decayed) == {"kernel"}
    # Declared and built by hand is no exploration.
    hypermodel.declare_hyperparameters(hp)
    assert hypermodel.build(hp) is not None


def test_clips_of_another_shape_end_the_search(tiny, tmp_path):
    hypermodel = SpaceHyperModel(tiny, no_network, classes=2)
    tuner = keras_tuner.RandomSearch(
        hypermodel, objective="val_accuracy", max_trials=2, directory=tmp_path
    )
    x, y = np.zeros((4, 9, 8, 8, 3), np.float32), np.zeros(4)
    with pytest.raises(keras_tuner.errors.FatalValueError, match="got \\(9, 8, 8, 3"):
        tuner.search(x, y, validation_data=(x, y), verbose=0)


# What is infeasible


@pytest.mark.parametrize("seed", range(20))
def test_the_nearest_feasible_candidate_is_feasible_and_near(tiny, seed):
    rules = {"light": same(Name("stage1.squeeze_excite"), False)}
    ruled = one_stage(rules=rules)
    budgets = Budgets((middling(tiny),), Pricing(classes=2))
    drawn = tiny.sample(np.random.default_rng(seed))
    for space in (tiny, ruled):
        found = nearest_feasible(space, budgets, drawn)
        assert space.meets(found)
        assert not budgets.broken(space.decode(found))
        assert found == nearest_feasible(space, budgets, drawn)
        assert found == nearest_feasible(space, budgets, found)
        if space.meets(drawn) and not budgets.broken(space.decode(drawn)):
            assert found == drawn


def test_a_random_search_within_budgets_fails_no_trial(tiny, tmp_path):
    hypermodel = untrained(tiny, middling(tiny))
    tuner = keras_tuner.RandomSearch(
        hypermodel, objective="val_accuracy", max_trials=8, seed=5, directory=tmp_path
    )
    tuner.search(verbose=0)
    trials = ended(tuner)
    assert len(trials) == 8
    for trial in trials:
        network = hypermodel.architecture(trial.hyperparameters)
        assert not hypermodel.budgets.broken(network)
        written = json.loads(
            (
                tmp_path / "untitled_project" / f"trial_{trial.trial_id}" / "trial.json"
            ).read_text()
        )
        assert written["hyperparameters"]["values"] == (
            values_of(tiny, tiny.encode(network))
        )


def test_budgets_that_nothing_meets_are_refused_at_once(tiny):
    with pytest.raises(InfeasibleError, match="no candidate within flops <= 10"):
        untrained(tiny, Budget("flops", 10.0))
    budgets = Budgets((Budget("flops", 10.0),), Pricing(classes=2))
    with pytest.raises(InfeasibleError, match="no candidate within flops <= 10"):
        StrategyOracle(Random(), tiny, budgets, max_trials=3, seed=0)


# A strategy as an oracle


def driven(hypermodel, strategy, folder, max_trials=8, seed=0, **options):
    oracle = StrategyOracle(
        strategy,
        hypermodel.space,
        hypermodel.budgets,
        max_trials=max_trials,
        seed=seed,
    )
    return keras_tuner.Tuner(oracle, hypermodel, directory=folder, **options)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_drives_a_search_within_its_budgets(name, tiny, tmp_path):
    hypermodel = untrained(tiny, middling(tiny))
    tuner = driven(hypermodel, STRATEGIES[name](), tmp_path, 8)
    tuner.search(verbose=0)
    networks = [hypermodel.architecture(t.hyperparameters) for t in ended(tuner)]
    assert len({network.arch_id for network in networks}) == 8
    assert not any(map(hypermodel.budgets.broken, networks))


def test_the_best_trials_are_those_that_no_other_dominates(tiny, tmp_path):
    hypermodel = untrained(tiny)
    tuner = driven(hypermodel, Evolution(start=4), tmp_path, 12)
    tuner.search(verbose=0)
    trials = ended(tuner)

    def numbers(trial):
        network = hypermodel.architecture(trial.hyperparameters)
        return hypermodel.budgets.price.one(network)["flops"], -trial.score

    def dominated(trial):
        mine = numbers(trial)
        return any(
            all(a <= b for a, b in zip(numbers(other), mine, strict=True))
            and numbers(other) != mine
            for other in trials
        )

    front = {numbers(trial) for trial in trials if not dominated(trial)}
    best = tuner.oracle.get_best_trials(None)
    assert {numbers(trial) for trial in best} == front
    assert [t.score for t in best] == sorted((t.score for t in best), reverse=True)
    assert tuner.oracle.get_best_trials() == best[:1]
    assert best[0].score == max(trial.score for trial in trials)


def test_evolution_trains_networks_in_keras_tuner(tiny, tmp_path):
    recipe = Recipe(optimizer="sgd", learning_rate=0.1)
    hypermodel = SpaceHyperModel(
        tiny,
        Builds(),
        classes=2,
        limits=[middling(tiny)],
        recipe=recipe,
        clips=noise,
    )
    tuner = driven(hypermodel, Evolution(start=2), tmp_path, max_trials=3)
    assert hypermodel._network.built == []
    tuner.search(epochs=1, verbose=0)
    assert len(ended(tuner)) == 3
    assert len(hypermodel._network.built) == 3
    (best,) = tuner.get_best_models()
    assert not hypermodel.budgets.broken(best.architecture)


def test_a_reloaded_search_ends_as_an_unbroken_one(tiny, tmp_path):
    def search(folder, *efforts):
        for effort in efforts:
            tuner = driven(untrained(tiny), Evolution(start=4), folder, effort)
            tuner.search(verbose=0)
        return [t.hyperparameters.values for t in ended(tuner)]

    (tmp_path / "broken").mkdir()
    broken = search(tmp_path / "broken", 5)
    again = search(tmp_path / "again", 2, 7)  # stopped after two, and extended
    assert again[:5] == broken
    assert len({json.dumps(values) for values in again}) == 7
    state = tmp_path / "broken" / "untitled_project" / "oracle.json"
    assert json.loads(state.read_text())["space"] == tiny.space_hash
    assert search(tmp_path / "broken", 5) == broken
    other = one_stage(depth=(1, 2, 3))
    with pytest.raises(StudyError, match="of space 'tiny'"):
        driven(untrained(other), Random(), tmp_path / "broken")


def test_a_search_killed_in_a_trial_trains_it_again(tiny, tmp_path):
    whole = driven(untrained(tiny), Evolution(start=3), tmp_path / "whole", 6)
    whole.search(verbose=0)
    killed = driven(untrained(tiny), Evolution(start=3), tmp_path / "killed", 2)
    killed.search(verbose=0)
    killed.oracle.max_trials = 6
    lost = killed.oracle.create_trial("tuner0")  # and its process was killed
    again = driven(untrained(tiny), Evolution(start=3), tmp_path / "killed", 6)
    assert again.oracle.strategy_trials[2].state == "running"
    again.search(verbose=0)
    values = [trial.hyperparameters.values for trial in ended(again)]
    assert values[2] == lost.hyperparameters.values
    assert values == [trial.hyperparameters.values for trial in ended(whole)]


def test_a_failed_trial_is_not_proposed_again(tiny, tmp_path):
    class Failing(Untrained):
        def fit(self, hp, model, *args, **kwargs):
            if hp["stage1.depth"] == 2 and not self.failed:
                self.failed.append(self.architecture(hp))
                raise MemoryError("too large")
            return super().fit(hp, model, *args, **kwargs)

    hypermodel = Failing(tiny, no_network, classes=2)
    hypermodel.failed = []
    tuner = driven(hypermodel, Random(), tmp_path)
    tuner.search(verbose=0)
    trials = tuner.oracle.strategy_trials
    assert [t.architecture for t in trials if t.state == "failed"] == hypermodel.failed
    assert len({trial.arch_id for trial in trials}) == 8
    assert "too large" in next(
        t.message for t in tuner.oracle.trials.values() if t.status == "FAILED"
    )


def test_running_trials_are_known_to_the_strategy(tiny, tmp_path):
    hypermodel = untrained(one_stage(width=8, expand=1.0, squeeze_excite=False))
    tuner = driven(hypermodel, Random(), tmp_path, max_trials=500)
    oracle, count = tuner.oracle, hypermodel.space.count()
    trials = [oracle.create_trial(f"worker{n}") for n in range(count)]
    assert [trial.status for trial in trials] == ["RUNNING"] * count
    assert {trial.state for trial in oracle.strategy_trials} == {"running"}
    assert len({trial.arch_id for trial in oracle.strategy_trials}) == count
    assert oracle.create_trial("one more").status == "STOPPED"
    for trial in reversed(trials):  # out of order
        oracle.update_trial(trial.trial_id, {"val_accuracy": 0.5})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    assert {trial.state for trial in oracle.strategy_trials} == {"done"}
    assert len(oracle.get_best_trials(None)) == 1  # the cheapest of equals


# A user's own HyperModel


class Mine(keras_tuner.HyperModel):
    """Dense networks, with everything that Keras Tuner knows."""

    def build(self, hp):
        hp.Fixed("version", 3)
        units = hp.Int("units", 4, 8, step=4)
        rate = hp.Float("rate", 1e-3, 1e-1, sampling="log")
        kind = hp.Choice("kind", ["plain", "deep"])
        model = keras.Sequential([keras.layers.Dense(units)])
        with hp.conditional_scope("kind", ["deep"]):
            if kind == "deep":
                layers = hp.Int("layers", 1, 3)
                for _ in range(layers):
                    model.add(keras.layers.Dense(units))
                hp.Boolean("norm")
                with hp.conditional_scope("norm", [True]):
                    hp.Choice("momentum", [0.9, 0.99])
        model.add(keras.layers.Dense(2))
        model.compile(keras.optimizers.SGD(rate), "mse")
        return model

    def fit(self, hp, model, **kwargs):
        return {"val_accuracy": hp["units"] / 10 + 0.01 * hp.values.get("layers", 0)}


def flops_of(values):
    return {"flops": 1.0 + values["units"] ** 2 * (1 + values.get("layers", 0))}


def test_a_hypermodel_is_read_with_its_scopes():
    space = read_hypermodel(Mine())
    by_name = {choice.name: choice for choice in space.choices}
    assert list(by_name)[:4] == ["units", "rate", "kind", "layers"]
    assert by_name["units"].options == (4, 8)
    assert len(by_name["rate"].options) == 32
    assert by_name["rate"].options[0] == pytest.approx(1e-3, rel=0.1)
    plain = space.candidate({"units": 8, "kind": "plain", "layers": 3})
    assert space.values(plain) == {
        "version": 3,
        "units": 8,
        "rate": by_name["rate"].options[0],
        "kind": "plain",
    }
    with pytest.raises(SpaceError, match="`kind` must be one of plain, deep, got flat"):
        space.candidate({"kind": "flat"})


@pytest.mark.parametrize("seed", range(10))
def test_candidates_of_an_opaque_space_round_trip(seed):
    space, rng = read_hypermodel(Mine()), np.random.default_rng(seed)
    first, second = space.sample(rng), space.sample_coherent(rng)
    crossed = space.cross(first, second, rng)
    mutated = space.mutate(first, rng)
    assert mutated != first
    for candidate in (first, second, crossed, mutated):
        values = space.values(candidate)
        assert space.canonical(candidate) == candidate
        assert space.candidate(json.loads(json.dumps(values))) == candidate
        assert ("layers" in values) == (values["kind"] == "deep")
        assert ("momentum" in values) == values.get("norm", False)


def test_a_name_in_two_scopes_has_the_options_of_its_scope():
    def build_either(hp):
        kind = hp.Choice("kind", ["a", "b"])
        with hp.conditional_scope("kind", ["a"]):
            hp.Choice("size", [1, 2])
        with hp.conditional_scope("kind", ["b"]):
            hp.Choice("size", [10, 20, 30])
        return kind

    space = read_hypermodel(build_either)
    assert [choice.name for choice in space.choices] == ["kind", "size", "size (2)"]
    values = {"kind": "b", "size": 30}
    assert space.values(space.candidate(values)) == values


def test_evolution_drives_a_users_hypermodel_within_its_budget(tmp_path):
    space = read_hypermodel(Mine())
    budgets = UserPrice(space, flops_of).budgets(Budget("flops", 150.0))
    oracle = StrategyOracle(Evolution(start=4), space, budgets, max_trials=12, seed=0)
    tuner = keras_tuner.Tuner(oracle, Mine(), directory=tmp_path)
    tuner.search(verbose=0)
    drawn = [trial.hyperparameters.values for trial in ended(tuner)]
    assert all(flops_of(values)["flops"] <= 150.0 for values in drawn)
    assert len({json.dumps(values) for values in drawn}) == 12
    for trial, values in zip(oracle.strategy_trials, drawn, strict=True):
        assert space.values(trial.candidate) == values
    assert len(oracle.front) >= 2  # small and cheap, large and dear


def test_without_a_cost_strategies_look_at_accuracy_alone(tmp_path):
    space = read_hypermodel(Mine())
    with pytest.raises(InputError, match="got `flops`, not one of nothing"):
        UserPrice(space).budgets(Budget("flops", 1.0))
    oracle = StrategyOracle(
        Evolution(start=3), space, UserPrice(space).budgets(), max_trials=8, seed=0
    )
    tuner = keras_tuner.Tuner(oracle, Mine(), directory=tmp_path)
    tuner.search(verbose=0)
    (best,) = oracle.get_best_trials(None)
    assert best.score == max(trial.score for trial in ended(tuner))
    broken = UserPrice(read_hypermodel(Mine()), cost=lambda values: {"parameters": 3})
    with pytest.raises(InputError, match="`cost` must give `flops` above 0, got none"):
        broken.budgets(Budget("parameters", 5.0))


# TensorBoard


@pytest.fixture
def no_tensorboard(monkeypatch):
    """A process in which the package `tensorboard` is not installed."""
    from vidnas.integrations.keras_tuner.tensorboard import allow_missing_tensorboard

    found, name = importlib.util.find_spec, "_configure_tensorboard_dir"
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda module, *rest: None if module == "tensorboard" else found(module, *rest),
    )
    monkeypatch.setattr(keras_tuner.Tuner, name, getattr(keras_tuner.Tuner, name))
    allow_missing_tensorboard.cache_clear()
    yield
    allow_missing_tensorboard.cache_clear()


def test_a_search_without_tensorboard_trains(no_tensorboard, tiny, tmp_path):
    tuner = driven(untrained(tiny), Random(), tmp_path)
    tuner.search(verbose=0)
    assert ended(tuner)


def test_a_tensorboard_callback_without_tensorboard_ends_the_search(
    no_tensorboard, tiny, tmp_path
):
    class TensorBoard(keras.callbacks.Callback):
        pass

    tuner = driven(untrained(tiny), Random(), tmp_path)
    with pytest.raises(keras_tuner.errors.FatalRuntimeError, match="pip install"):
        tuner.search(callbacks=[TensorBoard()], verbose=0)

"""What does one process of `stock.py` do? Trials of six networks, or a whole search.

Run:     python benchmarks/stock_worker.py trials ours
Cost:    half a minute to ten.
Expect:  a line of JSON for each trial; for a search, one.
"""

import argparse
import dataclasses
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import vidnas
from vidnas.study import Experiment, load_experiment
from vidnas.training import prepare
from vidnas.trials import Recipe

EXPERIMENT = Path(__file__).parent / "stock_experiment.yaml"
SEED = 7


def networks(experiment: Experiment, grouped: bool = False) -> list[Any]:
    """The six architectures, cheapest first; in 3D form where that is compared."""
    space = experiment.space
    counts = [range(len(choice.options)) for choice in space.choices]
    candidates = (space.canonical(indices) for indices in itertools.product(*counts))
    found = [space.decode(candidate) for candidate in candidates]
    if grouped:
        found = [dataclasses.replace(one, convolution="3d") for one in found]
    return sorted(found, key=lambda one: vidnas.cost(one, classes=8).flops)


class Watch:
    """CPU time of a trial, its first step and its later ones [s]."""

    def __init__(self) -> None:
        self._began = time.process_time()
        self._ends: list[float] = []
        self._steps: list[float] = []

    def begin_epoch(self) -> None:
        """Forgets the last end: between epochs is no step."""
        self._ends.append(float("nan"))

    def end_step(self, *_: object, **__: object) -> None:
        """A step ended."""
        now = time.process_time()
        if not self._steps:
            self.first = now - self._began
        self._steps.append(now - (self._ends[-1] if self._ends else now))
        self._ends.append(now)

    def row(self, top1: float) -> dict[str, float]:
        """The trial, at its end."""
        return {
            "cpu_s": time.process_time() - self._began,
            "first_s": self.first,
            "step_s": float(np.nanmedian(self._steps[1:])),
            "top1": top1,
        }


def our_trial(
    architecture: Any, experiment: Experiment, epochs: int
) -> dict[str, float]:
    """One training as `vidnas search` does it."""
    from vidnas.datasets.source import ClipSource
    from vidnas.training.dataset import open_dataset
    from vidnas.training.failures import training_scope
    from vidnas.training.fit import Fit

    recipe = experiment.recipe
    dataset = open_dataset(architecture, ClipSource.of(experiment.clips.source), recipe)
    watch = Watch()
    with training_scope(precision=recipe.precision, batch=recipe.batch):
        fit = Fit(architecture, dataset, recipe, epochs=epochs, seed=SEED)
        for epoch in range(epochs):
            watch.begin_epoch()
            fit.train(epoch, watch.end_step)
        top1 = fit.score().top1
    return watch.row(top1)


def stock_trial(
    architecture: Any,
    experiment: Experiment,
    epochs: int,
    *,
    momentum: float,
    grouped: bool = False,
    jit: bool = True,
) -> dict[str, float]:
    """One training by `fit`, on the same batches."""
    import keras

    from vidnas.datasets.source import ClipSource
    from vidnas.training.dataset import open_dataset

    recipe = experiment.recipe
    dataset = open_dataset(architecture, ClipSource.of(experiment.clips.source), recipe)
    watch = Watch()
    network = stock_model(
        architecture,
        dataset,
        recipe,
        epochs,
        momentum=momentum,
        grouped=grouped,
        jit=jit,
    )
    train, val = stock_batches(dataset, recipe)
    network.fit(
        train,
        epochs=epochs,
        verbose=0,
        shuffle=False,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda *_, **__: watch.begin_epoch(),
                on_train_batch_end=watch.end_step,
            )
        ],
    )
    _, accuracy = network.evaluate(val, verbose=0)
    keras.backend.clear_session()
    return watch.row(100 * accuracy)


def stock_model(
    architecture: Any,
    dataset: Any,
    recipe: Recipe,
    epochs: int,
    *,
    momentum: float,
    grouped: bool = False,
    jit: bool = True,
) -> Any:
    """A compiled stock network."""
    import keras
    from stock_networks import compile_network, stock_network

    keras.utils.set_random_seed(SEED)
    network = stock_network(
        architecture, len(dataset.train.classes), momentum=momentum, grouped=grouped
    )
    steps = epochs * (len(dataset.train) // recipe.batch)
    compile_network(network, recipe, steps, jit="auto" if jit else False)
    return network


def stock_batches(dataset: Any, recipe: Recipe) -> tuple[Any, Any]:
    """Training and validation batches for `fit`."""
    from stock_networks import Batches

    train, val = (
        Batches(dataset, recipe, training=training, seed=SEED)
        for training in (True, False)
    )
    return train, val


def trials(options: argparse.Namespace) -> Iterator[dict[str, float]]:
    """A row for each network, after a short training that is not counted."""
    experiment = load_experiment(EXPERIMENT)
    grouped = options.form == "grouped"
    found = networks(experiment, grouped or options.form == "ours-3d")
    prepare(cpus=1)
    train: Callable[..., dict[str, float]]
    if options.form.startswith("ours"):
        train = our_trial
    else:

        def train(*given: Any) -> dict[str, float]:
            return stock_trial(
                *given,
                momentum=options.momentum,
                grouped=grouped,
                jit=options.form != "stock-graph",
            )

    epochs = options.epochs
    train(found[0], experiment, 1)
    for architecture in found[: options.networks]:
        yield train(architecture, experiment, epochs)


def search(options: argparse.Namespace) -> Iterator[dict[str, float]]:
    """The best top-1 of a search over the six networks."""
    experiment = load_experiment(EXPERIMENT)
    by = {"vidnas": by_vidnas, "keras-tuner": by_keras_tuner, "ray-tune": by_ray_tune}
    with tempfile.TemporaryDirectory() as scratch:
        yield {"top1": by[options.form](experiment, options.momentum, Path(scratch))}


def by_vidnas(experiment: Experiment, momentum: float, scratch: Path) -> float:
    """`vidnas search`."""
    from vidnas.cli.main import main
    from vidnas.study import load_history

    code = main(["search", str(EXPERIMENT), "--study", str(scratch / "study")])
    assert code == 0, code
    history = load_history(scratch / "study")
    return max(trial.value("top1") for trial in history.trials)


def by_keras_tuner(experiment: Experiment, momentum: float, scratch: Path) -> float:
    """Keras Tuner's grid search in this process."""
    import keras_tuner

    from vidnas.datasets.source import ClipSource
    from vidnas.integrations.keras_tuner.tensorboard import allow_missing_tensorboard
    from vidnas.training.dataset import open_dataset

    allow_missing_tensorboard()
    found, recipe = networks(experiment), experiment.recipe
    epochs = experiment.fidelity.epochs

    class SixNetworks(keras_tuner.HyperModel):
        """Builds and trains the network of a choice, on clips of its size."""

        def build(self, hp: Any) -> Any:
            chosen = found[hp.Choice("network", list(range(len(found))))]
            dataset = open_dataset(
                chosen, ClipSource.of(experiment.clips.source), recipe
            )
            return stock_model(
                chosen, dataset, recipe, epochs, momentum=momentum, jit=False
            )

        def fit(self, hp: Any, model: Any, **options: Any) -> Any:
            chosen = found[hp.get("network")]
            dataset = open_dataset(
                chosen, ClipSource.of(experiment.clips.source), recipe
            )
            train, val = stock_batches(dataset, recipe)
            return model.fit(
                train, epochs=epochs, validation_data=val, shuffle=False, **options
            )

    tuner = keras_tuner.GridSearch(
        SixNetworks(),
        "val_accuracy",
        len(found),
        directory=scratch,
        project_name="stock",
    )
    tuner.search(verbose=0)
    (best,) = tuner.oracle.get_best_trials(1)
    return 100 * float(best.score)


def by_ray_tune(experiment: Experiment, momentum: float, scratch: Path) -> float:
    """A function for each network, on two cores, as Ray's guides have it."""
    from ray import tune

    def train(config: dict[str, int]) -> None:
        row = stock_trial(
            networks(experiment)[config["network"]],
            experiment,
            experiment.fidelity.epochs,
            momentum=momentum,
            jit=False,
        )
        tune.report(row)

    grid = {"network": tune.grid_search(list(range(6)))}
    results = tune.Tuner(
        tune.with_resources(train, {"cpu": 1}),
        param_space=grid,
        run_config=tune.RunConfig(storage_path=str(scratch), verbose=0),
    ).fit()
    return max(result.metrics["top1"] for result in results)


def main() -> None:
    """Prints what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=("trials", "search"))
    parser.add_argument("form")
    parser.add_argument("--momentum", type=float, default=0.0)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--networks", type=int, default=6)
    options = parser.parse_args()
    work = trials if options.task == "trials" else search
    for row in work(options):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

"""Whole evaluations of small networks: learning, memory, seeds and failures."""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.errors import EvaluationError, InputError
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.watch import Unwatched

pytestmark = pytest.mark.keras
HERE = Path(__file__).parent
RECIPE = Recipe(learning_rate=0.02, batch=16, crop=0.0, label_smoothing=0.0)


def small_clips():
    """The module beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = small_clips()


class Epochs(Unwatched):
    """A watch that passes on what it hears of epochs."""

    def __init__(self, hear):
        self.epoch = hear


@pytest.fixture
def trained(monkeypatch):
    """Evaluates a small network on few clips, some of it told by name."""
    from vidnas.training import candidate_training as module
    from vidnas.training import dataset

    monkeypatch.setattr(dataset, "open_clips", SMALL.open_small())

    def run(architecture=None, *, epochs=1, seed=0, on_epoch=None, **changes):
        return module.evaluate(
            architecture or SMALL.small_architecture(),
            dataset="small",
            recipe=replace(RECIPE, **changes),
            fidelity=Fidelity(epochs),
            seed=seed,
            watch=on_epoch and Epochs(on_epoch),
        )

    return run


def test_a_network_of_grayscale_clips_by_time_is_trained_on_such(trained):
    architecture = SMALL.small_architecture()
    clip = replace(architecture.clip, fps=12.5, channels=1)
    measured = trained(replace(architecture, clip=clip), epochs=30)
    assert measured["top1"] >= 75.0  # motion is seen in grey


def test_a_small_network_learns_sixteen_clips_by_heart(trained):
    reports = []
    measured = trained(
        epochs=60, on_epoch=lambda epoch, report: reports.append((epoch, report))
    )
    # The fake gives the same clips for both splits.
    assert measured["top1"] == 100.0
    assert measured["top5"] == 100.0
    assert measured["loss"] < 0.2
    assert [epoch for epoch, _ in reports] == list(range(1, 61))
    assert reports[-1][1]["loss"] < 0.2 < 1.0 < reports[0][1]["loss"]
    assert reports[-1][1]["train_top1"] == 100.0


def test_sgd_with_dropout_in_mixed_precision_learns_too(trained):
    reports = []
    trained(
        epochs=15,
        batch=4,
        optimizer="sgd",
        learning_rate=0.1,
        dropout=0.2,
        precision="mixed_bfloat16",
        on_epoch=lambda _, report: reports.append(report["loss"]),
    )
    assert reports[-1] < 0.8 * reports[0]


def test_measured_numbers_are_plain_and_say_what_was_done(trained):
    measured = trained(epochs=2)
    assert all(type(number) is float for number in measured.values())
    assert measured["train_clips"] == measured["val_clips"] == 16
    assert measured["skipped_clips"] == 1
    assert measured["epochs"] == 2
    parts = measured["build_seconds"] + measured["train_seconds"]
    assert 0 < parts <= measured["seconds"]


def test_a_fidelity_changes_the_clip(monkeypatch):
    from vidnas.training import candidate_training as module
    from vidnas.training import dataset

    seen = []

    def open_clips(root, split, **shape):
        seen.append((split, shape["frames"], shape["resolution"], shape["margin"]))
        return SMALL.open_small()(root, split, **shape)

    monkeypatch.setattr(dataset, "open_clips", open_clips)
    module.evaluate(
        SMALL.small_architecture(),
        dataset="small",
        recipe=replace(RECIPE, crop=0.25),
        fidelity=Fidelity(1, frames=2, resolution=12),
        seed=0,
    )
    assert seen == [("train", 2, 12, 0.25), ("val", 2, 12, 0.25)]


def test_the_same_seed_gives_the_same_numbers_and_another_others(trained):
    def numbers(seed):
        losses = []
        measured = trained(
            epochs=2,
            batch=4,
            dropout=0.3,
            seed=seed,
            on_epoch=lambda _, report: losses.append(report["loss"]),
        )
        return [measured["loss"], *losses]

    one = numbers(1)
    np.testing.assert_allclose(numbers(1), one, rtol=1e-5)
    assert not np.allclose(numbers(2), one, rtol=1e-3)


def test_a_last_short_batch_is_scored_clip_by_clip(trained):
    # 16 clips in batches of 6 leave 4 for the last; losses are the mean over clips.
    whole = trained(learning_rate=0.0, batch=16)
    parts = trained(learning_rate=0.0, batch=6)
    assert parts["val_clips"] == 16
    assert parts["top1"] * 16 / 100 == pytest.approx(round(parts["top1"] * 16 / 100))
    assert whole["top1"] * 16 / 100 == pytest.approx(round(whole["top1"] * 16 / 100))


def test_memory_is_measured_per_trial_and_given_back(trained):
    import tensorflow as tf

    def alive():
        return tf.config.experimental.get_memory_info("CPU:0")["current"]

    wide = SMALL.small_architecture(width=64)
    small = [trained()["peak_bytes"]]
    before = alive()
    large = trained(wide)["peak_bytes"]
    small += [trained()["peak_bytes"] for _ in range(4)]
    assert alive() <= before + 2**16
    assert large > 2 * max(small)  # its larger network, in its own trial only
    assert max(small) < 1.2 * min(small)


def test_half_the_batch_needs_about_half_the_memory(trained):
    wide = SMALL.small_architecture(width=64)

    def least(batch):  # operations that happen to run at once take more
        return min(trained(wide, batch=batch)["peak_bytes"] for _ in range(3))

    assert 1.5 < least(16) / least(8) < 2.2


def test_a_loss_that_is_not_a_number_is_a_reason(trained):
    with pytest.raises(
        EvaluationError, match=r"loss became .* at step \d+ with learning rate 1e\+30"
    ):
        trained(epochs=4, learning_rate=1e30, warmup=0.0)


def test_an_unknown_precision_is_refused(trained):
    with pytest.raises(InputError, match="`precision` must be one of float32, mixed"):
        trained(precision="float64")


def test_the_dtype_policy_is_as_before_even_after_a_failure(trained):
    import keras

    with pytest.raises(EvaluationError):
        trained(epochs=4, learning_rate=1e30, warmup=0.0, precision="mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"


LIMITED = """
import importlib.util, sys
from vidnas.training import prepare
prepare(cpus=1, memory_limit_bytes=48 * 2**20)
from vidnas.errors import EvaluationError
from vidnas.trials import Recipe
from vidnas.trials import Fidelity
from vidnas.training import candidate_training as module, dataset
spec = importlib.util.spec_from_file_location("small", sys.argv[1])
small = importlib.util.module_from_spec(spec)
spec.loader.exec_module(small)
dataset.open_clips = small.open_small(256)

def run(batch):
    return module.evaluate(
        small.small_architecture(width=64),
        dataset="small",
        recipe=Recipe(batch=batch, crop=0.0),
        fidelity=Fidelity(1),
        seed=0,
    )

try:
    run(256)
except EvaluationError as error:
    print(error)
print(run(4)["val_clips"])
"""


def test_running_out_of_memory_is_a_reason_and_the_process_goes_on():
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(HERE / "small_clips.py")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split("\n")[:2] == ["out of memory at batch 256", "256.0"]

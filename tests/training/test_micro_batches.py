"""A batch taken in parts: the same gradient, less memory."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.trials import Fidelity, Recipe

pytestmark = pytest.mark.keras
HERE = Path(__file__).parent
RECIPE = Recipe(optimizer="sgd", learning_rate=0.05, batch=16, crop=0.0)


def small_clips():
    """The module beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = small_clips()


@pytest.fixture
def step(monkeypatch):
    """Weights and statistics before and after one step of a batch in parts."""
    from vidnas.nets import VideoNetwork, build
    from vidnas.training.session import Session

    call = VideoNetwork.call

    def run(parts, *, recipe=RECIPE, clips=None, freeze=True):
        if freeze:
            # Every norm applies its statistics, as at inference: nothing but batch
            # norm looks across the clips of a batch.
            monkeypatch.setattr(
                VideoNetwork,
                "call",
                lambda network, x, training=False: call(network, x),
            )
        network = build(SMALL.small_architecture(), 4, seed=3)
        shape = (16, SMALL.FRAMES, SMALL.SIDE, SMALL.SIDE, 3)
        session = Session(
            network, recipe, 4, shape, norm_momentum=0.9, micro_batches=parts
        )
        rng = np.random.default_rng(0)
        if clips is None:
            clips = rng.integers(0, 256, shape, dtype=np.uint8)
        targets = np.eye(4, dtype=np.float32)[np.arange(16) % 4]
        before = session.state()
        loss, right = session.train(clips, targets, 0.05)
        monkeypatch.undo()
        return before, session.state(), float(loss), float(right)

    return run


@pytest.mark.parametrize("parts", [2, 4, 16])
def test_with_frozen_norms_parts_take_the_step_of_the_batch(step, parts):
    before, whole, loss, right = step(1)
    _, taken, same_loss, same_right = step(parts)
    moved = whole["trained"] - before["trained"]
    assert np.abs(moved).max() > 1e-3
    np.testing.assert_allclose(taken["trained"], whole["trained"], atol=1e-5)
    np.testing.assert_allclose(taken["slot0"], whole["slot0"], atol=1e-5)
    assert same_loss == pytest.approx(loss, abs=1e-5)
    assert same_right == right


def test_where_all_parts_are_alike_batch_norm_sees_no_difference(step):
    """Four times the same four clips: statistics of a part are those of the batch."""
    rng = np.random.default_rng(1)
    four = rng.integers(0, 256, (4, SMALL.FRAMES, SMALL.SIDE, SMALL.SIDE, 3))
    clips = np.tile(four.astype(np.uint8), (4, 1, 1, 1, 1))
    _, whole, loss, _ = step(1, clips=clips, freeze=False)
    _, taken, same_loss, _ = step(4, clips=clips, freeze=False)
    assert same_loss == pytest.approx(loss, abs=1e-5)
    np.testing.assert_allclose(taken["trained"], whole["trained"], atol=2e-5)
    np.testing.assert_allclose(taken["moving"], whole["moving"], atol=2e-4)


def test_statistics_move_once_a_batch_by_the_mean_of_the_parts(step):
    """The first norm's mean is linear in the clips, so parts average to the batch."""
    before, whole, *_ = step(1, freeze=False)
    _, taken, *_ = step(4, freeze=False)
    first = slice(0, 16)  # the stem's 16 channels: its moving mean comes first
    assert np.abs(whole["moving"][first] - before["moving"][first]).max() > 1e-4
    np.testing.assert_allclose(
        taken["moving"][first], whole["moving"][first], atol=1e-6
    )


@pytest.fixture
def trained(monkeypatch):
    from vidnas.training import candidate_training as module
    from vidnas.training import dataset

    monkeypatch.setattr(dataset, "open_clips", SMALL.open_small())

    def run(width=16, *, epochs=1, micro_batch=None, **changes):
        return module.evaluate(
            SMALL.small_architecture(width=width),
            dataset="small",
            recipe=replace(RECIPE, **changes),
            fidelity=Fidelity(epochs),
            seed=0,
            micro_batch=micro_batch,
        )

    return run


def test_parts_need_less_memory(trained):
    whole = trained(width=64)["peak_bytes"]
    parts = trained(width=64, micro_batch=4)["peak_bytes"]
    assert parts < 0.45 * whole


def test_a_network_learns_in_parts_as_well(trained):
    measured = trained(
        epochs=40,
        micro_batch=4,
        optimizer="adamw",
        learning_rate=0.02,
        label_smoothing=0.0,
        dropout=0.1,
    )
    assert measured["top1"] >= 90.0
    assert measured["val_clips"] == 16

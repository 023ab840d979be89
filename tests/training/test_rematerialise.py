"""Layers computed again in the backward pass: the same step, in less memory."""

import gc
import importlib.util
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.trials import Fidelity, Recipe

pytestmark = pytest.mark.keras
HERE = Path(__file__).parent
# With everything that is random, or changes, in a step.
RECIPE = Recipe(
    optimizer="sgd",
    learning_rate=0.05,
    batch=8,
    crop=0.0,
    dropout=0.3,
    stochastic_depth=0.4,
)


def small_clips():
    """The module beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = small_clips()


def trained(architecture, rematerialise, precision="float32", steps=2, parts=1):
    """State and losses after some steps."""
    from vidnas.nets import build
    from vidnas.training.failures import training_scope
    from vidnas.training.session import Session

    recipe = replace(RECIPE, precision=precision, rematerialise=rematerialise)
    clip = architecture.clip
    shape = (8, clip.frames, clip.resolution, clip.resolution, 3)
    rng = np.random.default_rng(0)
    clips = rng.integers(0, 256, shape, dtype=np.uint8)
    targets = np.eye(4, dtype=np.float32)[np.arange(8) % 4]
    with training_scope(precision=precision, batch=8):
        network = build(
            architecture,
            4,
            dropout=recipe.dropout,
            stochastic_depth=recipe.stochastic_depth,
            rematerialise=rematerialise,
            seed=3,
        )
        session = Session(
            network, recipe, 4, shape, norm_momentum=0.9, micro_batches=parts
        )
        losses = [float(session.train(clips, targets, 0.05)[0]) for _ in range(steps)]
        return session.state(), losses


@pytest.mark.parametrize("seed", range(4))
def test_every_kind_of_block_takes_the_same_step(draw, seed):
    """Weights, batch-norm statistics (moved once), momentum and seeds alike."""
    architecture = draw(seed, causal=seed % 2 == 1).at(frames=4, resolution=16)
    before, losses = trained(architecture, False)
    after, same = trained(architecture, True)
    assert same == pytest.approx(losses, abs=1e-5)
    assert np.abs(before["slot0"]).max() > 1e-4  # it has learned something
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, atol=1e-5, err_msg=name)


def test_sixteen_bits_and_micro_batches_take_the_same_step():
    architecture = SMALL.small_architecture()
    for options in ({"precision": "mixed_bfloat16"}, {"parts": 4}):
        before, losses = trained(architecture, False, **options)
        after, same = trained(architecture, True, **options)
        assert same == pytest.approx(losses, abs=1e-5)
        np.testing.assert_allclose(after["trained"], before["trained"], atol=1e-5)


@pytest.fixture
def evaluated(monkeypatch):
    from vidnas.training import candidate_training as module
    from vidnas.training import dataset

    monkeypatch.setattr(dataset, "open_clips", SMALL.open_small())

    def run(width=64, **changes):
        return module.evaluate(
            SMALL.small_architecture(width=width),
            dataset="small",
            recipe=replace(RECIPE, batch=16, **changes),
            fidelity=Fidelity(1),
            seed=0,
        )

    return run


def test_it_saves_the_memory_that_was_priced(evaluated):
    plain = evaluated()["peak_bytes"]
    again = evaluated(rematerialise=True)["peak_bytes"]
    architecture = SMALL.small_architecture(width=64)
    before, after = (
        cost(architecture, 4, 16, rematerialise=on).training_bytes
        for on in (False, True)
    )
    assert again < 0.9 * plain
    assert again / plain == pytest.approx(after / before, abs=0.15)


def test_trial_after_trial_leaves_no_graph_behind(monkeypatch):
    import tensorflow as tf

    from vidnas.nets.layers.rematerialising import NAME

    graphs, gradients = [], tf.gradients

    def watched(*arguments, **options):
        graph = tf.compat.v1.get_default_graph()
        if graph.get_collection(NAME):
            graphs.append(weakref.ref(graph))
        return gradients(*arguments, **options)

    monkeypatch.setattr(tf, "gradients", watched)
    for _ in range(3):
        trained(SMALL.small_architecture(), True, steps=1)
    gc.collect()
    assert len(graphs) >= 3
    assert not [graph for graph in graphs if graph() is not None]

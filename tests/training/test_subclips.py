"""Causal networks that see a clip part by part while they train."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture import Clip
from vidnas.trials import Fidelity, Recipe

HERE = Path(__file__).parent
RECIPE = Recipe(optimizer="sgd", batch=4, crop=0.0, weight_decay=0.0)
RATE = 0.05


def small_clips():
    """The module beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = small_clips()


def stream(frames=SMALL.FRAMES, **changes):
    clip = Clip(frames, SMALL.SIDE)
    return replace(SMALL.small_architecture(**changes).streaming(), clip=clip)


@pytest.fixture
def frozen_norms(monkeypatch):
    """Norms apply their statistics in training too, as those of a stream do."""
    from vidnas.nets.layers.norm import Norm

    call = Norm.call
    monkeypatch.setattr(Norm, "call", lambda norm, x, training: call(norm, x, False))


@pytest.mark.keras
def test_a_step_is_that_of_the_mean_loss_of_the_parts_with_states_as_constants(
    frozen_norms,
):
    """The same from the stream twin, frame by frame of a part, and a tape a part."""
    import tensorflow as tf

    from vidnas.nets import build
    from vidnas.training.session import Session

    architecture = stream(5)
    network = build(architecture, 4, seed=3)
    rng = np.random.default_rng(0)
    # Scales of residual branches begin at zero, where nothing would go through buffers.
    for weight in network.trainable_variables:
        weight.assign(weight + 0.1 * rng.normal(size=weight.shape).astype(np.float32))
    clips = rng.integers(0, 256, (4, 5, SMALL.SIDE, SMALL.SIDE, 3), dtype=np.uint8)
    targets = np.eye(4, dtype=np.float32)
    smooth = 0.9 * targets + 0.1 / 4
    twin = network.stream()
    states, gradients, losses = twin.initial_states(4), [], []
    for part in (clips[:, :3], clips[:, 3:]):
        with tf.GradientTape() as tape:
            after = {name: tf.stop_gradient(state) for name, state in states.items()}
            for t in range(part.shape[1]):
                frame = tf.constant(part[:, t : t + 1] / 255.0, tf.float32)
                logits, after = twin(frame, after)
            each = tf.nn.softmax_cross_entropy_with_logits(smooth, logits)
            loss = tf.reduce_mean(each)
        variables = [v.value for v in network.trainable_variables]
        found = tape.gradient(loss, variables)
        gradients.append(np.concatenate([np.ravel(g) for g in found]))
        losses.append(float(loss))
        states = after
    whole = network(tf.constant(clips / 255.0, tf.float32))
    np.testing.assert_allclose(logits, whole, atol=1e-5)
    session = Session(
        network, RECIPE, 4, clips.shape, norm_momentum=0.9, subclips=(3, 2)
    )
    before = session.state()["trained"]
    loss, right = session.train(clips, targets, RATE)
    moved = before - session.state()["trained"]
    # The first step of SGD with Nesterov's momentum.
    expected = 1.9 * RATE * np.mean(gradients, axis=0)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(moved, expected, atol=1e-6, rtol=1e-3)
    assert float(loss) == pytest.approx(np.mean(losses), abs=1e-5)
    assert right == (np.argmax(logits, 1) == np.arange(4)).sum()


@pytest.mark.keras
@pytest.mark.real
def test_a_network_learns_from_parts_with_less_memory_and_is_measured_on_longer_clips(
    monkeypatch,
):
    from vidnas.training import candidate_training as module
    from vidnas.training import dataset
    from vidnas.trials.recipe import Evaluation

    monkeypatch.setattr(dataset, "open_clips", SMALL.open_small())

    def trained(epochs, **changes):
        return module.evaluate(
            stream(16, width=32),
            dataset="small",
            recipe=replace(RECIPE, batch=16, **changes),
            fidelity=Fidelity(epochs),
            seed=0,
        )

    learnt = trained(
        30,
        subclip_frames=4,
        optimizer="adamw",
        learning_rate=0.02,
        label_smoothing=0.0,
        evaluation=Evaluation(frames=20),
    )
    assert learnt["top1"] >= 90.0
    whole = trained(1)["peak_bytes"]
    assert trained(1, subclip_frames=4)["peak_bytes"] < 0.5 * whole

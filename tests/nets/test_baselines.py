"""The networks that searched ones are compared with, against their own makers'."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture.published import published
from vidnas.costs import cost

pytestmark = pytest.mark.keras
SIDE, CLASSES = 64, 1000


def clips(frames, side=SIDE, batch=2):
    shape = (batch, frames, side, side, 3)
    return np.random.default_rng(0).random(shape, dtype=np.float32)


def keras_network(size):
    """MobileNetV3 of Keras applications with random weights, statistics included."""
    import keras

    make = getattr(keras.applications, f"MobileNetV3{size.title()}")
    model = make(
        input_shape=(SIDE, SIDE, 3),
        weights=None,
        classes=CLASSES,
        classifier_activation=None,
        include_preprocessing=False,
    )
    rng = np.random.default_rng(1)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(rng.uniform(-0.5, 0.5, weight.shape))
    return model


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_frame_based_mobilenet_averages_what_keras_says_of_every_frame(size):
    from vidnas.nets import build

    architecture = published(f"mobilenetv3-{size}").at(frames=3, resolution=SIDE)
    theirs, ours = keras_network(size), build(architecture, CLASSES)
    for mine, yours in zip(ours.weights, theirs.weights, strict=True):
        mine.assign(np.reshape(yours.numpy(), mine.shape))  # differ in axes of size 1
    assert cost(architecture, CLASSES).stored_parameters == theirs.count_params()
    x = clips(3)
    expected = np.mean([theirs(x[:, t]).numpy() for t in range(3)], axis=0)
    np.testing.assert_allclose(ours(x), expected, atol=2e-5 * expected.std())


def test_without_temporal_shift_a_mobilenet_does_not_see_the_order_of_frames():
    from vidnas.nets import build

    x = clips(4, side=32)
    for name, sees in (("mobilenetv3-small", False), ("mobilenetv3-small-tsm", True)):
        model = build(published(name), 5)
        moved = np.abs(model(x) - model(x[:, [2, 0, 3, 1]])).max()
        assert (moved > 1e-5) == sees


@pytest.mark.parametrize("name", ["mobilenetv3-small", "mobilenetv3-small-tsm"])
def test_a_mobilenet_streams_frame_by_frame(name):
    from vidnas.nets import build

    model = build(published(name, stream=True), 5)
    stream, x = model.stream(), clips(4, side=32)
    states = stream.initial_states(2, (32, 32))
    for t in range(4):
        logits, states = stream(x[:, t : t + 1], states)
    expected = model(x).numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-4 * expected.std())


@pytest.mark.parametrize("name", ["r3d-18", "r2plus1d-18"])
def test_a_plain_resnet_has_the_parameters_it_was_priced_at_and_runs(name):
    from vidnas.nets import build

    architecture = published(name).at(frames=8, resolution=32)
    model = build(architecture, 400)
    assert model.count_params() == cost(architecture, 400).stored_parameters
    assert model(clips(8, side=32), training=True).shape == (2, 400)


def test_published_baselines_can_be_made_smaller():
    from vidnas.nets import build

    full = published("r2plus1d-18")
    short = replace(full, stages=full.stages[:1]).at(frames=4, resolution=16)
    model = build(short, 5)
    assert model.count_params() == cost(short, 5).stored_parameters
    assert model(clips(4, side=16)).shape == (2, 5)

"""Networks of one channel: clips, streams, files and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.costs import cost
from vidnas.errors import ShapeError

pytestmark = pytest.mark.keras
CLASSES = 5


def small(channels=1, **changes):
    """Two layers, 6 frames of 16 x 16, and a stem that looks along time."""
    layer = Layer(16, Kernel(3, 3), 2, 8)
    architecture = Architecture(
        clip=Clip(6, 16, fps=12.5, channels=channels),
        stem=Stem(8, Kernel(3, 3)),
        stages=(Stage(8, (layer, replace(layer, stride=1))),),
        head=Head(16, 32),
    )
    return replace(architecture, **changes)


def clips_for(architecture, batch=2, seed=0):
    clip = architecture.clip
    shape = (batch, clip.frames, clip.resolution, clip.resolution, clip.channels)
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def randomized(model, seed=0):
    """Norms and scales random, so that no scale of zero hides a layer."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance", "residual_scale"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias", "position_scale"):
            weight.assign(rng.uniform(-0.5, 0.5, weight.shape))
    return model


@pytest.mark.parametrize("seed", range(8))
def test_a_stream_of_any_block_equals_its_clip_network(seed, draw):
    from vidnas.nets import build

    architecture = draw(seed, causal=True, channels=1)
    model = randomized(build(architecture, CLASSES, seed=seed), seed)
    clips, stream = clips_for(architecture), model.stream()
    expected = model(clips).numpy()
    states = stream.initial_states(2)
    values = sum(int(np.prod(s.shape[1:])) for n, s in states.items() if n != "frames")
    assert values == cost(architecture, CLASSES).stream_state_values
    for chunk in np.split(clips, (1, 3), axis=1):
        logits, states = stream(chunk, states)
    assert np.abs(logits.numpy() - expected).max() < 1e-4 * np.std(expected)


def test_a_network_sees_its_one_channel_and_a_rate_changes_nothing():
    from vidnas.nets import build

    model = randomized(build(small(), CLASSES))
    clips = clips_for(small())
    assert model.input_shape == (None, 6, 16, 16, 1)
    assert np.abs(model(clips) - model(1.0 - clips)).max() > 1e-3
    untimed = small(clip=Clip(6, 16, channels=1))
    twin = randomized(build(untimed, CLASSES))
    np.testing.assert_array_equal(model(clips), twin(clips))


def test_a_frozen_stream_takes_frames_of_one_channel():
    import tensorflow as tf

    from vidnas.nets import build

    stream = randomized(build(small(), CLASSES, stream=True))
    clips = clips_for(small())
    expected, _ = stream(clips, stream.initial_states(2))
    step, states = stream.frozen(2, frames=6), stream.initial_states(2)
    found, _ = step(tf.constant(clips), states)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(
        ShapeError, match=r"must be \[B, T, H, W, 1\].* takes grayscale"
    ):
        step(tf.zeros([2, 6, 16, 16, 3]), states)


def test_a_network_survives_its_keras_file_and_its_export(tmp_path):
    import keras
    import tensorflow as tf

    from vidnas.nets import build

    model = randomized(build(small(), CLASSES))
    clips = clips_for(small())
    model.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    assert again.architecture == small()
    np.testing.assert_array_equal(again(clips), model(clips))
    stream = build(small(), CLASSES, stream=True)
    stream.export(tmp_path / "stream")
    served = tf.saved_model.load(str(tmp_path / "stream")).signatures
    taken = served["serving_default"].structured_input_signature[1]
    assert taken["frame"].shape.as_list() == [None, 1, 16, 16, 1]


def test_other_channels_are_refused_in_one_line():
    from vidnas.nets import build

    gray, rgb = build(small(), CLASSES), build(small(3), CLASSES)
    for model, shape, told in (
        (gray, (2, 6, 16, 16, 3), "This network takes grayscale."),
        (rgb, (2, 6, 16, 16, 1), "This network takes RGB."),
        (gray, (2, 6, 16, 16), "Grayscale has a last axis too: `clips[..., None]`."),
        (gray, (6, 16, 16, 1), "One clip is a batch too: `clips[None]`."),
    ):
        with pytest.raises(ShapeError) as refused:
            model(np.zeros(shape, np.float32))
        assert str(refused.value).endswith(told)
        assert "\n" not in str(refused.value)

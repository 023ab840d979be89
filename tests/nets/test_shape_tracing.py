"""A network is fitted and asked by Keras on clips of several lengths and sizes."""

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem

pytestmark = pytest.mark.keras
SHAPES = [(2, 2, 8, 8, 3), (2, 3, 8, 8, 3), (2, 3, 12, 10, 3), (1, 2, 8, 8, 3)]


def clips(shape):
    return np.random.default_rng(0).random(shape, dtype=np.float32)


@pytest.fixture(scope="module")
def network():
    import keras

    from vidnas.nets import build

    layer = Layer(4, Kernel(1, 1))
    stages = (Stage(4, (layer,)),)
    network = build(
        Architecture(Clip(2, 8), Stem(4, Kernel(1, 3)), stages, Head(4, 4)), 5
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("sgd", loss)
    return network


def test_predictions_of_other_shapes_are_those_of_calls(network):
    import tensorflow as tf

    for shape in SHAPES:
        x = clips(shape)
        logits = network(x).numpy()
        batches = tf.data.Dataset.from_tensor_slices(x).batch(2)
        for given in (x, batches):
            told = network.predict(given, verbose=0)
            np.testing.assert_allclose(told, logits, rtol=1e-4, atol=1e-6)


def test_a_training_goes_on_with_clips_of_other_shapes(network):
    for shape in SHAPES[:3]:
        labels = np.zeros(shape[0], int)
        network.fit(
            clips(shape), labels, validation_data=(clips(shape), labels), verbose=0
        )
    before = network.get_weights()
    for shape in SHAPES[:3]:
        network.train_on_batch(clips(shape), np.ones(shape[0], int))
    changed = zip(before, network.get_weights(), strict=True)
    assert any(not np.array_equal(a, b) for a, b in changed)


def test_a_shape_is_compiled_once(network):
    step = network.make_predict_function(force=True)
    for shape in SHAPES * 2:
        network.predict(clips(shape), verbose=0)
    assert network.predict_function is step
    assert len(step._compiled) == 3

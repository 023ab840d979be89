"""Every layer that Keras writes down is made again: a contract of all of them."""

import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.architecture import BLOCKS
from vidnas.nets.keras_classes import CLASSES

pytestmark = pytest.mark.keras
KERNEL = Kernel(3, 3)


def networks():
    """Networks that have every kind of layer between them."""
    layers = (Layer(16, KERNEL, 2, 8), Layer(24, KERNEL))
    for n, block in enumerate(BLOCKS):
        yield Architecture(
            clip=Clip(4, 16),
            stem=Stem(8, KERNEL, 2, 5, 5),
            stages=(Stage(8, layers),),
            head=Head(16, 32),
            block=block,
            convolution=("3d", "2plus1d")[n % 2],
            causal=block == "movinet",
            positional_encoding=block == "movinet",
        )


def test_every_kind_of_layer_is_written_down_and_made_again():
    import keras

    from vidnas.nets import build

    classes = {}
    for architecture in networks():
        network = build(architecture, 3, dropout=0.5)
        for layer in network._flatten_layers(include_self=False):
            if type(layer).__name__ == "SeedGenerator":
                continue
            layer.trainable = layer.name != "norm"
            config = keras.saving.serialize_keras_object(layer)
            again = keras.saving.deserialize_keras_object(config)
            assert type(again) is type(layer)
            assert again.get_config() == layer.get_config()
            shapes = [tuple(weight.shape) for weight in layer.weights]
            assert [tuple(weight.shape) for weight in again.weights] == shapes
            again.set_weights(layer.get_weights())
            classes[type(layer).__name__] = type(layer).__module__
    assert classes == {
        name: module for name, module in CLASSES.items() if "Network" not in name
    }


def test_a_layer_made_again_computes_in_its_own_precision_and_leaves_others():
    import keras

    from vidnas.nets.layers.depthwise import Pointwise
    from vidnas.nets.layers.restoration import compute_in, fresh_rng

    with compute_in("mixed_bfloat16"):
        layer = Pointwise(3, 4, rng=fresh_rng(), name="one")
    again = Pointwise.from_config(layer.get_config())
    assert (again.compute_dtype, again.variable_dtype) == ("bfloat16", "float32")
    assert keras.config.dtype_policy().name == "float32"

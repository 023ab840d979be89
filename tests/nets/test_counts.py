"""Costs in closed form against what Keras and TensorFlow count in the built network.

A few architectures of every shipped space; `VIDNAS_COUNTED=500` counts 500 of each.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture.published import published, published_names
from vidnas.costs import cost
from vidnas.files.loading import load_space

pytestmark = pytest.mark.keras
# Of the scaled MoViNet spaces, one: the others have other numbers in the same places.
SPACES = [
    path
    for path in sorted((Path(__file__).parents[2] / "search_spaces").glob("*.yaml"))
    if not re.fullmatch(r"movinet_a[01345]", path.stem)
]
COUNTED = int(os.environ.get("VIDNAS_COUNTED", "3"))
CLASSES = 7


def traced(model, clip):
    """Multiply-adds of the operators that one clip goes through."""
    import tensorflow as tf

    shape = (1, clip.frames, clip.resolution, clip.resolution, clip.channels)
    function = tf.function(lambda clips: model(clips), autograph=False)
    graph = function.get_concrete_function(tf.TensorSpec(shape)).graph
    return sum(multiply_adds(operation) for operation in graph.get_operations())


def multiply_adds(operation):
    if operation.type == "MatMul":
        rows, shared = operation.inputs[0].shape
        return rows * shared * operation.inputs[1].shape[1]
    if operation.type in ("Conv2D", "Conv3D", "DepthwiseConv2dNative"):
        *window, _, _ = operation.inputs[1].shape
        per_output = int(np.prod(window))
        if operation.type != "DepthwiseConv2dNative":
            per_output *= operation.inputs[1].shape[-2]
        return int(np.prod(operation.outputs[0].shape)) * per_output
    return 0


def check(architecture, classes=CLASSES):
    import keras

    from vidnas.nets import build

    model, price = build(architecture, classes), cost(architecture, classes)
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert (trained, model.count_params()) == (
        price.parameters,
        price.stored_parameters,
    )
    assert traced(model, architecture.clip) == price.flops
    keras.backend.clear_session()


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_random_architectures_of_a_space_cost_what_is_counted(path):
    space, rng = load_space(path), np.random.default_rng(0)
    for _ in range(COUNTED):
        check(space.decode(space.sample(rng)))


@pytest.mark.parametrize("seed", range(12))
def test_architectures_of_any_block_cost_what_is_counted(seed, draw):
    check(draw(seed, causal=seed % 4 == 3))


@pytest.mark.parametrize("seed", range(12, 16))
def test_grayscale_networks_of_any_block_cost_what_is_counted(seed, draw):
    architecture = draw(seed, causal=seed % 8 > 5, channels=1)
    check(architecture)
    # An RGB stem has two more kernels of one channel.
    stem = architecture.stem
    rgb = replace(architecture, clip=replace(architecture.clip, channels=3))
    first = stem.factored_width or stem.width
    taps = stem.kernel.spatial.taps if stem.factored_width else stem.kernel.taps
    more = cost(rgb, CLASSES).parameters - cost(architecture, CLASSES).parameters
    assert more == 2 * taps * first


@pytest.mark.parametrize("name", ["movinet-t0", *published_names()[-6:]])
def test_published_networks_cost_what_is_counted(name):
    check(published(name), 400)

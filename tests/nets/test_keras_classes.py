"""Clip networks and streams are models of Keras: saved, loaded, cloned, fitted."""

import copy
import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.nets.keras_classes import CLASSES, MODELS, register_with_keras

pytestmark = pytest.mark.keras
CLIPS = np.random.default_rng(0).random((2, 2, 8, 8, 3), dtype=np.float32)


def tiny(**changes):
    """One layer, 2 frames of 8 x 8."""
    return Architecture(
        clip=Clip(2, 8),
        stem=Stem(4, Kernel(1, 3)),
        stages=(Stage(4, (Layer(8, Kernel(3, 3), squeeze_excite=8),)),),
        head=Head(8, 8),
        **changes,
    )


def trained(model, seed=1):
    """A model whose weights no seed of ours draws."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(rng.uniform(0.2, 1.0, weight.shape))
    return model


def same_weights(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.fixture
def network():
    from vidnas.nets import build

    model = build(tiny(), 5, dropout=0.2, stochastic_depth=0.1, norm_momentum=0.9)
    return trained(model)


def test_a_saved_network_is_loaded_bit_for_bit(network, tmp_path):
    import keras

    network.blocks[0].trainable = False
    network.save(tmp_path / "x.keras")
    loaded = keras.models.load_model(tmp_path / "x.keras")
    assert type(loaded) is type(network)
    assert loaded.get_config() == network.get_config()
    assert loaded.architecture == network.architecture
    assert same_weights(loaded, network)
    assert len(loaded.trainable_weights) == len(network.trainable_weights)
    assert np.array_equal(loaded(CLIPS), network(CLIPS))


def test_layers_that_are_not_trained_stay_so_wherever_they_are(network, tmp_path):
    import keras

    network.blocks[0].expand_norm.trainable = False
    network.blocks[0].squeeze_excite.reduce.trainable = False
    network.head.trainable = False
    network.save(tmp_path / "x.keras")
    loaded = keras.models.load_model(tmp_path / "x.keras")
    trained_names = [weight.path for weight in network.trainable_weights]
    assert [weight.path for weight in loaded.trainable_weights] == trained_names
    assert not loaded.blocks[0].expand_norm.trainable
    assert loaded.blocks[0].project_norm.trainable
    assert not loaded.head.norm.trainable


def test_the_older_format_of_keras_is_read_back(network, tmp_path):
    import keras

    network.save(tmp_path / "x.h5")
    loaded = keras.models.load_model(tmp_path / "x.h5")
    assert type(loaded) is type(network)
    assert np.array_equal(loaded(CLIPS), network(CLIPS))


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_a_copy_is_as_a_saved_network(network, duplicate):
    twin = duplicate(network)
    assert same_weights(twin, network)
    twin.head.classes.bias.assign_add(np.ones(5))
    assert not same_weights(twin, network)


def test_a_clone_is_the_same_network_with_fresh_weights(network):
    import keras

    clone = keras.models.clone_model(network)
    assert clone.architecture == network.architecture
    assert not same_weights(clone, network)
    clone.set_weights(network.get_weights())
    assert np.array_equal(clone(CLIPS), network(CLIPS))


def test_weights_are_saved_alone_too(network, tmp_path):
    from vidnas.nets import build

    network.save_weights(tmp_path / "x.weights.h5")
    other = build(tiny(), 5, dropout=0.2, stochastic_depth=0.1)
    other.load_weights(tmp_path / "x.weights.h5")
    assert same_weights(other, network)


def test_a_network_says_its_shapes_before_it_is_called(network):
    assert network.input_shape == (None, 2, 8, 8, 3)
    assert network.output_shape == (None, 5)
    assert network.compute_output_shape((7, 4, 16, 16, 3)) == (7, 5)
    assert network.get_layer("stem") is network.stem


def test_networks_are_parts_of_other_models(network, tmp_path):
    import keras

    from vidnas.nets import build

    clips = keras.Input(network.input_shape[1:])
    both = keras.layers.concatenate([network(clips), build(tiny(), 3)(clips)])
    model = keras.Model(clips, keras.layers.Dense(2)(both))
    model.save(tmp_path / "both.keras")
    loaded = keras.models.load_model(tmp_path / "both.keras")
    assert np.array_equal(loaded(CLIPS), model(CLIPS))
    chain = keras.Sequential([network, keras.layers.Dense(3)])
    assert chain(CLIPS).shape == (2, 3)


def test_a_fit_goes_on_where_it_was_saved(tmp_path):
    import keras

    from vidnas.nets import build

    # Without dropout, whose place in its random numbers Keras keeps for no model.
    network = trained(build(tiny(), 5))
    labels = np.array([1, 2])
    network.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    network.fit(CLIPS, labels, shuffle=False, verbose=0)
    network.save(tmp_path / "x.keras")
    loaded = keras.models.load_model(tmp_path / "x.keras")
    assert loaded.optimizer.iterations == 1
    for model in (network, loaded):
        model.fit(CLIPS, labels, shuffle=False, verbose=0)
    assert same_weights(network, loaded)


def test_a_network_of_mixed_precision_is_loaded_as_one(tmp_path):
    import keras

    from vidnas.nets import build
    from vidnas.nets.layers.restoration import compute_in

    with compute_in("mixed_bfloat16"):
        network = trained(build(tiny(), 5))
    network.save(tmp_path / "x.keras")
    loaded = keras.models.load_model(tmp_path / "x.keras")
    assert loaded.compute_dtype == loaded.blocks[0].expand.compute_dtype == "bfloat16"
    assert np.array_equal(loaded(CLIPS), network(CLIPS))
    clips = keras.Input(network.input_shape[1:])
    assert network(clips).dtype == "float32"


def test_an_exported_network_computes_the_same(network, tmp_path):
    import keras
    import tensorflow as tf

    network.export(tmp_path / "alone", verbose=False)
    alone = tf.saved_model.load(tmp_path / "alone")
    np.testing.assert_allclose(alone.serve(CLIPS), network(CLIPS), rtol=1e-5)
    chain = keras.Sequential([keras.Input((2, 8, 8, 3)), network])
    chain.export(tmp_path / "inside", verbose=False)
    inside = tf.saved_model.load(tmp_path / "inside")
    np.testing.assert_allclose(inside.serve(CLIPS), network(CLIPS), rtol=1e-5)


def test_a_stream_is_saved_loaded_and_exported(tmp_path):
    import keras
    import tensorflow as tf

    from vidnas.nets import build

    stream = trained(build(tiny(), 5, stream=True))
    states = stream.initial_states(2)
    logits, after = stream(CLIPS[:, :1], states)
    stream.save(tmp_path / "x.keras")
    loaded = keras.models.load_model(tmp_path / "x.keras")
    assert type(loaded) is type(stream)
    assert np.array_equal(loaded(CLIPS[:, :1], states)[0], logits)
    stream.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    given = exported.serve({"frame": CLIPS[:, :1], **states})
    np.testing.assert_allclose(given.pop("logits"), logits, rtol=1e-5)
    assert given.keys() == after.keys()


def test_a_process_that_imported_vidnas_loads_a_network(network, tmp_path):
    network.save(tmp_path / "x.keras")
    np.savez(tmp_path / "x.npz", clips=CLIPS, logits=network(CLIPS))
    code = """
import sys
import vidnas, keras
assert "vidnas.nets.network" not in sys.modules
import numpy as np
x = np.load("x.npz")
model = keras.models.load_model("x.keras")
assert np.array_equal(model(x["clips"]), x["logits"])
assert keras.saving.get_registered_object("vidnas>VideoNetwork") is type(model)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, timeout=120)


def test_where_keras_is_loaded_already_classes_are_registered_at_once(
    network, monkeypatch
):
    known = {"vidnas>Norm": "the class itself"}
    loaded = SimpleNamespace(saving=SimpleNamespace(get_custom_objects=lambda: known))
    monkeypatch.setitem(sys.modules, "keras", loaded)
    register_with_keras()
    assert known.keys() == {*MODELS, *(f"vidnas>{name}" for name in CLASSES)}
    assert known["vidnas>Norm"] == "the class itself"
    again = known["vidnas>VideoNetwork"].from_config(network.get_config())
    assert type(again) is type(network)


def test_importing_vidnas_waits_for_keras_once():
    code = """
import sys, importlib, importlib.util
import vidnas
finders = len(sys.meta_path)
importlib.reload(vidnas)
assert len(sys.meta_path) == finders
assert importlib.util.find_spec("keras").name == "keras"
assert not {"keras", "tensorflow"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

"""Whole networks: parameters as priced, what they see, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.architecture import BLOCKS
from vidnas.architecture.published import published
from vidnas.costs import cost
from vidnas.errors import ShapeError

pytestmark = pytest.mark.keras


def small(kernel="3x3x3", **changes):
    """Two stages, three layers, 4 frames of 16 x 16."""
    layers = (Layer(16, Kernel.parse(kernel), 2, 8), Layer(24, Kernel.parse(kernel)))
    architecture = Architecture(
        clip=Clip(4, 16),
        stem=Stem(8),
        stages=(Stage(8, layers), Stage(16, layers[:1])),
        head=Head(16, 32),
    )
    return replace(architecture, **changes)


def clips_for(architecture, batch=2, seed=0):
    clip = architecture.clip
    shape = (batch, clip.frames, clip.resolution, clip.resolution, 3)
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def randomized(model, seed=0):
    """Norms and scales random, so that no scale of zero hides a layer."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance", "residual_scale"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(rng.uniform(-0.5, 0.5, weight.shape))
    return model


def counts(model):
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return trained, model.count_params()


@pytest.mark.parametrize("seed", range(40))
def test_a_network_has_the_parameters_it_was_priced_at(seed, draw):
    from vidnas.nets import build

    architecture = draw(seed, causal=seed % 3 == 2)
    model = build(architecture, 7)
    price = cost(architecture, 7)
    assert counts(model) == (price.parameters, price.stored_parameters)
    logits = model(clips_for(architecture), training=seed % 2 > 0).numpy()
    assert logits.shape == (2, 7)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize(
    ("name", "stream"),
    [("movinet-a0", False), ("movinet-a0", True), ("x3d-s", False)],
)
def test_published_networks_have_their_parameters_and_run(name, stream):
    from vidnas.nets import build

    architecture = published(name, stream=stream).at(frames=3, resolution=32)
    model = build(architecture, 600)
    price = cost(architecture, 600)
    assert counts(model) == (price.parameters, price.stored_parameters)
    assert model(clips_for(architecture)).shape == (2, 600)


def test_a_network_has_the_outputs_that_its_architecture_knows():
    from vidnas.nets import build

    network = small()
    model = build(replace(network, classes=3))
    assert model(clips_for(network)).shape == (2, 3)
    with pytest.raises(ShapeError, match=r"`classes` must be given, the architecture"):
        build(network)
    with pytest.raises(ShapeError, match=r"must be an Architecture, got `movinet-a0`"):
        build("movinet-a0", 3)


def test_a_network_of_spatial_kernels_does_not_see_the_order_of_frames():
    from vidnas.nets import build

    model = randomized(build(small("1x3x3"), 5))
    clips = clips_for(small())
    shuffled = clips[:, [2, 0, 3, 1]]
    np.testing.assert_allclose(model(clips), model(shuffled), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("convolution", ["3d", "2plus1d"])
def test_a_network_of_temporal_kernels_sees_the_order_of_frames(convolution):
    from vidnas.nets import build

    model = randomized(build(small(convolution=convolution), 5))
    clips = clips_for(small())
    assert np.abs(model(clips) - model(clips[:, ::-1])).max() > 1e-3


@pytest.mark.parametrize("convolution", ["3d", "2plus1d"])
def test_a_causal_layer_never_sees_a_later_frame(convolution):
    from vidnas.nets import build

    architecture = small(causal=True, convolution=convolution)
    model = randomized(build(architecture, 5))
    (layer, *_) = model.blocks
    x = np.random.default_rng(1).random((4, 8, 8, 8), dtype=np.float32)
    changed = x.copy()
    changed[3] += 1.0
    before = layer(x, frames=4, training=False).numpy()
    after = layer(changed, frames=4, training=False).numpy()
    np.testing.assert_allclose(before[:3], after[:3], rtol=1e-6)
    assert np.abs(before[3] - after[3]).max() > 1e-3


def test_a_fresh_movinet_layer_passes_its_input_through():
    from vidnas.nets import build

    model = build(small(), 5)
    layer = model.blocks[1]  # no stride and one width: an identity shortcut
    x = np.random.default_rng(1).random((4, 4, 4, 8), dtype=np.float32)
    np.testing.assert_allclose(layer(x, frames=4, training=True), x)


def test_every_weight_gets_a_gradient():
    import tensorflow as tf

    from vidnas.nets import build

    forms = [small(block=block, temporal_shift=True) for block in BLOCKS]
    for architecture in (*forms, small(causal=True, positional_encoding=True)):
        model = randomized(build(architecture, 5))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(clips_for(architecture), training=True) ** 2)
        gradients = tape.gradient(loss, [w.value for w in model.trainable_weights])
        for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
            assert gradient is not None, weight.path
            assert np.isfinite(gradient).all(), weight.path


def test_weights_depend_on_the_seed_and_on_nothing_else():
    from vidnas.nets import build

    one, same, other = (
        [weight.numpy() for weight in build(small(), 5, seed=seed).weights]
        for seed in (3, 3, 4)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_weights_have_the_names_of_their_places():
    from vidnas.nets import build

    paths = [weight.path for weight in build(small(), 5).weights]
    assert len(set(paths)) == len(paths)
    assert "stem/conv/kernel" in paths
    assert "stage1.layer0/depthwise/kernel" in paths
    assert "stage1.layer0/squeeze_excite/reduce/bias" in paths
    assert "stage2.layer0/project_norm/residual_scale" in paths
    assert "head/classes/bias" in paths


# Keras 3.15 converts its variables in a way that numpy 2 warns of.
def test_saved_weights_give_the_same_logits_in_another_model(tmp_path):
    from vidnas.nets import build

    model = randomized(build(small(), 5))
    model.save_weights(tmp_path / "small.weights.h5")
    other = build(small(), 5, seed=9)
    other.load_weights(tmp_path / "small.weights.h5")
    clips = clips_for(small())
    np.testing.assert_array_equal(model(clips), other(clips))


def test_a_network_takes_clips_of_other_lengths_and_sizes():
    from vidnas.nets import build

    model = build(small(), 5)
    assert model(np.zeros((1, 7, 21, 13, 3), np.float32)).shape == (1, 5)


def test_a_network_compiles_for_any_batch():
    import tensorflow as tf

    from vidnas.nets import build

    model = build(small(), 5)
    function = tf.function(
        lambda clips: model(clips, training=True),
        input_signature=[tf.TensorSpec((None, 4, 16, 16, 3))],
    )
    for batch in (1, 3):
        assert function(clips_for(small(), batch)).shape == (batch, 5)


def test_dropout_acts_in_training_only():
    from vidnas.nets import build

    model = build(small(), 5, dropout=0.5)
    assert counts(model)[0] == cost(small(), 5).parameters
    clips = clips_for(small())
    np.testing.assert_array_equal(model(clips), model(clips))
    assert np.abs(model(clips, training=True) - model(clips, training=True)).max() > 0


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("activation", ["swish", "hard_swish", "relu6"])
def test_mixed_precision_computes_nearly_the_same(block, activation, policy):
    import keras

    from vidnas.nets import build

    architecture = small(block=block, activation=activation, temporal_shift=True)
    clips = clips_for(architecture)
    exact = build(architecture, 5)(clips, training=True).numpy()
    keras.config.set_dtype_policy(policy)
    try:
        model = build(architecture, 5, stochastic_depth=1e-9)
    finally:
        keras.config.set_dtype_policy("float32")
    assert all(weight.dtype == "float32" for weight in model.trainable_weights)
    logits = model(clips, training=True)
    assert logits.dtype == "float32"
    np.testing.assert_allclose(logits, exact, atol=0.1 * np.abs(exact).max())


@pytest.mark.parametrize("block", BLOCKS)
def test_a_network_compiled_by_xla_trains_as_an_eager_one(block):
    import tensorflow as tf

    from vidnas.nets import build

    architecture = small(block=block, temporal_shift=True)
    model, clips = randomized(build(architecture, 5)), clips_for(architecture)

    def step(clips):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(clips, training=True) ** 2)
        return loss, *tape.gradient(loss, [w.value for w in model.trainable_weights])

    eager = step(clips)
    compiled = tf.function(step, jit_compile=True)(tf.constant(clips))
    scale = max(np.abs(value).max() for value in eager)
    for found, expected in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * scale)


def test_stochastic_depth_skips_later_layers_more_often_and_keeps_the_mean():
    import tensorflow as tf

    from vidnas.nets import build

    model = build(small(), 5, stochastic_depth=0.6)
    clips = tf.zeros([4000, 1])
    shares = np.stack(model._shares(clips, training=True))
    # Of three layers the first is kept with 1 - 1/3 x 0.6 = 0.8, then 0.6, then 0.4.
    for share, kept in zip(shares, (0.8, 0.6, 0.4), strict=True):
        assert set(np.unique(share)) == {0.0, np.float32(1 / np.float32(kept))}
        assert (share > 0).mean() == pytest.approx(kept, abs=0.03)
    assert model._shares(clips, training=False) == [None] * 3


def test_a_skipped_layer_leaves_its_shortcut():
    from vidnas.nets import build

    model = randomized(build(small(), 5))
    layer = model.blocks[1]
    x = np.random.default_rng(1).random((8, 4, 4, 8), dtype=np.float32)
    full = layer(x, frames=4, training=False).numpy()
    share = np.array([0.0, 2.0], np.float32)
    found = layer(x, frames=4, training=False, share=share).numpy()
    np.testing.assert_array_equal(found[:4], x[:4])
    np.testing.assert_allclose(found[4:], 2.0 * full[4:] - x[4:], rtol=1e-4, atol=1e-5)


def test_stochastic_depth_acts_in_training_only():
    from vidnas.nets import build

    model = randomized(build(small(), 5, stochastic_depth=0.5))
    assert counts(model)[0] == cost(small(), 5).parameters
    clips = clips_for(small())
    np.testing.assert_array_equal(model(clips), model(clips))
    outputs = [model(clips, training=True).numpy() for _ in range(4)]
    assert np.std(outputs, axis=0).max() > 1e-3


def test_a_clip_shorter_than_half_a_kernel_is_refused_in_one_line():
    from vidnas.nets import build

    model = build(small("5x3x3"), 5)
    with pytest.raises(ShapeError) as refused:
        model(np.zeros((1, 2, 16, 16, 3), np.float32))
    assert str(refused.value) == (
        "Clips must have at least 3 frames, as the kernel of stage1.layer0 sees 5, "
        "got 2."
    )
    beginning = build(small("5x3x3", causal=True), 5)  # of a longer stream
    assert beginning(np.zeros((1, 2, 16, 16, 3), np.float32)).shape == (1, 5)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((1, 4, 16, 16), "got [1, 4, 16, 16]."),
        ((1, 4, 16, 16, 4), "got [1, 4, 16, 16, 4]."),
    ],
)
def test_clips_of_another_shape_are_refused(shape, said):
    from vidnas.nets import build

    with pytest.raises(ShapeError, match="Clips must be") as caught:
        build(small(), 5)(np.zeros(shape, np.float32))
    assert said in str(caught.value)


def test_what_cannot_be_built_is_said_in_one_line():
    from vidnas.nets import build

    with pytest.raises(ShapeError, match="`positional_encoding` needs a causal"):
        build(small(positional_encoding=True), 5)
    with pytest.raises(ShapeError, match="`classes` must be at least 1, got 0"):
        build(small(), 0)


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (("movinet-a0", 5), "`architecture` must be an Architecture, got `movinet-a0`"),
        ((small(), ["up", "down"]), "`classes` must be a whole number"),
    ],
)
def test_what_cannot_be_built_is_said_before_it_is(asked, what):
    from vidnas.errors import InputError
    from vidnas.nets import build

    with pytest.raises(InputError, match=what):
        build(*asked)

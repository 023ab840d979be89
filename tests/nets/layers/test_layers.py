"""Each layer against a plain numpy reference, and its gradient against differences."""

import gc
import weakref

import numpy as np
import pytest

from vidnas.architecture.kernel import Kernel

pytestmark = pytest.mark.keras
T = 4
CLOSE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def fold(clips):
    """[B, T, H, W, C] -> [B*T, H, W, C]."""
    return clips.reshape(-1, *clips.shape[2:]).astype(np.float32)


def convolved(clips, kernel, strides, *, causal):
    """Every output value as the sum over its taps, in float64.

    A kernel `[kt, k, k, C]` is depthwise, `[kt, k, k, C, out]` dense.
    """
    B, T, H, W, _ = clips.shape
    kt, k, _, *_ = kernel.shape
    over_time, stride = strides
    outs = [-(-size // step) for size, step in ((T, over_time), (H, stride))]
    # SAME: what is missing is padded half before (rounded down) and half after.
    missing_frames = max(0, (outs[0] - 1) * over_time + kt - T)
    before = kt - 1 if causal else missing_frames // 2
    low = max(0, (outs[1] - 1) * stride + k - H) // 2
    padded = np.zeros((B, T + 2 * kt, H + k, W + k, clips.shape[-1]))
    padded[:, before : before + T, low : low + H, low : low + W] = clips
    result = np.zeros((B, outs[0], outs[1], outs[1], kernel.shape[-1]))
    sums = "btijc,tijc->bc" if kernel.ndim == 4 else "btijc,tijcd->bd"
    for t in range(outs[0]):
        for i in range(outs[1]):
            for j in range(outs[1]):
                first, row, column = t * over_time, i * stride, j * stride
                seen = padded[:, first : first + kt, row : row + k, column : column + k]
                result[:, t, i, j] = np.einsum(sums, seen, kernel)
    return result


def depthwise_by_hand(clips, kernel, stride, *, causal):
    return convolved(clips, kernel, (1, stride), causal=causal)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [7, 8])
@pytest.mark.parametrize("kernel", ["1x3x3", "1x5x5", "3x1x1", "3x3x3", "5x3x3"])
def test_depthwise_convolution_equals_the_sum_over_its_taps(
    rng, kernel, size, stride, causal
):
    from vidnas.nets.layers.depthwise import DepthwiseConv3D

    clips = rng.standard_normal((2, T, size, size, 3))
    layer = DepthwiseConv3D(
        3, Kernel.parse(kernel), stride, causal=causal, rng=rng, name="depthwise"
    )
    weights = layer.kernel.numpy()[..., 0]
    expected = depthwise_by_hand(clips, weights, stride, causal=causal)
    result = layer(fold(clips), frames=T).numpy()
    np.testing.assert_allclose(result, fold(expected), **CLOSE)


@pytest.mark.parametrize("frames", [5, 6])
@pytest.mark.parametrize("over_time", [2, 3])
@pytest.mark.parametrize("kernel", ["1x3x3", "3x1x1", "3x3x3", "5x3x3"])
def test_depthwise_convolution_strides_over_time(rng, kernel, over_time, frames):
    from vidnas.nets.layers.depthwise import DepthwiseConv3D

    clips = rng.standard_normal((2, frames, 6, 6, 3))
    layer = DepthwiseConv3D(3, Kernel.parse(kernel), 2, over_time, rng=rng, name="d")
    weights = layer.kernel.numpy()[..., 0]
    expected = convolved(clips, weights, (over_time, 2), causal=False)
    result = layer(fold(clips), frames=frames).numpy()
    np.testing.assert_allclose(result, fold(expected), **CLOSE)


@pytest.mark.parametrize(
    ("over_time", "causal"), [(1, False), (2, False), (3, False), (1, True)]
)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", ["1x3x3", "3x1x1", "3x3x3", "1x1x1"])
def test_dense_convolution_equals_the_sum_over_its_taps(
    rng, kernel, stride, over_time, causal
):
    from vidnas.nets.layers.dense import DenseConv3D

    clips = rng.standard_normal((2, 5, 7, 7, 3))
    layer = DenseConv3D(
        3, 4, Kernel.parse(kernel), stride, over_time, causal=causal, rng=rng, name="c"
    )
    weights = layer.kernel.numpy().reshape(*layer.taps, layer.taps.side, 3, 4)
    expected = convolved(clips, weights, (over_time, stride), causal=causal)
    result = layer(fold(clips), frames=5).numpy()
    np.testing.assert_allclose(result, fold(expected), **CLOSE)


@pytest.mark.parametrize("causal", [False, True])
def test_a_temporal_shift_moves_an_eighth_of_the_channels_each_way(rng, causal):
    from vidnas.nets.layers.frames import shift_channels

    clips = rng.standard_normal((2, T, 3, 3, 17))  # 17 // 8 = 2 channels each way
    expected = clips.copy()
    past = slice(0, 2) if causal else slice(2, 4)
    expected[:, 1:, ..., past] = clips[:, :-1, ..., past]
    expected[:, 0, ..., past] = 0.0
    if not causal:
        expected[:, :-1, ..., :2] = clips[:, 1:, ..., :2]
        expected[:, -1, ..., :2] = 0.0
    result = shift_channels(fold(clips), T, causal, None).numpy()
    np.testing.assert_array_equal(result, fold(expected))


def test_a_depthwise_kernel_longer_than_the_clip_still_adds_up(rng):
    from vidnas.nets.layers.depthwise import DepthwiseConv3D

    clips = rng.standard_normal((2, 2, 5, 5, 3))
    layer = DepthwiseConv3D(3, Kernel(7, 3), rng=rng, name="depthwise")
    expected = depthwise_by_hand(clips, layer.kernel.numpy()[..., 0], 1, causal=False)
    result = layer(fold(clips), frames=2).numpy()
    np.testing.assert_allclose(result, fold(expected), **CLOSE)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kernel", ["1x3x3", "3x1x1", "3x3x3"])
def test_depthwise_gradients_equal_finite_differences(rng, kernel, causal):
    import tensorflow as tf

    from vidnas.nets.layers.depthwise import DepthwiseConv3D

    clips = rng.standard_normal((1, T, 5, 5, 2))
    layer = DepthwiseConv3D(
        2, Kernel.parse(kernel), 2, causal=causal, rng=rng, name="depthwise"
    )
    weights = layer.kernel.numpy()[..., 0].astype(float)

    def loss_by_hand(clips, weights):
        return (depthwise_by_hand(clips, weights, 2, causal=causal) ** 2).sum()

    x = tf.constant(fold(clips))
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(layer(x, frames=T) ** 2)
    to_clips, to_kernel = tape.gradient(loss, [x, layer.kernel.value])

    direction = rng.standard_normal(clips.shape)
    slope = difference(lambda h: loss_by_hand(clips + h * direction, weights))
    found = (to_clips.numpy().reshape(clips.shape) * direction).sum()
    np.testing.assert_allclose(found, slope, rtol=1e-4)

    direction = rng.standard_normal(weights.shape)
    slope = difference(lambda h: loss_by_hand(clips, weights + h * direction))
    found = (to_kernel.numpy()[..., 0] * direction).sum()
    np.testing.assert_allclose(found, slope, rtol=1e-4)


def difference(f, step=1e-5):
    return (f(step) - f(-step)) / (2 * step)


def test_pointwise_convolution_is_a_matrix_product_of_channels(rng):
    from vidnas.nets.layers.depthwise import Pointwise

    x = rng.standard_normal((6, 3, 3, 4)).astype(np.float32)
    layer = Pointwise(4, 5, bias=True, rng=rng, name="project")
    layer.bias.assign(rng.standard_normal(5))
    expected = x @ layer.kernel.numpy() + layer.bias.numpy()
    np.testing.assert_allclose(layer(x).numpy(), expected, **CLOSE)


def test_norm_uses_the_statistics_of_the_batch_in_training(rng):
    from vidnas.nets.layers.norm import Norm

    x = rng.normal(3.0, 2.0, (8, 3, 3, 2)).astype(np.float32)
    layer = Norm(2, momentum=0.9, epsilon=1e-3, residual_scale=True, name="norm")
    assert layer.residual_scale.numpy() == 0.0
    layer.residual_scale.assign(0.5)
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    y = layer(x, training=True).numpy()
    np.testing.assert_allclose(y, 0.5 * (x - mean) / np.sqrt(variance + 1e-3), **CLOSE)
    # 0.9 of the old statistic, 0 or 1, and 0.1 of the new, whose variance is that of a
    # population estimated from 72 values.
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.1 * mean, **CLOSE)
    np.testing.assert_allclose(
        layer.moving_variance.numpy(), 0.9 + 0.1 * variance * 72 / 71, **CLOSE
    )


def test_norm_uses_its_moving_statistics_otherwise(rng):
    from vidnas.nets.layers.norm import Norm

    x = rng.standard_normal((4, 2, 2, 3)).astype(np.float32)
    layer = Norm(3, momentum=0.9, epsilon=1e-3, name="norm")
    for weight in layer.weights:
        weight.assign(rng.uniform(0.5, 2.0, 3))
    mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    expected = (x - mean) / np.sqrt(variance + 1e-3)
    expected = expected * layer.gamma.numpy() + layer.beta.numpy()
    np.testing.assert_allclose(layer(x, training=False).numpy(), expected, **CLOSE)


@pytest.mark.parametrize("kind", ["pointwise", "depthwise", "dense", "over_time"])
def test_a_norm_folded_into_a_kernel_is_the_norm_after_it(rng, kind):
    from vidnas.nets.layers.dense import DenseConv3D
    from vidnas.nets.layers.depthwise import DepthwiseConv3D, Pointwise
    from vidnas.nets.layers.norm import Norm, convolve_and_norm

    def make(kind):
        if kind == "pointwise":
            return Pointwise(3, 3, rng=rng, name="c"), {}
        if kind == "depthwise":
            return DepthwiseConv3D(3, Kernel(3, 3), rng=rng, name="c"), {"frames": T}
        kernel = Kernel(3, 3) if kind == "dense" else Kernel(3, 1)
        return DenseConv3D(3, 3, kernel, rng=rng, name="c"), {"frames": T}

    x = fold(rng.standard_normal((2, T, 5, 5, 3)))
    convolution, options = make(kind)
    norm = Norm(3, momentum=0.9, epsilon=1e-3, residual_scale=True, name="norm")
    for weight in norm.weights:
        weight.assign(rng.uniform(0.5, 2.0, weight.shape))
    expected = norm(convolution(x, **options), training=False).numpy()
    found = convolve_and_norm(convolution, norm, x, False, **options).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=3e-6)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gates_by_hand(layer, squeezed):
    hidden = squeezed @ layer.reduce.kernel.numpy() + layer.reduce.bias.numpy()
    hidden = hidden * sigmoid(hidden)
    return sigmoid(hidden @ layer.expand.kernel.numpy() + layer.expand.bias.numpy())


@pytest.mark.parametrize("squeezed", ["clip", "so_far", "frame"])
def test_squeeze_excite_gates_by_the_clip_the_past_or_the_frame(rng, squeezed):
    from vidnas.nets.layers.squeeze_excite import SqueezeExcite

    clips = rng.standard_normal((2, T, 3, 3, 4))
    layer = SqueezeExcite(
        4,
        8,
        activation="swish",
        gate="sigmoid",
        squeezed=squeezed,
        rng=rng,
        name="squeeze_excite",
    )
    means = clips.mean((2, 3))  # [B, T, C]
    if squeezed == "so_far":
        so_far = np.stack([means[:, : t + 1].mean(1) for t in range(T)], 1)
        gates = gates_by_hand(layer, np.concatenate([so_far, means], -1))
        expected = clips * gates[:, :, None, None]
    elif squeezed == "frame":
        expected = clips * gates_by_hand(layer, means)[:, :, None, None]
    else:
        gates = gates_by_hand(layer, clips.mean((1, 2, 3)))
        expected = clips * gates[:, None, None, None]
    result = layer(fold(clips), frames=T).numpy()
    np.testing.assert_allclose(result, fold(expected), **CLOSE)


def test_activations_are_what_their_names_say():
    from vidnas.nets.layers.activations import ACTIVATIONS

    x = np.linspace(-8, 8, 33).astype(np.float32)
    hard = np.clip(x + 3, 0, 6) / 6
    expected = {
        "swish": x * sigmoid(x),
        "hard_swish": x * hard,
        "relu": np.maximum(x, 0),
        "relu6": np.clip(x, 0, 6),
        "sigmoid": sigmoid(x),
        "hard_sigmoid": hard,
        "movinet_hard_sigmoid": np.clip(x + 3, 0, 6) * 0.16667,  # released streams
    }
    assert set(expected) == set(ACTIVATIONS)
    for name, values in expected.items():
        np.testing.assert_allclose(ACTIVATIONS[name](x).numpy(), values, **CLOSE)


@pytest.mark.parametrize("size", [7, 50_000])  # as it is, and compiled by XLA
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", ["swish", "hard_swish"])
def test_gradients_of_gated_activations_are_their_slopes(rng, name, dtype, size):
    import tensorflow as tf

    from vidnas.nets.layers.activations import ACTIVATIONS

    x = tf.cast(rng.normal(0, 4, (4, size)), dtype)
    dy = tf.cast(rng.standard_normal((4, size)), dtype)
    exact = tf.cast(x, "float64").numpy()
    gate = sigmoid(exact)
    slopes = {
        "swish": gate + exact * gate * (1 - gate),
        # 0 below -3, 1 above 3, and the slope of x (x + 3) / 6 between.
        "hard_swish": np.where(np.abs(exact) < 3, exact / 3 + 0.5, exact > 0),
    }

    @tf.function
    def gradient(x, dy):
        return tf.gradients(ACTIVATIONS[name](x), x, dy)[0]

    expected = slopes[name] * tf.cast(dy, "float64").numpy()
    close = {"float32": 1e-6, "float16": 1e-2, "bfloat16": 1e-1}[dtype]
    found = tf.cast(gradient(x, dy), "float64").numpy()
    np.testing.assert_allclose(found, expected, rtol=close, atol=close)


@pytest.mark.parametrize("size", [7, 50_000])
def test_gated_activations_let_go_of_the_graphs_they_were_used_in(size):
    import tensorflow as tf

    from vidnas.nets.layers.activations import ACTIVATIONS

    def traced():
        function = tf.function(lambda x: tf.gradients(ACTIVATIONS["swish"](x), x))
        concrete = function.get_concrete_function(tf.TensorSpec((4, size)))
        return weakref.ref(concrete.graph)

    graph = traced()
    gc.collect()
    assert graph() is None


@pytest.mark.parametrize("name", ["swish", "hard_swish"])
@pytest.mark.parametrize("x", [-1e4, -200.0, 0.0, 200.0, 1e4])
def test_gated_activations_and_their_slopes_end_where_they_should(name, x):
    import tensorflow as tf

    from vidnas.nets.layers.activations import ACTIVATIONS

    for dtype in ("float32", "float16"):
        value = tf.constant([x], dtype)
        with tf.GradientTape() as tape:
            tape.watch(value)
            y = ACTIVATIONS[name](value)
        assert y.numpy() == max(x, 0.0)
        assert tape.gradient(y, value).numpy() == np.sign(x) / 2 + 0.5


def test_fresh_kernels_have_the_variance_of_he_and_no_far_values(rng):
    from vidnas.nets.layers.depthwise import he_normal

    kernel = he_normal(rng, fan_in=8)((200, 200), "float32").numpy()
    # Variance 2 / 8; cut at two deviations of the uncut normal, 0.5 / 0.8796.
    assert kernel.std() == pytest.approx(0.5, rel=0.01)
    assert np.abs(kernel).max() <= 2 * 0.5 / 0.8796

"""Which code does an exported `.py` file consist of? These functions, and a `build`.

They stand here as they are written there, so they import Keras and nothing of ours.
Feature maps are `[B, T, H, W, C]`. With a `Stream`, T is 1 and what layers need of
earlier frames comes from its states.
"""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

ACTIVATIONS: dict[str, Any] = {
    "": lambda x: x,
    "swish": lambda x: x * ops.sigmoid(x),
    "hard_swish": lambda x: x * (ops.relu6(x + 3.0) * (1.0 / 6.0)),
    "relu": ops.relu,
    "relu6": ops.relu6,
    "sigmoid": ops.sigmoid,
    "hard_sigmoid": lambda x: ops.relu6(x + 3.0) * (1.0 / 6.0),
    # The rounded sixth under which released MoViNet streams were trained.
    "movinet_hard_sigmoid": lambda x: ops.relu6(x + 3.0) * 0.16667,
}


class Stream:
    """States of a stream: `past` before a frame, `future` after it, by name."""

    def __init__(self, shapes: dict[str, tuple[int, ...]]) -> None:
        self.past = {name: keras.Input(shapes[name], name=name) for name in shapes}
        self.future: dict[str, Any] = {"frames": self.past["frames"] + 1.0}


@keras.saving.register_keras_serializable("plain_keras")
class DepthwiseConv3D(layers.Layer):
    """Depthwise convolution of `kt x k x k`, as one in 2D for each tap in time.

    Time must be padded before; space is padded as SAME does.
    """

    def __init__(
        self, kernel: Any, stride: int = 1, temporal_stride: int = 1, **options: Any
    ) -> None:
        super().__init__(**options)
        self.taps, self.stride = tuple(kernel), stride
        self.temporal_stride = temporal_stride

    def get_config(self) -> dict[str, Any]:
        """What it is made from."""
        return {
            **super().get_config(),
            "kernel": self.taps,
            "stride": self.stride,
            "temporal_stride": self.temporal_stride,
        }

    def build(self, shape: Any) -> None:
        """Makes the kernel `[kt, k, k, C, 1]`."""
        self.kernel = self.add_weight(
            name="kernel", shape=(*self.taps, shape[-1], 1), initializer="he_normal"
        )

    def call(self, x: Any) -> Any:
        """The sum of what each tap makes of the frames that it sees."""
        _, frames, height, width, channels = x.shape
        last = frames - self.taps[0]
        parts = []
        for tap in range(self.taps[0]):
            part = x[:, tap : tap + last + 1 : self.temporal_stride]
            part = ops.reshape(part, (-1, height, width, channels))
            part = ops.depthwise_conv(
                part, self.kernel[tap], strides=self.stride, padding="same"
            )
            parts.append(part)
        _, height, width, _ = parts[0].shape
        count = last // self.temporal_stride + 1
        return ops.reshape(sum(parts), (-1, count, height, width, channels))


@keras.saving.register_keras_serializable("plain_keras")
class Scale(layers.Layer):
    """A learnt number that multiplies everything."""

    def build(self, shape: Any) -> None:
        """Makes the number."""
        self.scale = self.add_weight(name="scale", shape=(), initializer="zeros")

    def call(self, x: Any) -> Any:
        """The product."""
        return x * self.scale


@keras.saving.register_keras_serializable("plain_keras")
class Positions(layers.Layer):
    """Adds where frames stand in time, times a learnt number, to `[B, T, C]`."""

    def build(self, x_shape: Any, seen_shape: Any = None) -> None:
        """Makes the number."""
        self.scale = self.add_weight(name="scale", shape=(), initializer="zeros")

    def call(self, x: Any, seen: Any = None) -> Any:
        """The sum; `seen` `[B, 1]` counts the frames before these."""
        _, frames, width = x.shape
        half = np.arange(width // 2, dtype="float32")
        rates = (10_000.0 ** (-2.0 * half / width)).astype("float32")
        positions = ops.arange(frames, dtype="float32")[None, :, None]
        if seen is not None:
            positions = positions + seen[:, :, None]
        angles = positions * rates
        return x + self.scale * ops.concatenate([ops.sin(angles), ops.cos(angles)], -1)


def with_past(x: Any, past: int, name: str, stream: Stream | None) -> Any:
    """Frames after the `past` ones before them: zeros, or those that a stream saw."""
    if stream is None:
        return ops.pad(x, [[0, 0], [past, 0], [0, 0], [0, 0], [0, 0]])
    _, _, height, width, channels = x.shape
    before = ops.reshape(stream.past[name], (-1, past, height, width, channels))
    x = ops.concatenate([before, x], 1)
    stream.future[name] = ops.reshape(x[:, 1:], (-1, past, height * width, channels))
    return x


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after an axis, as SAME has them."""
    missing = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return missing // 2, missing - missing // 2


def over_time(
    x: Any,
    frames: int,
    stride: int,
    causal: bool,
    buffer: str,
    stream: Stream | None,
) -> Any:
    """Frames with what a kernel over `frames` of them sees before and after."""
    if causal and frames > 1:
        return with_past(x, frames - 1, buffer, stream)
    before, after = same_padding(x.shape[1], frames, stride)
    return ops.pad(x, [[0, 0], [before, after], [0, 0], [0, 0], [0, 0]])


def depthwise(
    x: Any,
    name: str,
    kernel: tuple[int, int, int],
    stride: int = 1,
    temporal_stride: int = 1,
    causal: bool = False,
    buffer: str = "",
    stream: Stream | None = None,
) -> Any:
    """Each channel convolved by itself."""
    x = over_time(x, kernel[0], temporal_stride, causal, buffer, stream)
    return DepthwiseConv3D(kernel, stride, temporal_stride, name=name)(x)


def dense(
    x: Any,
    name: str,
    width: int,
    kernel: tuple[int, int, int],
    stride: int = 1,
    temporal_stride: int = 1,
    causal: bool = False,
    buffer: str = "",
    stream: Stream | None = None,
) -> Any:
    """All channels convolved together."""
    frames, side, _ = kernel
    x = over_time(x, frames, temporal_stride, causal, buffer, stream)
    rows = same_padding(x.shape[2], side, stride)
    columns = same_padding(x.shape[3], side, stride)
    x = ops.pad(x, [[0, 0], [0, 0], rows, columns, [0, 0]])
    strides = (temporal_stride, stride, stride)
    return layers.Conv3D(width, kernel, strides, use_bias=False, name=name)(x)


def norm(x: Any, name: str, epsilon: float, scaled: bool = False) -> Any:
    """Batch norm, and a learnt scale after it where one is."""
    x = layers.BatchNormalization(epsilon=epsilon, name=name)(x)
    return Scale(name=f"{name}.scale")(x) if scaled else x


def mean_so_far(x: Any, name: str, stream: Stream | None) -> Any:
    """Mean of frames 0 to t at every frame t, of `[B, T, C]`."""
    counts = ops.arange(1, x.shape[1] + 1, dtype="float32")[:, None]
    if stream is None:
        return ops.cumsum(x, 1) / counts
    seen = stream.past["frames"][:, :, None]
    mean = (stream.past[name][:, None] * seen + x) / (seen + 1.0)
    stream.future[name] = mean[:, 0]
    return mean


def squeeze_excite(
    x: Any,
    name: str,
    hidden: int,
    activation: str,
    gate: str,
    squeezed: str,
    positional: bool = False,
    stream: Stream | None = None,
) -> Any:
    """Channels gated by means: of the `clip`, the frames `so_far`, or each `frame`."""
    channels = x.shape[-1]
    if squeezed == "clip":
        means = ops.mean(x, (1, 2, 3))[:, None]
    else:
        means = ops.mean(x, (2, 3))
    if squeezed == "so_far":
        state = f"{name.rpartition('.')[0].replace('.', '_')}_mean"
        means = ops.concatenate([mean_so_far(means, state, stream), means], -1)
    if positional:
        add = Positions(name=f"{name}.position")
        means = add(means) if stream is None else add(means, stream.past["frames"])
    y = ACTIVATIONS[activation](layers.Dense(hidden, name=f"{name}.reduce")(means))
    y = ACTIVATIONS[gate](layers.Dense(channels, name=f"{name}.expand")(y))
    return x * y[:, :, None, None]


def shift(x: Any, name: str, causal: bool, stream: Stream | None) -> Any:
    """An eighth of the channels from the frame before, and one from the next."""
    count = x.shape[-1] // 8
    if count == 0:
        return x
    if causal:
        past, rest = x[..., :count], x[..., count:]
        past = with_past(past, 1, f"{name.replace('.', '_')}_shift_buffer", stream)
        return ops.concatenate([past[:, :-1], rest], -1)
    future, past, rest = x[..., :count], x[..., count : 2 * count], x[..., 2 * count :]
    zeros = [[0, 0], [1, 0], [0, 0], [0, 0], [0, 0]]
    past = ops.pad(past[:, :-1], zeros)
    future = ops.pad(future[:, 1:], [[0, 0], [0, 1], [0, 0], [0, 0], [0, 0]])
    return ops.concatenate([future, past, rest], -1)


def shortcut(
    x: Any,
    name: str,
    width: int,
    stride: int,
    temporal_stride: int,
    pooled: bool,
    epsilon: float,
) -> Any:
    """What a layer that changes its shape is added to."""
    x = x[:, ::temporal_stride]
    if pooled and stride > 1:
        x = layers.AveragePooling3D((1, 3, 3), (1, stride, stride), "same")(x)
    if pooled or stride == 1:
        x = layers.Dense(width, use_bias=False, name=f"{name}.shortcut")(x)
    else:
        x = dense(x, f"{name}.shortcut", width, (1, 1, 1), stride)
    return norm(x, f"{name}.shortcut_norm", epsilon)


def gated(x: Any, name: str, layer: dict[str, Any], stream: Stream | None) -> Any:
    """Its channels weighed by squeeze-and-excitation, where the layer has that."""
    if not layer["squeeze_excite"]:
        return x
    r = layer["rules"]
    return squeeze_excite(
        x,
        f"{name}.squeeze_excite",
        layer["squeeze_excite"],
        r["hidden"],
        r["gate"],
        r["squeezed"],
        layer["positional"],
        stream,
    )


def bottleneck(x: Any, name: str, layer: dict[str, Any], stream: Stream | None) -> Any:
    """Expand, convolve each channel, gate, project: what is added to the shortcut."""
    r, epsilon, width = layer["rules"], layer["epsilon"], layer["expand_width"]
    time = {"causal": layer["causal"], "stream": stream}
    time["buffer"] = f"{name.replace('.', '_')}_buffer"
    frames, side, _ = layer["kernel"]
    if layer["expands"]:
        x = layers.Dense(width, use_bias=False, name=f"{name}.expand")(x)
        x = ACTIVATIONS[r["expanded"]](norm(x, f"{name}.expand_norm", epsilon))
    stride, over = layer["stride"], layer["temporal_stride"]
    if layer["split"]:
        x = depthwise(x, f"{name}.depthwise", (1, side, side), stride)
        x = ACTIVATIONS[r["expanded"]](norm(x, f"{name}.depthwise_norm", epsilon))
        x = depthwise(x, f"{name}.temporal", (frames, 1, 1), 1, over, **time)
        x = norm(x, f"{name}.temporal_norm", epsilon)
    else:
        x = depthwise(x, f"{name}.depthwise", layer["kernel"], stride, over, **time)
        x = norm(x, f"{name}.depthwise_norm", epsilon)
    x = ACTIVATIONS[r["filtered"]](x)
    x = gated(x, name, layer, stream)
    x = ACTIVATIONS[r["excited"]](x)
    x = layers.Dense(layer["width"], use_bias=False, name=f"{name}.project")(x)
    return norm(x, f"{name}.project_norm", epsilon, layer["scaled"])


def pair(x: Any, name: str, layer: dict[str, Any], stream: Stream | None) -> Any:
    """Two dense convolutions: what is added to the shortcut."""
    r, epsilon = layer["rules"], layer["epsilon"]
    widths = ("first", layer["expand_width"]), ("second", layer["width"])
    for half, width in widths:
        first = half == "first"
        stride = layer["stride"] if first else 1
        over = layer["temporal_stride"] if first else 1
        time = {"causal": layer["causal"], "stream": stream}
        time["buffer"] = f"{name.replace('.', '_')}_{half}_buffer"
        frames, side, _ = layer["kernel"]
        if layer["split"]:
            spatial = f"{name}.{half}.spatial"
            x = dense(x, spatial, layer["middle"], (1, side, side), stride)
            x = ACTIVATIONS[r["expanded"]](norm(x, f"{name}.{half}.norm", epsilon))
            temporal = f"{name}.{half}.temporal"
            x = dense(x, temporal, width, (frames, 1, 1), 1, over, **time)
        else:
            whole = f"{name}.{half}.whole"
            x = dense(x, whole, width, layer["kernel"], stride, over, **time)
        x = norm(x, f"{name}.{half}_norm", epsilon)
        x = ACTIVATIONS[r["expanded"]](x) if first else x
    return gated(x, name, layer, stream)


def residual(
    x: Any, name: str, inside: Any, layer: dict[str, Any], stream: Stream | None
) -> Any:
    """A layer of the network: what `inside` makes of it, added to a shortcut."""
    shifted = shift(x, name, layer["causal"], stream) if layer["shifts"] else x
    y = inside(shifted, name, layer, stream)
    if layer["projects"]:
        x = shortcut(
            x,
            name,
            layer["width"],
            layer["stride"],
            layer["temporal_stride"],
            layer["pooled"],
            layer["epsilon"],
        )
    if layer["adds"]:
        y = y + x
    return ACTIVATIONS[layer["rules"]["summed"]](y)


def load_weights(model: Any, path: Any) -> None:
    """Sets the weights of a model to those of an `.npz` file, all of them."""
    with np.load(path) as arrays:
        names = set(arrays.files)
        for layer in model.layers:
            for weight in layer.weights:
                name = f"{layer.name}.{weight.name}"
                weight.assign(arrays[name])
                names.discard(name)
    if names:
        raise ValueError(f"{path} holds weights of another network: {sorted(names)}.")

"""How are depthwise and pointwise convolutions computed, so that they train fastest?

Frames are folded into the batch: a feature map is `[B*T, H, W, C]` and layers that look
along time are told `frames`, the length T of a clip. Everything is then a matrix
product or a 2D convolution, which TensorFlow runs well on a CPU and a GPU; grouped 3D
convolutions, which a literal depthwise 3D convolution would need, it does not.

Widths are known when a layer is made, so weights exist from then on and nothing has to
be called to build a network.
"""

from collections.abc import Callable
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from vidnas.architecture.kernel import Kernel, strided
from vidnas.nets.layers.activations import is_portable
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.frames import frames_at, frames_before, sum_taps, take_every
from vidnas.nets.layers.norm import scale_kernel
from vidnas.nets.layers.restoration import Restorable, fresh_rng, register
from vidnas.nets.layers.tensor import Tensor


@register
class Pointwise(Restorable, keras.layers.Layer):
    """Convolution of 1x1x1, or a dense layer: one matrix product over channels.

    Args:
        width_in: Input channels.
        width_out: Output channels.
        bias: Whether a bias is added.
        rng: Generator that draws the kernel (He normal).
        name: Name of the layer.

    Input shape:
        `[..., width_in]`, all but the first axis known.

    Output shape:
        `[..., width_out]`.
    """

    def __init__(
        self,
        width_in: int,
        width_out: int,
        *,
        bias: bool = False,
        rng: np.random.Generator,
        name: str,
    ) -> None:
        super().__init__(name=name)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(width_in, width_out),
            initializer=he_normal(rng, fan_in=width_in),
        )
        self.bias = None
        if bias:
            self.bias = self.add_weight(
                name="bias", shape=(width_out,), initializer="zeros"
            )
        self.built = True

    def facts(self) -> dict[str, Any]:
        """Widths, and whether there is a bias."""
        width_in, width_out = map(int, self.kernel.shape)
        bias = self.bias is not None
        return {"width_in": width_in, "width_out": width_out, "bias": bias}

    @classmethod
    def of_facts(cls, *, name: str, **facts: Any) -> Self:
        """A fresh projection of those."""
        return cls(rng=fresh_rng(), name=name, **facts)

    def call(self, x: Tensor, factor: Tensor = None) -> Tensor:
        """The projected channels; see `convolve_and_norm` for `factor`."""
        *_, C = x.shape
        kernel = scale_kernel(self.kernel.value, factor)
        if is_portable() and len(x.shape) == 4:
            y = tf.nn.conv2d(x, kernel[None, None], 1, "SAME")
            return y if self.bias is None else tf.nn.bias_add(y, self.bias.value)
        y = tf.matmul(tf.reshape(x, [-1, C]), kernel)
        if self.bias is not None:
            y = tf.nn.bias_add(y, self.bias.value)
        if len(x.shape) == 2:
            return y
        return tf.reshape(y, [-1, *x.shape[1:-1], self.kernel.shape[1]])


@register
class DepthwiseConv3D(Restorable, keras.layers.Layer):
    """Depthwise convolution of `kt x k x k`, SAME or, along time, causal padding.

    The exact sum over time of what each temporal tap gives, in the form measured to
    train fastest: `kt = 1` is one 2D depthwise convolution of frames; `k = 1` is one 2D
    depthwise convolution of the clip seen as an image of `T x (H*W)` pixels; otherwise
    one 2D depthwise convolution per temporal tap, shifted in time and added. With
    oneDNN a training step of 3x3x3 takes 11 ms so, 64 ms with the taps as a channel
    multiplier, and grouped 3D convolutions take seconds (16x16x24, 256 frames, 1 core).

    Args:
        width: Channels of input and output.
        kernel: Frames and side of the kernel.
        stride: Spatial stride.
        temporal_stride: Stride over frames. A causal convolution has none.
        causal: Whether no output frame sees a later input frame.
        rng: Generator that draws the kernel (He normal over the kernel's own taps).
        name: Name of the layer.

    Input shape:
        `[B*T, H, W, width]`.

    Output shape:
        `[B*T', ceil(H / stride), ceil(W / stride), width]`, where T' is
        `ceil(T / temporal_stride)`.
    """

    def __init__(
        self,
        width: int,
        kernel: Kernel,
        stride: int = 1,
        temporal_stride: int = 1,
        *,
        causal: bool = False,
        rng: np.random.Generator,
        name: str,
    ) -> None:
        super().__init__(name=name)
        self.taps = kernel
        self.stride = stride
        self.temporal_stride = temporal_stride
        self.causal = causal
        self.kernel = self.add_weight(
            name="kernel",
            shape=(kernel.frames, kernel.side, kernel.side, width, 1),
            initializer=he_normal(rng, fan_in=kernel.taps),
        )
        self.built = True

    def facts(self) -> dict[str, Any]:
        """Width, kernel, strides and padding."""
        return {
            "width": int(self.kernel.shape[-2]),
            "kernel": str(self.taps),
            "stride": self.stride,
            "temporal_stride": self.temporal_stride,
            "causal": self.causal,
        }

    @classmethod
    def of_facts(cls, *, name: str, kernel: str = "", **facts: Any) -> Self:
        """A fresh convolution of those."""
        return cls(kernel=Kernel.parse(kernel), rng=fresh_rng(), name=name, **facts)

    def call(
        self,
        x: Tensor,
        frames: int,
        memory: Memory | None = None,
        factor: Tensor = None,
    ) -> Tensor:
        """The convolved clip of `frames` frames, or chunk of a causal stream.

        `factor` is that of `convolve_and_norm`.
        """
        kernel = self.kernel.value
        if factor is not None:
            kernel = scale_kernel(kernel, factor[:, None])  # [kt, k, k, C, 1]
        if self.taps.frames == 1:
            x = take_every(x, frames, self.temporal_stride)
            return self._spatial(x, tf.squeeze(kernel, 0))
        if memory is not None:
            return self._in_stream(x, kernel, frames, memory)
        if self.temporal_stride > 1:
            return self._per_tap_strided(x, kernel, frames)
        if self.taps.side == 1:
            return self._temporal(x, kernel, frames)
        return self._per_tap(x, kernel, frames)

    def _spatial(self, x: Tensor, kernel: Tensor) -> Tensor:
        strides = [1, self.stride, self.stride, 1]
        return tf.nn.depthwise_conv2d(x, kernel, strides, "SAME")

    def _temporal(self, x: Tensor, kernel: Tensor, frames: int) -> Tensor:
        if self.stride > 1:
            x = tf.nn.avg_pool2d(x, 1, self.stride, "SAME")
        _, H, W, C = x.shape
        y = tf.reshape(x, [-1, frames, H * W, C])
        if self.causal:
            y = tf.pad(y, [[0, 0], [self.taps.frames - 1, 0], [0, 0], [0, 0]])
        y = self._along_time(y, kernel, "VALID" if self.causal else "SAME")
        return tf.reshape(y, [-1, H, W, C])

    def _along_time(self, x: Tensor, kernel: Tensor, padding: str) -> Tensor:
        kernel = tf.squeeze(kernel, 1)  # [kt, 1, C, 1]
        return tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], padding)

    def _per_tap(self, x: Tensor, kernel: Tensor, frames: int) -> Tensor:
        parts = []
        past = frames_before(self.taps.frames, frames, 1, self.causal)
        for tap, weights in enumerate(tf.unstack(kernel)):
            shift = tap - past  # this tap sees frame t + shift
            if abs(shift) >= frames:
                continue  # it never sees anything but padding
            y = self._spatial(x, weights)
            _, H, W, C = y.shape
            clip = tf.reshape(y, [-1, frames, H * W, C])
            parts.append(frames_at(clip, shift, 1, frames))
        return tf.reshape(sum_taps(parts), [-1, H, W, C])

    def _per_tap_strided(self, x: Tensor, kernel: Tensor, frames: int) -> Tensor:
        _, H, W, C = x.shape
        stride, clip = self.temporal_stride, tf.reshape(x, [-1, frames, H * W, C])
        past = frames_before(self.taps.frames, frames, stride, self.causal)
        parts = []
        for tap, weights in enumerate(tf.unstack(kernel)):
            # Frames are picked first: a tap is computed where it is needed only.
            picked_frames = frames_at(clip, tap - past, stride, strided(frames, stride))
            parts.append(
                self._spatial(tf.reshape(picked_frames, [-1, H, W, C]), weights)
            )
        return sum_taps(parts)

    def _in_stream(
        self, x: Tensor, kernel: Tensor, frames: int, memory: Memory
    ) -> Tensor:
        _, H, W, C = x.shape
        clip = tf.reshape(x, [-1, frames, H * W, C])
        past = self.taps.frames - 1
        chunk = memory.update_buffer(clip, past_frames=past)
        if self.taps.side > 1:
            parts = []
            for tap, weights in enumerate(tf.unstack(kernel)):
                part = tf.slice(chunk, [0, tap, 0, 0], [-1, frames, H * W, C])
                parts.append(self._spatial(tf.reshape(part, [-1, H, W, C]), weights))
            return sum_taps(parts)
        if self.stride > 1:
            x = tf.reshape(chunk, [-1, H, W, C])
            x = tf.nn.avg_pool2d(x, 1, self.stride, "SAME")
            _, H, W, C = x.shape
            chunk = tf.reshape(x, [-1, past + frames, H * W, C])
        return tf.reshape(self._along_time(chunk, kernel, "VALID"), [-1, H, W, C])


def he_normal(
    rng: np.random.Generator, *, fan_in: int
) -> Callable[[tuple[int, ...], Any], Tensor]:
    """An initializer: normal, cut at two deviations, of variance `2 / fan_in`.

    Drawn by numpy, which is a hundred times faster than an operation per weight.
    """

    def draw(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        normal = rng.standard_normal(shape, dtype=np.float32)
        while (far := np.abs(normal) > 2.0).any():
            normal[far] = rng.standard_normal(int(far.sum()), dtype=np.float32)
        # A normal cut at two deviations has 0.8796 of the deviation.
        deviation = np.float32(np.sqrt(2.0 / fan_in) / 0.87962566)
        return tf.convert_to_tensor(normal * deviation, dtype=dtype)

    return draw

"""How is a dense convolution over space and time computed? As few 2D ones as possible.

A kernel that sees one frame is a 2D convolution of frames; one that sees one pixel is a
2D convolution of clips seen as images of `T x (H*W)` pixels. Whole 3D convolutions stay
so: one 2D convolution per temporal tap took 0.7 to 1.2 times as long on a CPU.
"""

from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from vidnas.architecture.kernel import Kernel, strided
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.depthwise import he_normal
from vidnas.nets.layers.frames import sum_taps, take_every
from vidnas.nets.layers.norm import scale_kernel
from vidnas.nets.layers.restoration import Restorable, fresh_rng, register
from vidnas.nets.layers.tensor import Tensor


@register
class DenseConv3D(Restorable, keras.layers.Layer):
    """Dense convolution of `kt x k x k`, SAME or, along time, causal padding.

    Args:
        width_in: Input channels.
        width_out: Output channels.
        kernel: Frames and side of the kernel.
        stride: Spatial stride.
        temporal_stride: Stride over frames. A causal convolution has none.
        causal: Whether no output frame sees a later input frame.
        buffer: Name of the stream buffer among those of its block.
        rng: Generator that draws the kernel (He normal).
        name: Name of the layer.

    Input shape:
        `[B*T, H, W, width_in]`.

    Output shape:
        `[B*T', ceil(H / stride), ceil(W / stride), width_out]`, where T' is
        `ceil(T / temporal_stride)`.
    """

    def __init__(
        self,
        width_in: int,
        width_out: int,
        kernel: Kernel,
        stride: int = 1,
        temporal_stride: int = 1,
        *,
        causal: bool = False,
        buffer: str = "buffer",
        rng: np.random.Generator,
        name: str,
    ) -> None:
        super().__init__(name=name)
        self.taps = kernel
        self.stride = stride
        self.temporal_stride = temporal_stride
        self.causal = causal
        self.buffer = buffer
        shape = (kernel.frames, kernel.side, kernel.side, width_in, width_out)
        self.kernel = self.add_weight(
            name="kernel",
            # A kernel of one frame is stored as the 2D one it is.
            shape=shape[1:] if kernel.frames == 1 else shape,
            initializer=he_normal(rng, fan_in=kernel.taps * width_in),
        )
        self.built = True

    def facts(self) -> dict[str, Any]:
        """Widths, kernel, strides and padding."""
        return {
            "width_in": int(self.kernel.shape[-2]),
            "width_out": int(self.kernel.shape[-1]),
            "kernel": str(self.taps),
            "stride": self.stride,
            "temporal_stride": self.temporal_stride,
            "causal": self.causal,
            "buffer": self.buffer,
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
        kernel = scale_kernel(self.kernel.value, factor)
        if self.taps.frames == 1:
            x = take_every(x, frames, self.temporal_stride)
            return tf.nn.conv2d(x, kernel, self.stride, "SAME")
        _, H, W, C = x.shape
        past = self.taps.frames - 1
        clip = tf.reshape(x, [-1, frames, H * W, C])
        if memory is not None:
            clip = memory.update_buffer(clip, past_frames=past, name=self.buffer)
        elif self.causal:
            clip = tf.pad(clip, [[0, 0], [past, 0], [0, 0], [0, 0]])
        else:
            past = 0
        if self.taps.side == 1 and self.stride == 1:
            y = self._over_time(clip, kernel)
            return tf.reshape(y, [-1, H, W, y.shape[3]])
        if memory is not None and frames == 1:
            return self._last_frame(clip, kernel, H, W)
        clip = tf.reshape(clip, [-1, past + frames, H, W, C])
        y = self._whole(clip, kernel)
        _, _, H, W, C = y.shape
        return tf.reshape(y, [-1, H, W, C])

    def _over_time(self, clip: Tensor, kernel: Tensor) -> Tensor:
        return tf.nn.conv2d(
            clip,
            tf.squeeze(kernel, 1),  # [kt, 1, C, width_out]
            [self.temporal_stride, 1],
            "VALID" if self.causal else "SAME",
        )

    def _last_frame(self, clip: Tensor, kernel: Tensor, H: int, W: int) -> Tensor:
        """Of a clip as long as the kernel, the one frame that is left, in 2D alone."""
        _, _, N, C = clip.shape
        parts = []
        for tap, weights in enumerate(tf.unstack(kernel)):
            frame = tf.slice(clip, [0, tap, 0, 0], [-1, 1, N, C])
            frame = tf.reshape(frame, [-1, H, W, C])
            parts.append(tf.nn.conv2d(frame, weights, self.stride, "SAME"))
        return sum_taps(parts)

    def _whole(self, clip: Tensor, kernel: Tensor) -> Tensor:
        strides = [1, self.temporal_stride, self.stride, self.stride, 1]
        if not self.causal:
            return tf.nn.conv3d(clip, kernel, strides, "SAME")
        # Time is padded already, so space must be by hand.
        _, _, H, W, _ = clip.shape
        sides = [[0, 0], [0, 0], self._sides(H), self._sides(W), [0, 0]]
        return tf.nn.conv3d(tf.pad(clip, sides), kernel, strides, "VALID")

    def _sides(self, size: int) -> list[int]:
        """Pixels of zeros before and after an axis, as SAME padding has them."""
        span = (strided(size, self.stride) - 1) * self.stride + self.taps.side
        missing = max(0, span - size)
        return [missing // 2, missing - missing // 2]

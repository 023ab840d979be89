"""How is a dense convolution over space and time computed? As few 2D ones as possible.

A kernel that sees one frame is a 2D convolution of frames; one that sees one pixel is a
2D convolution of clips seen as images of `T x (H*W)` pixels.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from vidnas.core.kernel import Kernel, strided
from vidnas.nets.causal import Memory
from vidnas.nets.frames import frames_before, thinned
from vidnas.nets.layers import he_normal

Tensor = Any


class DenseConv3D(keras.layers.Layer):
    """Dense convolution of `kt x k x k`, SAME or, along time, causal padding.

    Args:
        width_in: Input channels.
        width_out: Output channels.
        kernel: Frames and side of the kernel.
        stride: Spatial stride.
        temporal_stride: Of frames. A causal convolution has none.
        causal: No output frame sees a later input frame.
        buffer: Name of its stream buffer among those of its block.
        rng: Draws the kernel (He normal).
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

    def call(self, x: Tensor, frames: int, memory: Memory | None = None) -> Tensor:
        """The convolved clip of `frames` frames, or chunk of a causal stream."""
        if self.taps.frames == 1:
            x = thinned(x, frames, self.temporal_stride)
            return tf.nn.conv2d(x, self.kernel.value, self.stride, "SAME")
        _, H, W, C = x.shape
        if memory is not None:
            past = self.taps.frames - 1
            clip = tf.reshape(x, [-1, frames, H * W, C])
            x = memory.buffered(clip, kept=past, name=self.buffer)
            frames += past
        along = self._padding(frames, padded=memory is not None)
        clip = tf.reshape(x, [-1, frames, H, W, C])
        over_time = self.taps.side == 1 and self.stride == 1
        y = self._over_time(clip, along) if over_time else self._whole(clip, along)
        _, _, H, W, C = y.shape
        return tf.reshape(y, [-1, H, W, C])

    def _padding(self, frames: int, padded: bool) -> list[int]:
        """Frames of zeros before and after the clip."""
        if padded:
            return [0, 0]
        kernel, stride = self.taps.frames, self.temporal_stride
        before = frames_before(kernel, frames, stride, self.causal)
        spanned = (strided(frames, stride) - 1) * stride + kernel
        return [before, max(0, spanned - frames - before)]

    def _over_time(self, clip: Tensor, along: list[int]) -> Tensor:
        _, T, H, W, C = clip.shape
        image = tf.reshape(clip, [-1, T, H * W, C])
        y = tf.nn.conv2d(
            image,
            tf.squeeze(self.kernel.value, 1),  # [kt, 1, C, width_out]
            [self.temporal_stride, 1],
            [[0, 0], along, [0, 0], [0, 0]],
        )
        return tf.reshape(y, [-1, y.shape[1], H, W, y.shape[3]])

    def _whole(self, clip: Tensor, along: list[int]) -> Tensor:
        _, _, H, W, _ = clip.shape
        sides = [self._sides(H), self._sides(W)]
        if [along, *sides] != [[0, 0]] * 3:
            clip = tf.pad(clip, [[0, 0], along, *sides, [0, 0]])
        strides = [1, self.temporal_stride, self.stride, self.stride, 1]
        return tf.nn.conv3d(clip, self.kernel.value, strides, "VALID")

    def _sides(self, size: int) -> list[int]:
        """Pixels of zeros before and after an axis, as SAME padding has them."""
        spanned = (strided(size, self.stride) - 1) * self.stride + self.taps.side
        missing = max(0, spanned - size)
        return [missing // 2, missing - missing // 2]

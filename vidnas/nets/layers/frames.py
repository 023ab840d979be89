"""How do layers look along time? Frames picked, shifted and unfolded, cheaply."""

from collections.abc import Sequence
from functools import reduce

import tensorflow as tf

from vidnas.architecture.block_rules import SHIFTED
from vidnas.architecture.kernel import strided
from vidnas.nets.layers.activations import is_portable
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.sites import site
from vidnas.nets.layers.tensor import Tensor


def frames_at(x: Tensor, first: int, stride: int, count: int) -> Tensor:
    """`x[:, first + stride * i]` for i below `count`; zero where no frame is.

    Args:
        x: Feature map `[B, T, N, C]`.
        first: Index of the first frame; negative for a frame before the clip.
        stride: Frames from one to the next, at least 1.
        count: Number of frames to give.

    Returns:
        `[B, count, N, C]`.
    """
    _, T, N, C = x.shape
    before = min(count, max(0, -(first // stride)))  # of them, frames before the clip
    inside = max(0, min(count, strided(T - first, stride)) - before)
    start = first + stride * before
    if (start, stride, inside) == (0, 1, T):
        part = x
    else:
        # `tf.slice` and not `x[:, a:b:c]`, whose gradient is 27 times slower on a CPU.
        missing = max(0, start + stride * inside - T)
        if missing:
            x = tf.pad(x, [[0, 0], [0, missing], [0, 0], [0, 0]])
        part = tf.slice(x, [0, start, 0, 0], [-1, stride * inside, N, C])
        if stride > 1:
            part = tf.reshape(part, [-1, inside, stride, N, C])
            part = tf.slice(part, [0, 0, 0, 0, 0], [-1, inside, 1, N, C])
            part = tf.reshape(part, [-1, inside, N, C])
    after = count - before - inside
    if not before and not after:
        return part
    return tf.pad(part, [[0, 0], [before, after], [0, 0], [0, 0]])


def take_every(x: Tensor, frames: int, stride: int) -> Tensor:
    """Frames 0, `stride`, 2 `stride` ... of clips of `frames` frames, folded.

    Args:
        x: Feature map `[B*T, H, W, C]`.
        frames: Length T of a clip.
        stride: Frames from one that is taken to the next, at least 1.
    """
    if stride == 1:
        return x
    _, H, W, C = x.shape
    clip = tf.reshape(x, [-1, frames, H * W, C])
    part = frames_at(clip, 0, stride, strided(frames, stride))
    return tf.reshape(part, [-1, H, W, C])


def sum_taps(parts: Sequence[Tensor]) -> Tensor:
    """Sum of what each tap of a kernel gave.

    Added one by one where it is portable: phones add two integers at once, no more.
    """
    if not is_portable():
        return tf.add_n(parts)
    return reduce(lambda x, y: site(x + y), map(site, parts))


def frame_means(x: Tensor) -> Tensor:
    """Means over the pixels of each frame: `[B*T, H, W, C]` -> `[B*T, C]`."""
    return clip_means(x, 1)


def clip_means(x: Tensor, frames: int) -> Tensor:
    """Means over clips of `frames` frames: `[B*T, H, W, C]` -> `[B, C]`."""
    _, H, W, C = x.shape
    if is_portable():
        return tf.reduce_mean(tf.reshape(x, [-1, frames * H, W, C]), [1, 2])
    return tf.reduce_mean(tf.reshape(x, [-1, frames * H * W, C]), 1)


def frames_before(kernel_frames: int, frames: int, stride: int, causal: bool) -> int:
    """Frames of padding that a convolution over time sees before the first frame.

    All of them if it is causal; else half of what SAME padding adds, rounded down.
    """
    if causal:
        return kernel_frames - 1
    span = (strided(frames, stride) - 1) * stride + kernel_frames
    return max(0, span - frames) // 2


def shift_channels(
    x: Tensor, frames: int, causal: bool, memory: Memory | None
) -> Tensor:
    """An eighth of the channels from the next frame, an eighth from the one before.

    A causal network takes an eighth from the frame before, and none from the next.

    Args:
        x: Feature map `[B*T, H, W, C]`.
        frames: Length T of a clip.
        causal: Whether no frame sees a later one.
        memory: States of a stream; None for whole clips.

    Source:
        TSM, arXiv 1811.08383: residual shift, and its online form.
    """
    _, H, W, C = x.shape
    width = C // SHIFTED
    if width == 0:
        return x
    clip = tf.reshape(x, [-1, frames, H * W, C])
    if memory is not None:
        past, rest = tf.split(clip, [width, C - width], -1)
        chunk = memory.update_buffer(past, past_frames=1, name="shift_buffer")
        parts = [tf.slice(chunk, [0, 0, 0, 0], [-1, frames, H * W, width]), rest]
    elif causal:
        past, rest = tf.split(clip, [width, C - width], -1)
        parts = [frames_at(past, -1, 1, frames), rest]
    else:
        future, past, rest = tf.split(clip, [width, width, C - 2 * width], -1)
        parts = [frames_at(future, 1, 1, frames), frames_at(past, -1, 1, frames), rest]
    return tf.reshape(tf.concat(parts, -1), [-1, H, W, C])

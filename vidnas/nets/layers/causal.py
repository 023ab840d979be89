"""What does a causal layer know of the frames so far, in a clip and in a stream?

A clip starts from nothing; a stream carries what its last chunk left behind. `Memory`
is where a layer takes what earlier frames left and leaves what later frames need.
"""

from collections.abc import Mapping

import tensorflow as tf

from vidnas.nets.layers.sites import same_site
from vidnas.nets.layers.tensor import Tensor


class Memory:
    """What a stream remembers of earlier chunks, and what it will of this one.

    Args:
        past: States by name, as the last chunk left them.
        future: States by name, as this chunk leaves them; layers add to it.
        block: Name of the block whose states are meant, such as `stage1_layer0`.
    """

    def __init__(
        self, past: Mapping[str, Tensor], future: dict[str, Tensor], block: str = ""
    ) -> None:
        self.past = past
        self.future = future
        self.block = block

    @property
    def frames(self) -> Tensor:
        """Frames seen before this chunk, `[B, 1]`, float32."""
        return self.past["frames"]

    def for_block(self, block: str) -> "Memory":
        """This memory, for the states of one block."""
        return Memory(self.past, self.future, block.replace(".", "_"))

    def update_buffer(
        self, x: Tensor, past_frames: int, name: str = "buffer"
    ) -> Tensor:
        """A chunk after the past frames of a buffer, which then takes the last of both.

        Args:
            x: The chunk, `[B, T, N, C]`.
            past_frames: Frames of this chunk or earlier ones to hold for the next.
            name: Name of the buffer among those of the block; ends in `buffer`.

        Returns:
            `[B, past_frames + T, N, C]`.
        """
        name = f"{self.block}_{name}"
        _, T, N, C = x.shape
        past = same_site(tf.cast(self.past[name], x.dtype))
        chunk = same_site(tf.concat([past, x], 1))
        self.future[name] = tf.slice(chunk, [0, T, 0, 0], [-1, past_frames, N, C])
        return chunk

    def update_mean(self, x: Tensor) -> Tensor:
        """Mean of frames 0 to t at every frame t of a chunk; the last is a state.

        Args:
            x: The chunk, `[B, T, C]`.

        Returns:
            `[B, T, C]`.
        """
        name = f"{self.block}_mean"
        means = _mean_so_far(x, self.past[name], self.frames)
        self.future[name] = last_frame(means)
        return tf.cast(means, x.dtype)


def last_frame(x: Tensor) -> Tensor:
    """The last frame `[B, C]` of `[B, T, C]`."""
    _, T, C = x.shape
    # No slice that drops an axis: runtimes of phones have none.
    return tf.reshape(x, [-1, C]) if T == 1 else x[:, -1]


def cumulative_mean(x: Tensor) -> Tensor:
    """Mean of frames 0 to t at every frame t of a whole clip; `x` is `[B, T, C]`."""
    return tf.cast(_mean_so_far(x, 0.0, tf.zeros([1, 1])), x.dtype)


def sinusoids(first: Tensor, frames: int, width: int) -> Tensor:
    """Sines, then cosines, of the positions of frames.

    Args:
        first: Frames seen before these, `[B, 1]`, float32.
        frames: Length T of the clip or chunk.
        width: Channels C, an even number. Column j of a half turns `10000^(-2j / C)`
            radians a frame.

    Returns:
        `[B, T, C]`, float32.

    Source:
        Model Garden, official/vision/modeling/layers/nn_layers.py, PositionalEncoding:
        all sines before all cosines, where arXiv 1706.03762 takes turns.
    """
    rates = 10_000.0 ** (-2.0 * tf.range(width // 2, dtype="float32") / width)
    angles = _positions(first, frames)[:, :, None] * rates
    return tf.concat([tf.sin(angles), tf.cos(angles)], -1)


def _mean_so_far(x: Tensor, mean: Tensor, count: Tensor) -> Tensor:
    """`[B, T, C]` float32 from `x`, the mean `[B, C]` of `count` `[B, 1]` frames."""
    # float32 even in mixed precision: 16 bits cannot count to 300.
    total = tf.cumsum(tf.cast(x, "float32"), 1) + tf.expand_dims(mean * count, 1)
    return total / tf.expand_dims(_positions(count, x.shape[1]) + 1.0, 2)


def _positions(first: Tensor, frames: int) -> Tensor:
    return first + tf.range(frames, dtype="float32")  # [B, 1] -> [B, T]

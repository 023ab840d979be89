"""Which range do integers need at each site? Those that real frames were seen to fill.

A network is run on streams that carry their states, or on clips, and of every frame
all but one value in 10,000 must lie within the range. Rounding to 8 bits in that range
then stands in the graph that is converted, and the converter takes it from there.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from vidnas.arrays import Floats
from vidnas.deploy.exporting.step import Network
from vidnas.errors import InputError
from vidnas.nets.layers.sites import site, watched_by
from vidnas.nets.layers.tensor import Tensor
from vidnas.nets.network import VideoNetwork

BEYOND = 1e-4  # share of a frame's values that a range may cut off at each end
LOOKED_AT = 2**16  # values of a tensor that are looked at, evenly spread
LEAST = 1e-4  # width of a range in which nothing was seen


@dataclass(frozen=True, slots=True)
class Ranges:
    """The least and the greatest value of each site, in the order it is run.

    Args:
        lows: Least value of each site, at most 0 `[S]`.
        highs: Greatest value of each site, above the least `[S]`.
    """

    lows: Floats
    highs: Floats


class Rounding:
    """Rounds every site to 8 bits in its range; see `Watcher`."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges
        self._at = -1
        self._last: Any = None

    def at(self, x: Tensor) -> Tensor:
        """The tensor, rounded in the range of the next site."""
        if x is self._last:  # of two sites with nothing between them
            return x
        self._at += 1
        return self.again(x)

    def again(self, x: Tensor) -> Tensor:
        """The tensor, rounded in the range of the last site."""
        low, high = self._ranges.lows[self._at], self._ranges.highs[self._at]
        self._last = tf.quantization.fake_quant_with_min_max_args(
            x, float(low), float(high)
        )
        return self._last


class _Watching:
    """Notes the range of every site; see `Watcher`."""

    def __init__(self) -> None:
        self.lows: list[Tensor] = []
        self.highs: list[Tensor] = []
        self._last: Any = None

    def at(self, x: Tensor) -> Tensor:
        if x is self._last:
            return x
        values = tf.reshape(_some_pixels(x), [-1])
        beyond = 1 + int(values.shape[0] * BEYOND)
        self.highs.append(tf.math.top_k(values, beyond).values[-1])
        self.lows.append(-tf.math.top_k(-values, beyond).values[-1])
        self._last = tf.identity(x)
        return self._last

    def again(self, x: Tensor) -> Tensor:
        return x


def _some_pixels(x: Tensor) -> Tensor:
    """Of a large feature map every n-th pixel with all its channels `[N, C]`."""
    *axes, C = x.shape
    pixels = tf.reshape(x, [-1, C])
    step = max(1, pixels.shape[0] * C // LOOKED_AT)
    while math.gcd(step, math.prod(axes)) > 1:  # or it sees some columns alone
        step += 1
    return pixels[::step]


def observe(network: Network, clips: Iterable[np.ndarray]) -> Ranges:
    """The ranges that a network's sites fill on clips.

    Args:
        network: Network whose sites are looked at.
        clips: Batches of clips `[B, T, H, W, C]` in [0, 1], all of one shape. A stream
            runs over each from its beginning, carrying its states.

    Raises:
        InputError: there are no clips.
    """
    step: Any = None
    found: list[tuple[Floats, Floats]] = []
    for batch in clips:
        step = step or _watched_step(network)
        found += _ranges_of(network, step, batch)
    if not found:
        raise InputError("Ranges of integers need clips to be seen on, got none.")
    lows = np.minimum(0.0, np.min([low for low, _ in found], axis=0))
    highs = np.max([high for _, high in found], axis=0)
    return Ranges(lows, np.maximum(highs, lows + LEAST))


def _ranges_of(
    network: Network, step: Any, batch: np.ndarray
) -> list[tuple[Floats, Floats]]:
    if isinstance(network, VideoNetwork):
        frames = batch.reshape(-1, *batch.shape[2:])
        return [tuple(part.numpy() for part in step(tf.constant(frames))[2:])]
    states = network.initial_states(len(batch))
    found = []
    for frame in np.moveaxis(batch, 1, 0):
        _, states, lows, highs = step(tf.constant(frame), states)
        found.append((lows.numpy(), highs.numpy()))
    return found


def _watched_step(network: Network) -> Any:
    def run(images: Tensor, states: Any = None) -> Any:
        watcher = _Watching()
        with watched_by(watcher):
            images = site(images)
            if isinstance(network, VideoNetwork):
                logits = network.run_folded(images)
            else:
                logits, states = network.step(images, states)
        return logits, states, tf.stack(watcher.lows), tf.stack(watcher.highs)

    return tf.function(run, autograph=False)

"""Which range do integers need at each site? Those that real frames were seen to fill.

A network is run on streams that carry their states, or on clips, and of every frame
all but one value in 10,000 must lie within the range. Rounding to 8 bits in that range
then stands in the graph that is converted, and the converter takes it from there.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
CORRECTED = 8  # batches on which means are corrected
LEAST = 1e-4  # width of a range in which nothing was seen


@dataclass(frozen=True, slots=True)
class Ranges:
    """The least and the greatest value of each site, in the order it is run.

    Args:
        lows: Least value of each site, at most 0 `[S]`.
        highs: Greatest value of each site, above the least `[S]`.
        offsets: What is added to each channel before it is rounded `[C]`, by site; of
            sites behind a convolution alone, which takes it into its bias.
    """

    lows: Floats
    highs: Floats
    offsets: Mapping[int, Floats] = field(default_factory=dict)


class Rounding:
    """Rounds every site to 8 bits in its range; see `Watcher`."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges
        self._at = -1
        self._last: Any = None

    def at(self, x: Tensor, least: float) -> Tensor:
        """The tensor, rounded in the range of the next site."""
        if x is self._last:  # of two sites with nothing between them
            return x
        self._at += 1
        return self.again(self.corrected(x, self._at))

    def corrected(self, x: Tensor, number: int) -> Tensor:
        """The tensor with what the site of that number adds to it."""
        offset = self._ranges.offsets.get(number)
        return x if offset is None else x + tf.constant(offset, x.dtype)

    def again(self, x: Tensor) -> Tensor:
        """The tensor, rounded in the range of the last site."""
        low, high = self._ranges.lows[self._at], self._ranges.highs[self._at]
        self._last = tf.quantization.fake_quant_with_min_max_args(
            x, float(low), float(high)
        )
        return self._last


class _Correcting(Rounding):
    """Rounds, and gives each channel behind a convolution the mean that it should have.

    Rounding moves means, a little and always the same way, and means over frames keep
    what noise of single frames would lose.
    """

    def __init__(self, ranges: Ranges, means: Mapping[int, Tensor]) -> None:
        super().__init__(ranges)
        self._means = means
        self.offsets: dict[int, Tensor] = {}

    def corrected(self, x: Tensor, number: int) -> Tensor:
        if number not in self._means:
            return x
        self.offsets[number] = self._means[number] - _channel_means(x)
        return x + self.offsets[number]


def _channel_means(x: Tensor) -> Tensor:
    return tf.reduce_mean(tf.reshape(x, [-1, x.shape[-1]]), 0)


class _Watching:
    """Notes the range of every site; see `Watcher`."""

    def __init__(self) -> None:
        self.lows: list[Tensor] = []
        self.highs: list[Tensor] = []
        self.means: dict[int, Tensor] = {}
        self._last: Any = None

    def at(self, x: Tensor, least: float) -> Tensor:
        if x is self._last:
            return x
        if x.op.type == "BiasAdd":
            self.means[len(self.lows)] = _channel_means(x)
        values = tf.reshape(_some_pixels(x), [-1])
        beyond = 1 + int(values.shape[0] * BEYOND)
        self.highs.append(tf.math.top_k(values, beyond).values[-1])
        low = -tf.math.top_k(-values, beyond).values[-1]
        self.lows.append(tf.maximum(low, least))
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
    step = _watched_step(network)
    found: list[tuple[Floats, Floats]] = []
    first: list[np.ndarray] = []
    for batch in clips:
        found += _ranges_of(network, step, batch)
        first += [batch][: CORRECTED - len(first)]
    if not found:
        raise InputError("Ranges of integers need clips to be seen on, got none.")
    lows = np.minimum(0.0, np.min([low for low, _ in found], axis=0))
    highs = np.max([high for _, high in found], axis=0)
    ranges = Ranges(lows, np.maximum(highs, lows + LEAST))
    return replace(ranges, offsets=_offsets(network, ranges, step, first))


def _offsets(
    network: Network, ranges: Ranges, step: Any, clips: Iterable[np.ndarray]
) -> dict[int, Floats]:
    """What each site must add, the mean over frames of what it had to add in each."""

    def run(images: Tensor, states: Any, means: Any) -> Any:
        watcher = _Correcting(ranges, means)
        with watched_by(watcher):
            found = _answer(network, images, states)
        return *found, watcher.offsets

    corrected = tf.function(run, autograph=False)
    found: list[dict[int, Floats]] = []
    for batch in clips:
        frames, states = _frames_and_states(network, batch)
        rounded = states
        for frame in frames:
            _, states, _, _, means = step(tf.constant(frame), states)
            _, rounded, offsets = corrected(tf.constant(frame), rounded, means)
            found.append({number: offsets[number].numpy() for number in offsets})
    return {n: np.mean([each[n] for each in found], axis=0) for n in found[0]}


def _ranges_of(
    network: Network, step: Any, batch: np.ndarray
) -> list[tuple[Floats, Floats]]:
    frames, states = _frames_and_states(network, batch)
    found = []
    for frame in frames:
        _, states, lows, highs, _ = step(tf.constant(frame), states)
        found.append((lows.numpy(), highs.numpy()))
    return found


def _frames_and_states(network: Network, batch: np.ndarray) -> tuple[np.ndarray, Any]:
    """What is run one after the other, and the states to begin with."""
    if isinstance(network, VideoNetwork):
        return batch.reshape(1, -1, *batch.shape[2:]), {}
    return np.moveaxis(batch, 1, 0), network.initial_states(len(batch))


def _watched_step(network: Network) -> Any:
    def run(images: Tensor, states: Any) -> Any:
        watcher = _Watching()
        with watched_by(watcher):
            found = _answer(network, images, states)
        return *found, tf.stack(watcher.lows), tf.stack(watcher.highs), watcher.means

    return tf.function(run, autograph=False)


def _answer(network: Network, images: Tensor, states: Any) -> tuple[Tensor, Any]:
    images = site(images)
    if isinstance(network, VideoNetwork):
        return network.run_folded(images), states
    return network.step(images, states)

"""How much does the depthwise form save against Keras's grouped Conv3D on this CPU?

Run:     make bench
Cost:    about a minute, most of it in the peer.
Expect:  tens of times in a training step; reference: DepthwiseConv3D's docstring.
"""

import time
from statistics import median

from vidnas.architecture import Kernel
from vidnas.training import prepare

prepare(cpus=1)

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from vidnas.nets.layers.depthwise import DepthwiseConv3D  # noqa: E402

B, T, SIDE, C = 4, 8, 28, 40
RUNS = 7


def step_seconds(forward, variables, shape) -> float:
    """Median seconds of forward and backward in a graph, after one warm-up."""
    x = tf.random.stateless_normal(shape, [1, 2])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(forward(x) ** 2)
        return tape.gradient(loss, [x, *variables])

    times = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return median(times[1:])


def main() -> None:
    """Prints a line per kernel and stride."""
    print(f"step of one layer, B{B} T{T} {SIDE}x{SIDE} C{C}, one thread")
    print("kernel  stride   ours [ms]   Keras [ms]   ratio")
    for kernel, stride in (("3x3x3", 1), ("5x3x3", 2), ("1x5x5", 1)):
        ours = DepthwiseConv3D(
            C, Kernel.parse(kernel), stride, rng=np.random.default_rng(0), name="ours"
        )
        frames = [B * T, SIDE, SIDE, C]
        mine = step_seconds(
            lambda x, layer=ours: layer(x, frames=T), ours.trainable_variables, frames
        )
        size = Kernel.parse(kernel)
        peer = keras.layers.Conv3D(
            C,
            (size.frames, size.side, size.side),
            (1, stride, stride),
            padding="same",
            groups=C,
            use_bias=False,
        )
        peer.build([B, T, SIDE, SIDE, C])
        theirs = step_seconds(peer, peer.trainable_variables, [B, T, SIDE, SIDE, C])
        print(
            f"{kernel:6} {stride:7d} {1e3 * mine:11.1f} {1e3 * theirs:12.1f} "
            f"{theirs / mine:7.0f}"
        )


if __name__ == "__main__":
    main()

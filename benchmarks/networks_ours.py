"""How long does one of our networks take? A worker of `networks.py`.

Run:     python benchmarks/networks_ours.py train movinet-a0 2plus1d
Cost:    10 s, then a run for every line of standard input.
Expect:  a line of JSON for the start and for every run.

`--depthwise keras` computes the same network, with the same weights, by the depthwise
convolutions that one writes in Keras 3: `keras.layers.Conv3D(groups=C)`.
"""

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
from networks_worker import Work, arguments, serve

import vidnas
from vidnas.training import prepare

Tensor = Any


def main() -> None:
    """Serves the work that the command line names."""
    parser = arguments(__doc__)
    parser.add_argument("--depthwise", choices=("ours", "keras"), default="ours")
    options = parser.parse_args()
    prepare(cpus=options.cpus)

    # Not part of the start: a process imports once, whatever it builds then.
    from vidnas.training import session  # noqa: F401
    from vidnas.training.allocator import AllocatorPeak

    if options.depthwise == "keras":
        compute_grouped()
    start = {"train": train, "forward": forward, "stream": stream}[options.task]
    watch = AllocatorPeak()
    serve(lambda: start(options), lambda: watch.measured["peak_bytes"])


def train(options: argparse.Namespace) -> Work:
    """Training steps, as `vidnas search` takes them."""
    from vidnas.nets import build
    from vidnas.training.session import Session
    from vidnas.trials import Recipe

    shape = (options.batch, options.frames, options.size, options.size, 3)
    rng = np.random.default_rng(0)
    clips = rng.integers(0, 256, shape, dtype=np.uint8)
    labels = rng.integers(0, options.classes, options.batch, dtype=np.int32)
    model = build(architecture(options), options.classes)
    session = Session(model, Recipe(), options.classes, shape, norm_momentum=0.99)

    def step() -> float:
        loss, _ = session.train(clips, labels, 1e-3)
        return float(loss)

    step()
    return step


def forward(options: argparse.Namespace) -> Work:
    """Logits of clips."""
    import tensorflow as tf

    from vidnas.nets import build

    shape = [options.batch, options.frames, options.size, options.size, 3]
    clips = tf.random.stateless_uniform(shape, [1, 2])
    model = build(architecture(options), options.classes)
    logits = tf.function(lambda clips: model(clips), autograph=False)
    logits = logits.get_concrete_function(tf.TensorSpec(shape, tf.float32))

    def run() -> Any:
        return logits(clips).numpy()

    run()
    return run


def stream(options: argparse.Namespace) -> Work:
    """Chunks of a stream, with explicit states."""
    import tensorflow as tf

    from vidnas.nets import build

    shape = [options.batch, options.frames, options.size, options.size, 3]
    frames = tf.random.stateless_uniform(shape, [1, 2])
    network = build(architecture(options), options.classes, stream=True)
    states = network.initial_states(options.batch)
    step = network.frozen(options.batch, (options.size,) * 2, frames=options.frames)

    def chunk() -> Any:
        nonlocal states
        logits, states = step(frames, states)
        return logits.numpy()

    chunk()
    return chunk


def architecture(options: argparse.Namespace) -> vidnas.Architecture:
    """The published network in the form that the command line names."""
    published = vidnas.published(options.network, stream=options.task == "stream")
    return replace(published, convolution=options.convolution).at(
        options.frames, options.size
    )


def compute_grouped() -> None:
    """From now on, lets our depthwise layers compute by Keras's grouped Conv3D."""
    import keras
    import tensorflow as tf

    from vidnas.nets.layers.depthwise import DepthwiseConv3D

    def call(
        layer: Any,
        x: Tensor,
        frames: int,
        memory: None = None,
        factor: Tensor = None,
    ) -> Tensor:
        kt, k, _, C, _ = layer.kernel.shape
        _, H, W, _ = x.shape
        kernel = layer.kernel.value
        if factor is not None:
            kernel = kernel * factor[:, None]
        y = keras.ops.conv(  # as `keras.layers.Conv3D` calls it, with groups=C
            tf.reshape(x, [-1, frames, H, W, C]),
            tf.reshape(kernel, [kt, k, k, 1, C]),
            strides=(1, layer.stride, layer.stride),
            padding="same",
        )
        return tf.reshape(y, [-1, *y.shape[2:]])

    DepthwiseConv3D.call = call


if __name__ == "__main__":
    main()

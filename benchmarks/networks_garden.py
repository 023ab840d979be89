"""How long does TensorFlow Model Garden's MoViNet take? A worker of `networks.py`.

Run:     PEER_PYTHON benchmarks/networks_garden.py train movinet-a0 2plus1d
Cost:    20 to 40 s, then a run for every line of standard input.
Expect:  a line of JSON for the start and for every run.

Runs under an interpreter that has `tf-models-official`, and never imports vidnas.
"""

import argparse
import os
from typing import Any

import numpy as np
from networks_worker import Work, arguments, serve

Tensor = Any


def main() -> None:
    """Serves the work that the command line names."""
    options = arguments(__doc__).parse_args()
    os.environ.update(  # threads as in `vidnas.training.environment`
        TF_CPP_MIN_LOG_LEVEL="3",
        TF_NUM_INTRAOP_THREADS=str(options.cpus),
        TF_NUM_INTEROP_THREADS="1" if options.cpus == 1 else "2",
        OMP_NUM_THREADS=str(options.cpus),
    )

    # Not part of the start: a process imports once, whatever it builds then.
    from official.projects.movinet.modeling import movinet_model  # noqa: F401

    start = {"train": train, "forward": forward, "stream": stream}[options.task]
    serve(lambda: start(options))


def train(options: argparse.Namespace) -> Work:
    """Training steps with the loss, optimizer and decay of ours."""
    import tensorflow as tf
    import tf_keras

    rng = np.random.default_rng(0)
    shape = (options.batch, options.frames, options.size, options.size, 3)
    clips = rng.integers(0, 256, shape, dtype=np.uint8)
    labels = rng.integers(0, options.classes, options.batch, dtype=np.int32)
    model = classifier(options)
    optimizer = tf_keras.optimizers.AdamW(1e-3, weight_decay=1e-4)
    loss_of = tf_keras.losses.CategoricalCrossentropy(True, label_smoothing=0.1)

    @tf.function
    def train_step(clips: Tensor, labels: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            images = tf.cast(clips, tf.float32) * (1.0 / 255.0)
            logits = model({"image": images}, training=True)
            loss = loss_of(tf.one_hot(labels, options.classes), logits)
        variables = model.trainable_variables
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    def step() -> float:
        return float(train_step(tf.constant(clips), tf.constant(labels)))

    step()
    return step


def forward(options: argparse.Namespace) -> Work:
    """Logits of clips."""
    import tensorflow as tf

    shape = [options.batch, options.frames, options.size, options.size, 3]
    clips = tf.random.stateless_uniform(shape, [1, 2])
    model = classifier(options)
    logits = tf.function(lambda clips: model({"image": clips}, training=False))
    logits = logits.get_concrete_function(tf.TensorSpec(shape, tf.float32))

    def run() -> Any:
        return logits(clips).numpy()

    run()
    return run


def stream(options: argparse.Namespace) -> Work:
    """Chunks of a stream, with explicit states, in the form that was released."""
    import tensorflow as tf

    shape = [options.batch, options.frames, options.size, options.size, 3]
    frames = tf.random.stateless_uniform(shape, [1, 2])
    model = classifier(
        options,
        causal=True,
        se_type="2plus3d",
        activation="hard_swish",
        gating_activation="hard_sigmoid",
        use_positional_encoding=options.network in ("movinet-a3", "movinet-a4"),
        use_external_states=True,
    )
    states = model.init_states(shape)
    function = tf.function(lambda inputs: model(inputs, training=False))
    step = function.get_concrete_function(
        {
            name: tf.TensorSpec(tensor.shape, tensor.dtype)
            for name, tensor in {**states, "image": frames}.items()
        }
    )

    def chunk() -> Any:
        nonlocal states
        logits, states = step({**states, "image": frames})
        return logits.numpy()

    chunk()
    return chunk


def classifier(options: argparse.Namespace, **form: Any) -> Any:
    """The network as its builders make it, for clips of one shape."""
    import tf_keras
    from official.projects.movinet.modeling import movinet, movinet_model

    specs = tf_keras.layers.InputSpec(
        shape=[options.batch, options.frames, options.size, options.size, 3]
    )
    backbone = movinet.Movinet(
        model_id=options.network.removeprefix("movinet-"),
        conv_type=options.convolution,
        use_sync_bn=False,  # there is one device
        input_specs=specs,
        **form,
    )
    return movinet_model.MovinetClassifier(
        backbone,
        num_classes=options.classes,
        input_specs={"image": specs},
        output_states=options.task == "stream",
    )


if __name__ == "__main__":
    main()

"""Trains on two virtual devices and on one; prints how far apart they end, as JSON.

Run by test_devices.py in a process of its own: devices are made before TensorFlow runs.
"""

import json
import sys

import numpy as np

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.published.catalogue import published
from vidnas.training.environment import load_tensorflow

load_tensorflow(cpus=2)

import tensorflow as tf  # noqa: E402

from vidnas.nets import build  # noqa: E402
from vidnas.training.replicas.devices import Devices  # noqa: E402
from vidnas.training.session import Session  # noqa: E402
from vidnas.trials.recipe import Recipe  # noqa: E402

SHAPE = (4, 3, 32, 32, 3)
RNG = np.random.default_rng(0)
TARGETS = RNG.dirichlet(np.ones(3), size=(3, 4)).astype(np.float32)  # as of mixup
CLIPS = RNG.integers(0, 256, (3, *SHAPE), dtype=np.uint8)


def session(recipe: dict, devices: Devices | None, **options: object) -> Session:
    architecture = published("movinet-a0").at(3, 32)
    if "subclips" in options:
        layer = Layer(16, Kernel(3, 3), squeeze_excite=8)
        stages = (Stage(8, (layer, layer)),)
        architecture = Architecture(Clip(3, 32), Stem(8), stages, Head(16, 16))
        architecture = architecture.streaming()
    return Session(
        build(architecture, 3, norm_momentum=0.9, dropout=recipe.get("dropout", 0.0)),
        Recipe(batch=4, **recipe),
        3,
        SHAPE,
        norm_momentum=0.9,
        devices=devices,
        **options,
    )


def trained(one: Session, steps: range) -> list[list[float]]:
    return [
        [float(n) for n in one.train(CLIPS[step], TARGETS[step], 1e-3)]
        for step in steps
    ]


def gap(first: Session, second: Session) -> dict[str, float]:
    one, other = first.state(), second.state()
    return {
        name: float(np.abs(one[name].astype(float) - other[name]).max()) for name in one
    }


def chunks(one: Session) -> list[tuple[np.ndarray, np.ndarray]]:
    """Three clips, so that the last batch is short whatever its shape."""
    size = one.score_shape[0]
    return [
        (CLIPS[0][i : min(i + size, 3)], TARGETS[0][i : min(i + size, 3)])
        for i in range(0, 3, size)
    ]


def main(job: dict) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, parts)
    two = Devices(("CPU:0", "CPU:1"))
    options = dict(job["options"])
    if weights := options.get("class_weights"):
        options["class_weights"] = np.array(weights, np.float32)
    micro_batches = job["micro_batches"]
    one = session(job["recipe"], None, micro_batches=micro_batches[0], **options)
    both = session(job["recipe"], two, micro_batches=micro_batches[1], **options)
    outcomes = [trained(one, range(2)), trained(both, range(2))]
    found = {"outcomes": outcomes, "gap": gap(one, both)}

    scores = one.score(chunks(one)), both.score(chunks(both))
    found["scored"] = [len(score.losses) for score in scores]
    found["loss"] = [score.loss for score in scores]
    # On from two devices with one, and from one with two.
    states = one.state(), both.state()
    one.restore(states[1])
    both.restore(states[0])
    trained(one, range(2, 3))
    trained(both, range(2, 3))
    found["resumed_gap"] = gap(one, both)
    sys.stdout.write(json.dumps(found) + "\n")


main(json.loads(sys.argv[1]))

"""Trains on two virtual devices until memory runs out, then in parts; prints both.

Run by test_devices.py in a process of its own: devices are made before TensorFlow runs.
"""

import importlib.util
import json
import sys
from pathlib import Path

from vidnas.training.environment import load_tensorflow

load_tensorflow(cpus=1, memory_limit_bytes=48 * 2**20)

import tensorflow as tf  # noqa: E402

from vidnas.errors import OutOfMemoryError  # noqa: E402
from vidnas.training import candidate_training, dataset  # noqa: E402
from vidnas.training.replicas.devices import Devices  # noqa: E402
from vidnas.trials import Fidelity, Recipe  # noqa: E402

CLIPS = Path(__file__).parents[1] / "small_clips.py"
spec = importlib.util.spec_from_file_location("small", CLIPS)
small = importlib.util.module_from_spec(spec)
spec.loader.exec_module(small)
dataset.open_clips = small.open_small(256)

(cpu,) = tf.config.list_physical_devices("CPU")
parts = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, parts)
two = Devices(("CPU:0", "CPU:1"))


def run(**parts):
    return candidate_training.evaluate(
        small.small_architecture(width=64),
        dataset="small",
        recipe=Recipe(batch=256, crop=0.0, rematerialise=True),
        fidelity=Fidelity(1),
        seed=0,
        devices=two,
        **parts,
    )


try:
    said = str(run())
except OutOfMemoryError as wrong:
    said = str(wrong)
sys.stdout.write(json.dumps([said, run(micro_batch=1)]) + "\n")

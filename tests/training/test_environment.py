"""What `prepare` sets, and that it comes first."""

import os
import subprocess
import sys

import pytest

from vidnas.errors import InputError
from vidnas.training import environment


def test_the_environment_is_prepared_before_tensorflow_is_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setattr(os, "environ", {})
    environment.prepare(cpus=3, memory_limit_bytes=100 * 2**20)
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "3"
    assert os.environ["TF_CPU_ALLOCATOR_USE_BFC"] == "1"
    assert os.environ["TF_CPU_BFC_MEM_LIMIT_IN_MB"] == "100"
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


def test_after_tensorflow_it_is_too_late(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    with pytest.raises(InputError, match="before TensorFlow is imported"):
        environment.prepare(cpus=1)


def test_there_must_be_a_thread():
    with pytest.raises(InputError, match="`cpus` must be at least 1, got 0"):
        environment.prepare(cpus=0)


def test_the_environment_module_is_light():
    code = (
        "import sys; import vidnas.training.environment; "
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.keras
def test_every_gpu_of_a_worker_is_limited(monkeypatch):
    import tensorflow as tf

    from vidnas.training.allocator import limit_gpus

    limits = {}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind + ":0"])
    monkeypatch.setattr(
        tf.config,
        "set_logical_device_configuration",
        lambda gpu, devices: limits.update({gpu: devices[0].memory_limit}),
    )
    limit_gpus(3.5 * 2**30)
    assert limits == {"GPU:0": 3584}

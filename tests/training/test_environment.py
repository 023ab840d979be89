"""What `prepare` sets, and that it comes first."""

import gc
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


def test_what_is_loaded_for_good_is_never_searched_for_garbage(monkeypatch):
    done = []
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setattr(os, "environ", {"TF_CPP_MIN_LOG_LEVEL": "1"})
    monkeypatch.setattr(environment, "import_tensorflow", lambda: done.append("import"))
    monkeypatch.setattr(gc, "collect", lambda: done.append("collect"))
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    environment.load_tensorflow(cpus=1, memory_limit_bytes=2**30)
    assert done == ["import", "collect", "freeze"]
    assert os.environ["TF_CPU_BFC_MEM_LIMIT_IN_MB"] == "1024"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "1"  # a user's own
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    environment.load_tensorflow(cpus=1)
    assert len(done) == 3


@pytest.mark.keras
def test_a_training_leaves_and_searches_for_garbage_once(monkeypatch):
    from vidnas.training.failures import training_scope

    searches = []
    monkeypatch.setattr(gc, "collect", lambda *generation: searches.append(generation))
    with training_scope(precision="float32", batch=1):
        pass
    assert searches == [()]


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

import pytest

from vidnas.errors import SurroundingsError

pytestmark = pytest.mark.keras


def test_a_worker_that_asked_for_a_gpu_does_not_train_on_the_cpu(monkeypatch):
    from vidnas.training import allocator

    gpus = []
    monkeypatch.setattr(allocator.tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    says = r"must see a GPU, TensorFlow found none among CUDA_VISIBLE_DEVICES=3"
    with pytest.raises(SurroundingsError, match=says):
        allocator.require_gpu()
    gpus.append("GPU:0")
    allocator.require_gpu()

import pytest

from vidnas.errors import InputError
from vidnas.study.experiment.workers import Workers
from vidnas.study.workers.machine import (
    cluster_address,
    machine_cores,
    machine_memory,
    share_out,
)

GIB = 2.0**30
AUTO = None


def shared(workers, memory=16 * GIB, gpus=()):
    return share_out(workers, memory=memory, gpus=gpus)


def test_a_container_has_the_memory_of_its_group(tmp_path):
    whole = machine_memory(tmp_path)
    assert whole > 2**20
    (tmp_path / "memory.max").write_text("max\n")
    assert machine_memory(tmp_path) == whole
    (tmp_path / "memory.max").write_text("1048576\n")
    assert machine_memory(tmp_path) == 2**20


def test_workers_share_three_quarters_of_the_machine():
    assert shared(Workers.alike(count=2)).memory == 6 * GIB


def test_what_is_stated_stands():
    workers = Workers.alike(count=4, memory=4 * GIB)
    assert shared(workers) == workers


def test_more_than_the_machine_has_is_refused():
    says = (
        r"`workers\.memory` must be at most 4 GiB for 4 workers on this machine of "
        r"16 GiB, got 5 GiB\."
    )
    with pytest.raises(InputError, match=says):
        shared(Workers.alike(count=4, memory=5 * GIB))


def test_on_a_cluster_only_a_stated_memory_is_a_limit():
    assert shared(Workers(), memory=None).memory is None
    stated = Workers.alike(count=99, memory=64 * GIB)
    assert shared(stated, memory=None) == stated


def test_gpus_are_shared_by_as_many_as_fit_by_memory():
    # 0.9 of 24 GiB hold four workers of 5 GiB.
    workers = shared(Workers.alike(gpus=AUTO, memory=5 * GIB), gpus=(24 * GIB,) * 2)
    assert workers.groups[0].gpus == 0.25
    third = shared(Workers.alike(gpus=AUTO, memory=7 * GIB), gpus=(24 * GIB,))
    assert third.groups[0].gpus == 0.3333


def test_gpus_are_shared_by_the_workers_where_no_memory_is_stated():
    workers = shared(Workers.alike(count=3, gpus=AUTO), gpus=(20 * GIB,) * 2)
    assert workers.groups[0].gpus == 0.5
    assert workers.memory == 9 * GIB
    alone = shared(Workers.alike(count=1, gpus=AUTO), gpus=(20 * GIB,) * 2)
    assert (alone.groups[0].gpus, alone.memory) == (1.0, 18 * GIB)


def test_without_gpus_auto_is_none():
    assert shared(Workers.alike(gpus=AUTO)).groups[0].gpus == 0.0


def test_a_worker_larger_than_a_gpu_is_refused():
    says = "must be at most 21.6 GiB on this machine's GPUs, got 30 GiB"
    with pytest.raises(InputError, match=says):
        shared(Workers.alike(gpus=AUTO, memory=30 * GIB), gpus=(24 * GIB,))


def test_gpus_of_a_cluster_must_be_stated():
    with pytest.raises(InputError, match=r"with `--address`, write how many"):
        shared(Workers.alike(gpus=AUTO), memory=None)


def test_a_container_has_the_cores_of_its_group(tmp_path):
    whole = machine_cores(tmp_path)
    assert whole >= 1
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine_cores(tmp_path) == whole
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert machine_cores(tmp_path) == 1


def test_a_worker_of_more_cores_than_the_machine_is_refused():
    says = r"`workers\.cpus` must be at most the 2 cores of this machine, got 4\."
    with pytest.raises(InputError, match=says):
        share_out(Workers.alike(count=8, cpus=4), memory=GIB, gpus=(), cores=2)


def test_as_many_workers_run_at_once_as_there_are_cores_for():
    workers = share_out(
        Workers.alike(count=8, cpus=2), memory=16 * GIB, gpus=(), cores=6
    )
    assert (workers.count, workers.memory) == (3, 4 * GIB)
    few = share_out(Workers.alike(count=2, cpus=2), memory=16 * GIB, gpus=(), cores=6)
    assert few.count == 2


def test_a_cluster_has_cores_of_its_own():
    assert shared(Workers.alike(count=8, cpus=64), memory=None).count == 8


def test_the_environment_names_the_cluster_that_is_meant(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert cluster_address(None) is None
    assert cluster_address("auto") == "auto"
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    assert cluster_address(None) == cluster_address("auto") == "10.0.0.1:6379"
    assert cluster_address("10.0.0.2:6379") == "10.0.0.2:6379"
    monkeypatch.setenv("RAY_ADDRESS", "local")
    assert cluster_address(None) is None

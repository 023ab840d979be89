"""Why a worker is gone, in the words of the journal; no Ray is started."""

import pytest


@pytest.fixture
def reason():
    from vidnas.study.workers.ray_tune import _reason

    return _reason


def test_rays_memory_monitor_means_memory(reason):
    from ray.exceptions import OutOfMemoryError

    says, cause = reason(OutOfMemoryError("node running low on memory"))
    assert says.startswith("out of memory on the host")
    assert cause == "memory"


def test_a_worker_that_gave_up_over_memory_means_memory(reason):
    from ray.exceptions import RayTaskError

    from vidnas.errors import OutOfMemoryError

    gave_up = OutOfMemoryError("out of memory at batch 16")
    assert reason(gave_up) == ("out of memory at batch 16", "memory")
    # As Ray hands it to the driver.
    told = RayTaskError("step", "the trace", gave_up).as_instanceof_cause()
    assert reason(told) == ("out of memory at batch 16", "memory")


def test_a_dead_worker_may_have_been_killed_by_its_host(reason):
    from ray.exceptions import ActorDiedError

    assert reason(ActorDiedError()) == ("the worker was killed", "killed")


def test_another_error_is_no_reason_to_try_again(reason):
    assert reason(ImportError("no module")) == ("ImportError: no module", "")

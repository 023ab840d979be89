"""Why a worker is gone, in the words of the journal; no Ray is started."""

import pytest


@pytest.fixture
def loss():
    from vidnas.study.workers.ray_reasons import loss_of

    return loss_of


def as_the_driver_gets_it(error):
    from ray.exceptions import RayTaskError

    return RayTaskError("step", "the trace", error).as_instanceof_cause()


def test_rays_memory_monitor_means_memory(loss):
    from ray.exceptions import OutOfMemoryError

    found = loss(OutOfMemoryError("node running low on memory"))
    assert found.reason.startswith("out of memory on the host")
    assert found.cause == "memory"


def test_a_worker_that_gave_up_over_memory_means_memory(loss):
    from vidnas.errors import OutOfMemoryError

    gave_up = OutOfMemoryError("out of memory at batch 16")
    assert loss(gave_up)[:2] == ("out of memory at batch 16", "memory")
    told = as_the_driver_gets_it(gave_up)
    assert loss(told)[:2] == ("out of memory at batch 16", "memory")


def test_a_dead_worker_is_no_sign_of_memory(loss):
    from ray.exceptions import ActorDiedError

    assert loss(ActorDiedError())[:2] == ("the worker was killed", "killed")
    assert loss(None)[:2] == ("the worker ended without a word", "killed")


def test_an_interrupted_worker_says_nothing_of_its_trial(loss):
    from ray.exceptions import TaskCancelledError

    told = as_the_driver_gets_it(TaskCancelledError())
    assert loss(told)[:2] == ("the worker was interrupted", "killed")


def test_broken_surroundings_name_host_and_node(loss):
    from vidnas.study.workers.ray_reasons import NodeError

    broken = NodeError("ClipError: no clips", "north", "n1")
    expected = ("ClipError: no clips", "surroundings", "north", "n1")
    assert loss(broken) == expected
    assert loss(as_the_driver_gets_it(broken)) == expected


def test_a_node_without_a_library_is_no_bad_candidate(loss):
    from ray.exceptions import ActorDiedError, RayTaskError

    text = "Traceback ...\nModuleNotFoundError: No module named 'vidnas'"
    raised = RayTaskError("__init__", text, ModuleNotFoundError("vidnas"))
    found = loss(ActorDiedError(raised))
    assert found.cause == "surroundings"
    assert "ModuleNotFoundError: No module named 'vidnas'" in found.reason


def test_a_pre_empted_node_counts_for_nothing(loss):
    from ray.exceptions import RayActorError

    assert loss(RayActorError(preempted=True)).cause == "preempted"


def test_a_node_that_died_counts_for_nothing(loss):
    from ray.exceptions import RayActorError

    # As Ray 2.60 says it of a node that was stopped.
    text = (
        "The actor died unexpectedly before finishing this task.\n\tip: 10.0.0.2\n"
        "The actor died because its node has died. Node Id: 23d2635e9b69\n"
        "\tthe actor's node was terminated expectedly: received SIGTERM"
    )
    found = loss(RayActorError(error_msg=text))
    assert found[:3] == ("its node was lost", "preempted", "10.0.0.2")


def test_another_error_is_no_reason_to_try_again(loss):
    assert loss(ValueError("bad"))[:2] == ("ValueError: bad", "")
    assert loss(ImportError("no module")).cause == "surroundings"

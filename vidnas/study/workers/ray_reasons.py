"""Why is a worker gone? What Ray says of it, as an outcome for the journal."""

import re
from typing import NamedTuple

import ray

from vidnas.errors import OutOfMemoryError, SurroundingsError, VidnasError
from vidnas.trials.attempt import Cause
from vidnas.trials.surroundings import was_of_surroundings

_NODE_DIED = "because its node has died"  # ActorDiedError of Ray 2.60


class NodeError(SurroundingsError):
    """The surroundings of a worker are broken.

    Args:
        message: What is missing.
        host: Machine that misses it.
        node: Ray's id of that machine.
    """

    def __init__(self, message: str, host: str = "", node: str = "") -> None:
        super().__init__(message, host)
        self.node = node


class NoticeError(VidnasError):
    """A worker was told to end, such as before its node goes."""


class Loss(NamedTuple):
    """Why a worker gave no outcome."""

    reason: str
    cause: Cause
    host: str = ""  # where it ran, or its address
    node: str = ""


def loss_of(error: BaseException | None) -> Loss:
    """What the error that ended a worker means for its trial."""
    if error is None:
        return Loss("the worker ended without a word", "killed")
    cause = getattr(error, "cause", error)  # within what Ray hands to the driver
    if isinstance(cause, OutOfMemoryError):
        return Loss(str(cause), "memory")
    if isinstance(cause, NodeError):
        return Loss(str(cause), "surroundings", cause.host, cause.node)
    if isinstance(cause, NoticeError):
        return Loss(str(cause), "preempted")
    if isinstance(error, ray.exceptions.OutOfMemoryError):
        reason = "out of memory on the host: Ray's monitor stopped the worker"
        return Loss(reason, "memory")
    if isinstance(cause, ray.exceptions.TaskCancelledError):  # SIGINT to the worker
        return Loss("the worker was interrupted", "killed")
    if isinstance(error, ray.exceptions.RuntimeEnvSetupError):
        return Loss(_last_line(error), "surroundings")
    if isinstance(error, ray.exceptions.RayActorError):
        return _loss_of_actor(error)
    reason = f"{type(error).__name__}: {_last_line(error)}"
    return Loss(reason, "surroundings" if was_of_surroundings(reason) else "")


def _loss_of_actor(error: ray.exceptions.RayActorError) -> Loss:
    text = str(error)
    found = re.search(r"\bip[:=]\s*([0-9a-fA-F.:]+)", text)
    host = found[1] if found else ""
    if error.preempted:
        return Loss("its node was pre-empted", "preempted", host)
    if _NODE_DIED in text:
        return Loss("its node was lost", "preempted", host)
    if error.actor_init_failed:  # such as a node that lacks a library
        reason = _last_line(error)
        return Loss(
            f"the worker did not start: {reason}",
            "surroundings" if was_of_surroundings(reason) else "",
            host,
        )
    return Loss("the worker was killed", "killed", host)


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else ""

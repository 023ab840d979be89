"""Which workers are never made? Ray gives a process any time to begin in.

One that is stopped, or imports from a file system that hangs, would hold its trial for
ever; Tune tells of it only once it is there.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ray

MAKING_SECONDS = 900.0  # that a process has to import and begin in
LOOK_SECONDS = 10.0  # from one look to the next
ANSWER_SECONDS = 3.0  # that an answer may take


class Creations:
    """The workers of this driver that are being made.

    Args:
        beginning: Function that gives the ids of workers whose process is there and
            has not begun.
        end: Function that kills the worker of an id.
        clock: Function that tells seconds, from any moment on.
    """

    def __init__(
        self,
        beginning: Callable[[], Iterable[str]] | None = None,
        end: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._beginning = beginning or _beginning
        self._end = end or _end
        self._clock = clock
        self._looked = -LOOK_SECONDS
        self._since: dict[str, float] = {}

    def end_overdue(self, are_awaited: bool) -> None:
        """Kills workers that have taken too long to begin.

        Args:
            are_awaited: Whether a trial waits for a worker.
        """
        now = self._clock()
        if not are_awaited or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        self._since = {name: self._since.get(name, now) for name in self._beginning()}
        for name, since in self._since.items():
            if now - since > MAKING_SECONDS:
                self._end(name)


def _beginning() -> list[str]:
    if not ray.is_initialized():  # to ask would start one
        return []
    try:
        actors = asyncio.run(_actors("PENDING_CREATION"))
    except (ray.exceptions.RayError, OSError):
        return []  # whoever watches the head hears of it too
    return [name.hex() for name, actor in actors.items() if actor.pid]


async def _actors(state: str) -> Mapping[Any, Any]:
    """The actors of this driver in a state, by id.

    Ray's own table of them ends the whole process where the head was restarted.
    """
    job = ray.JobID.from_hex(ray.get_runtime_context().get_job_id())
    client = ray._private.worker.global_worker.gcs_client
    answer = client.async_get_all_actor_info(None, job, state, timeout=ANSWER_SECONDS)
    found: Mapping[Any, Any] = await answer
    return found


def _end(name: str) -> None:
    worker = ray._private.worker.global_worker
    worker.core_worker.kill_actor(ray.ActorID.from_hex(name), True)

"""How is a study run by the job server of a Ray cluster? Sent once, followed, stopped.

A study has at most one running job: its name is made from the study, so that the same
command finds it, and two who send at once send one.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from vidnas.errors import InputError, SurroundingsError
from vidnas.study.cluster.job_server import require_server

STOP_SECONDS = 120  # that a search has to write down what it knows
_ENDED = ("SUCCEEDED", "FAILED", "STOPPED")
# Ray takes these for the address, whatever it is given.
_OVERRIDING = ("RAY_ADDRESS", "RAY_API_SERVER_ADDRESS")
_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before a lost server is asked again


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the server tells it.

    Args:
        id: Its name, `LABEL-NUMBER`.
        status: PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.
        message: What the server says of it, on one line.
    """

    id: str
    status: str
    message: str

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in _ENDED


class RayJobs:
    """The jobs of one study on one server.

    Args:
        address: `http://HEAD:8265`.
        token: Ray's token, or empty for none.
        label: Name that all jobs of the study begin with.
        client: The server's client; by default Ray's own.

    Raises:
        InputError: `ray[default]` is not installed, or no server answers.
    """

    def __init__(
        self, address: str, token: str, label: str, client: Any = None
    ) -> None:
        self._label = label
        self._client = client or _client(address, token)

    def all(self) -> list[Job]:
        """The study's jobs, the oldest first."""
        found = [
            _job(one)
            for one in self._client.list_jobs()
            if _number(one.submission_id, self._label) is not None
        ]
        return sorted(found, key=lambda job: _number(job.id, self._label) or 0)

    def running(self) -> Job | None:
        """The job that runs or waits; None where there is none."""
        return next((job for job in reversed(self.all()) if not job.is_over), None)

    def send(self, entrypoint: str, files: Path) -> tuple[Job, bool]:
        """The job that runs, sent where there was none.

        Args:
            entrypoint: Command of the job, as a shell reads it.
            files: Folder whose files it takes along.

        Returns:
            The job, and whether it was sent now.

        Raises:
            SurroundingsError: the server does not take it.
        """
        running = self.running()
        if running is not None:
            return running, False
        last = self.all()[-1:]
        number = 1 + max((_number(job.id, self._label) or 0 for job in last), default=0)
        name = f"{self._label}-{number}"
        try:
            self._client.submit_job(
                entrypoint=entrypoint,
                submission_id=name,
                runtime_env=runtime_environment(str(files)),
                metadata={"vidnas_study": self._label},
            )
        except RuntimeError as wrong:
            other = next((job for job in self.all() if job.id == name), None)
            if other is not None:  # somebody sent it at the same moment
                return other, False
            raise SurroundingsError(
                f"The job server did not take the job: {_one_line(wrong)}."
            ) from wrong
        return self.job(name), True

    def job(self, name: str) -> Job:
        """A job as it is now."""
        return _job(self._client.get_job_info(name))

    def stop(self, job: Job, pause: Callable[[float], None] = time.sleep) -> Job:
        """Asks a job to end, as Ctrl-C does, and waits until it has.

        Raises:
            SurroundingsError: it goes on.
        """
        self._client.stop_job(job.id)
        for _ in range(STOP_SECONDS + 30):
            job = self.job(job.id)
            if job.is_over:
                return job
            pause(1.0)
        raise SurroundingsError(f"Job {job.id} was asked to stop, and goes on.")

    def follow(
        self,
        job: Job,
        show: Callable[[str], None],
        lost: Callable[[str], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> Job:
        """Shows what a job writes until it has ended; a lost server is asked again.

        Args:
            job: Job to follow.
            show: Function that shows a piece of its log.
            lost: Function that is told why the server does not answer.
            pause: Function that waits so many seconds.
        """
        log, losses = _Log(show), 0
        while True:
            try:
                asyncio.run(self._tail(job.id, log))
                job = self.job(job.id)
                if job.is_over:
                    log.whole(self._client.get_job_logs(job.id))
                    return job
                losses = 0
                pause(1.0)
            except (OSError, RuntimeError, _client_errors()) as wrong:
                lost(_one_line(wrong))
                pause(_PAUSES[min(losses, len(_PAUSES) - 1)])
                losses += 1

    async def _tail(self, name: str, log: "_Log") -> None:
        log.begin()
        async for piece in self._client.tail_job_logs(name):
            log.take(piece)


class _Log:
    """A log that is sent from its beginning each time, shown once."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._shown = 0
        self._sent = 0

    def begin(self) -> None:
        """The server begins anew."""
        self._sent = 0

    def take(self, piece: str) -> None:
        """Shows of a piece what was not shown."""
        new = piece[max(0, self._shown - self._sent) :]
        self._sent += len(piece)
        self._shown = max(self._shown, self._sent)
        if new:
            self._show(new)

    def whole(self, text: str) -> None:
        """Shows what the whole log has more."""
        self.begin()
        self.take(text)


def runtime_environment(folder: str) -> dict[str, Any]:
    """What a job takes along, and how long it has to end.

    Args:
        folder: Folder of its files.
    """
    return {
        "working_dir": folder,
        "env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": str(STOP_SECONDS)},
    }


def _client(address: str, token: str) -> Any:
    try:
        import_module("aiohttp")
        from ray.job_submission import JobSubmissionClient
    except ImportError as wrong:
        raise InputError(
            "`vidnas submit ray` needs `ray[default]`, which is not installed: "
            "pip install 'vidnas[jobs]'."
        ) from wrong
    require_server(address, token)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with _without(*_OVERRIDING):
        try:
            return JobSubmissionClient(address.rstrip("/"), headers=headers)
        except (ConnectionError, RuntimeError) as wrong:
            raise InputError(
                f"`--address` must be a Ray job server, {address} is none: "
                f"{_one_line(wrong)}."
            ) from wrong


def _client_errors() -> type[Exception]:
    """What aiohttp raises where a server is gone."""
    try:
        found: type[Exception] = import_module("aiohttp").ClientError
    except ImportError:
        return OSError
    return found


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """A scope in which variables of the environment are not set."""
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)


def _job(told: Any) -> Job:
    status = getattr(told.status, "value", told.status)
    return Job(
        str(told.submission_id), str(status), " ".join((told.message or "").split())
    )


def _number(name: str | None, label: str) -> int | None:
    """The number of a study's job; None for a job of another's."""
    begin, _, number = (name or "").rpartition("-")
    return int(number) if begin == label and number.isdigit() else None


def _one_line(wrong: BaseException) -> str:
    lines = [line.strip() for line in str(wrong).splitlines() if line.strip()]
    return (lines or [type(wrong).__name__])[-1].rstrip(".")

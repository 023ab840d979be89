"""How does a study stand now, in numbers and names?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any, Literal

from vidnas.trials.effort import Effort, Spent
from vidnas.trials.news import Placed

State = Literal["running", "finished", "stopped", "broken"]


@dataclass(frozen=True, slots=True)
class Writer:
    """Who runs a study.

    Args:
        host: Name of the driver's machine; empty where the lease does not say.
        process: Number of its process there.
        renewed_seconds: Time since it last renewed its lease [s].
    """

    host: str
    process: int
    renewed_seconds: float


@dataclass(frozen=True, slots=True)
class RunningTrial:
    """A trial on a worker.

    Args:
        trial: Number of the trial.
        name: Name of a baseline; empty for a candidate.
        group: Group of the worker.
        node: Name of its machine.
        process: Number of its process there.
        seconds: Time since the worker took it [s].
        epoch: Number of its last epoch that ended; 0 for none.
        epochs: Number of its epochs.
        log: Where its worker's output lies, in words; empty where that is not known.
    """

    trial: int
    name: str
    group: str
    node: str
    process: int
    seconds: float
    epoch: int
    epochs: int
    log: str = ""


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """Workers of a group.

    Args:
        name: Name of the group; empty where there is one.
        count: Number of workers that the experiment asks for.
        busy: Number of those that train.
    """

    name: str
    count: int
    busy: int

    @property
    def idle(self) -> int:
        """Number of those that train nothing."""
        return max(0, self.count - self.busy)


@dataclass(frozen=True, slots=True)
class Failure:
    """A trial that failed.

    Args:
        trial: Number of the trial.
        reason: Reason that it failed for.
        log: Where its last worker's output lies, in words; empty where that is not
            known.
    """

    trial: int
    reason: str
    log: str = ""


def log_words(placed: Placed | None) -> str:
    """Where the output of a trial's worker lies; empty where that is not known.

    Args:
        placed: Worker that took the trial last; None where none is known.
    """
    if placed is None or not placed.process:
        return ""
    if placed.log:
        stem = placed.log.removesuffix(".out")
        return f"{stem}.out and .err on {placed.node or 'its node'}"
    if _is_address(placed.node):  # a worker of Ray, in journals of before
        return (
            f"worker-*-{placed.process}.out and .err in session_latest/logs of Ray's "
            f"folder on {placed.node}"
        )
    return f"the output of the search itself, process {placed.process} on {placed.node}"


def _is_address(node: str) -> bool:
    try:
        ip_address(node)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Status:
    """A study as its folder tells it at a moment.

    Args:
        study: Study folder.
        name: Name of the experiment.
        state: State of the study.
        reason: Limit of the effort or other reason for its end; empty while it runs.
        writer: Who runs it; None where nobody does.
        trials: Number of own trials by state.
        effort: What it may spend.
        spent: What it spent so far.
        rate_last_hour: Trials that ended in the last hour of work, per hour.
        rate: Trials that ended per hour of work, over all.
        hours_left: Time of work until a limit is reached [h]; None where unknown.
        groups: Workers by group.
        running: Trials on workers.
        front: Number of trials on the front.
        hypervolume: Its hypervolume; None while there is no front.
        grew_hours: Time of work since the front last changed [h]; None for never.
        failures: The last trials that failed, the latest first.
    """

    study: str
    name: str
    state: State
    reason: str
    writer: Writer | None
    trials: Mapping[str, int]
    effort: Effort
    spent: Spent
    rate_last_hour: float
    rate: float
    hours_left: float | None
    groups: tuple[GroupStatus, ...]
    running: tuple[RunningTrial, ...]
    front: int
    hypervolume: float | None
    grew_hours: float | None
    failures: tuple[Failure, ...]

    def to_document(self) -> dict[str, Any]:
        """The status as plain data."""
        return {
            **asdict(self),
            "trials": dict(self.trials),
            "effort": self.effort.to_document(),
            "spent": asdict(self.spent),
            "groups": [{**asdict(group), "idle": group.idle} for group in self.groups],
        }

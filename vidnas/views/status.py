"""What does a notebook show of how a study stands? What `vidnas status` prints."""

from collections.abc import Mapping
from typing import Any

from vidnas.study.status.status import Failure, RunningTrial, Status
from vidnas.trials.effort import Spent
from vidnas.views.pages import markup
from vidnas.views.text.status_words import status_text


class StatusView:
    """A status to look at; shows what `vidnas status` prints.

    Args:
        status: Status of a study at a moment, with all its facts.
    """

    def __init__(self, status: Status) -> None:
        self.status = status

    @property
    def state(self) -> str:
        """`running`, `finished` or `stopped`."""
        return self.status.state

    @property
    def trials(self) -> Mapping[str, int]:
        """Number of own trials by state."""
        return self.status.trials

    @property
    def spent(self) -> Spent:
        """What the study spent so far: trials, hours, GPU hours, epochs."""
        return self.status.spent

    @property
    def hours_left(self) -> float | None:
        """Time of work until a limit is reached [h]; None where unknown."""
        return self.status.hours_left

    @property
    def running(self) -> tuple[RunningTrial, ...]:
        """Trials on workers, with their epochs and logs."""
        return self.status.running

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The last trials that failed, with reasons and logs, the latest first."""
        return self.status.failures

    def to_document(self) -> dict[str, Any]:
        """All facts as plain data, as `vidnas status --json` prints them."""
        return self.status.to_document()

    def __repr__(self) -> str:
        return status_text(self.status)

    def _repr_html_(self) -> str:
        return markup.code(*repr(self).splitlines())

"""What may a training tell and ask while it runs? Its epochs, its state, a kept one.

An evaluation that takes `watch` gets one; any other is watched from outside only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

State = Mapping[str, NDArray[Any]]


class TrainingStoppedError(Exception):
    """The study wants this training to end now; what it kept is gone on from."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The state of a training after an epoch.

    Args:
        epoch: Number of epochs trained, from 1.
        state: Weights, optimizer and steps as arrays by name.
        is_of_lower_rung: Whether a cheaper trial of the same network left it, so that
            this trial is continued from that one.
    """

    epoch: int
    state: State
    is_of_lower_rung: bool = False


class Watch(Protocol):
    """Who looks after a training: the worker that carries it out."""

    def step(self) -> None:
        """Takes a sign of progress, after every step.

        Raises:
            TrainingStoppedError: the study wants the training to end.
        """
        ...

    def epoch(self, number: int, report: Mapping[str, float]) -> None:
        """Takes the numbers of an epoch.

        Args:
            number: Number of the epoch that ended, from 1.
            report: `loss` and, where they are measured, `train_top1` and `top1` [%].

        Raises:
            TrainingStoppedError: the study wants the training to end.
        """
        ...

    def keep(self, epoch: int, state: State) -> None:
        """Keeps the state after an epoch, in place of the one before."""
        ...

    def kept(self) -> Kept | None:
        """The state to go on from; None where the training begins anew."""
        ...

    def trained(self, weights: Callable[[], bytes]) -> None:
        """Takes note that the training has ended.

        Args:
            weights: Function that gives the content of a weights file.
        """
        ...


class Unwatched:
    """A watch over nothing, for a training of its own."""

    def step(self) -> None:
        """Nothing."""

    def epoch(self, number: int, report: Mapping[str, float]) -> None:
        """Nothing."""

    def keep(self, epoch: int, state: State) -> None:
        """Nothing."""

    def kept(self) -> Kept | None:
        """None."""
        return None

    def trained(self, weights: Callable[[], bytes]) -> None:
        """Nothing."""

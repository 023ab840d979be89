"""What does a tracker hear of a study? Its trials as plain values, and no secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from vidnas.errors import InputError


@dataclass(frozen=True, slots=True)
class TrackedTrial:
    """A trial, as trackers show it.

    Args:
        name: Name among the trials of its study: `trial-00038`.
        choices: Option of each choice of its candidate, and its fidelity.
        state: State of the trial.
        reason: Reason why it failed or was stopped.
        measured: Costs, and numbers that were measured at the end.
        curve: Reports by epoch, from 1.
    """

    name: str
    choices: Mapping[str, str | float]
    state: str
    reason: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)
    curve: Mapping[int, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrackedStudy:
    """A study, as trackers show it.

    Args:
        name: Name of the study.
        identity: 16 digits that tell it from others of its name.
        trials: Its trials, by number.
    """

    name: str
    identity: str
    trials: tuple[TrackedTrial, ...]


def library(name: str, extra: str) -> Any:
    """A module of a tracker's library.

    Args:
        name: Name of the module.
        extra: Extra of vidnas that brings it.

    Raises:
        InputError: it is not installed, and how to install it.
    """
    try:
        return import_module(name)
    except ImportError as wrong:
        raise InputError(
            f"This tracker needs the module `{name}`, which cannot be imported: "
            f"{wrong}. Run `pip install 'vidnas[{extra}]'`."
        ) from wrong

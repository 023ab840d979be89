"""What is heard of a trial between its begin and its end?"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Placed:
    """A trial that a worker has taken.

    Args:
        number: Number of the trial.
        group: Group of workers that it is of; empty where there is one.
        node: Name of the worker's machine.
        process: Number of the worker's process there.
        log: File there that its output goes to; empty where it goes where the output
            of the process goes.
    """

    number: int
    group: str = ""
    node: str = ""
    process: int = 0
    log: str = ""


@dataclass(frozen=True, slots=True)
class EpochEnd:
    """An epoch of a trial that has ended.

    Args:
        number: Number of the trial.
        epoch: Number of the epoch, from 1.
        report: `loss` and, where they are measured, `train_top1` and `top1` [%].
    """

    number: int
    epoch: int
    report: Mapping[str, float]

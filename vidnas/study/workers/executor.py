"""Trials one after another in this process, for tests and notebooks."""

import inspect
import os
import socket
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from vidnas.errors import (
    EvaluationError,
    OutOfMemoryError,
    StudyError,
    SurroundingsError,
)
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.keeping_watch import KeepingWatch
from vidnas.study.workers.outbox import leave
from vidnas.trials.attempt import UNTRIED
from vidnas.trials.measured import checked_numbers
from vidnas.trials.news import EpochEnd, Placed
from vidnas.trials.surroundings import is_of_memory, is_of_surroundings
from vidnas.trials.watch import TrainingStoppedError, Watch

# evaluate(architecture, dataset=, recipe=, fidelity=, seed=) -> measured numbers; a
# trial that is tried again in smaller parts has `micro_batch=` too, one at a rung whose
# learning rate follows full training `full_epochs=`, and one that takes `watch=` is
# given a `vidnas.trials.watch.Watch`; one that takes `group=` hears of which group of
# workers it is in.
Evaluate = Callable[..., dict[str, float]]


class Desk(Protocol):
    """A study, as an executor sees it. One thread calls all of it."""

    def next(self, free: Sequence[str] = ("",)) -> Assignment | None:
        """The next assignment, for one of the groups with a free worker.

        Args:
            free: Names of the groups of workers with a free worker.

        Returns:
            An assignment of one of these groups; None when there is none: for ever
            where no trial runs, else until one has ended.
        """
        ...

    def placed(self, placed: Placed) -> None:
        """Takes note that a worker has taken a trial."""
        ...

    def hear(self, epoch: EpochEnd) -> bool:
        """Takes note of an epoch; whether the training is to go on."""
        ...

    def report(self, outcome: Outcome) -> None:
        """Takes note of an outcome, in any order."""
        ...

    def is_over(self) -> bool:
        """Whether the effort is spent and running trials have had their time of grace.

        They are stopped then, with outcomes of the cause `stopped`.
        """
        ...


class Executor(Protocol):
    """Runs assignments side by side."""

    def run(self, desk: Desk, evaluate: Evaluate) -> None:
        """Carries out assignments until there are none left.

        Args:
            desk: Study that gives assignments and takes outcomes.
            evaluate: Function that trains one architecture, in a worker.
        """
        ...


class Inline:
    """An executor without workers."""

    def run(self, desk: Desk, evaluate: Evaluate) -> None:
        """Carries out assignments in order; see `Executor`."""
        while (assignment := desk.next()) is not None:
            desk.placed(
                Placed(assignment.number, "", socket.gethostname(), os.getpid())
            )
            try:
                outcome = carry_out(assignment, evaluate, _AtDesk(desk, assignment))
            except _DeskError as broken:
                raise broken.error from None
            desk.report(outcome)


class _DeskError(BaseException):
    """The study itself broke while a training told it something.

    That is no failure of the trial, so nothing in a training may take it for one.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class _AtDesk(KeepingWatch):
    """The watch of a training in the study's own process."""

    def __init__(self, desk: Desk, assignment: Assignment) -> None:
        super().__init__(assignment)
        self._desk = desk
        self._number = assignment.number

    def step(self) -> None:
        """Ends the training where the study is over."""
        if self._desk.is_over():
            raise TrainingStoppedError

    def epoch(self, number: int, report: Mapping[str, float]) -> None:
        """Tells the study; ends the training where that says so."""
        try:
            goes_on = self._desk.hear(EpochEnd(self._number, number, report))
        except BaseException as wrong:
            raise _DeskError(wrong) from wrong
        if not goes_on:
            raise TrainingStoppedError


def carry_out(
    assignment: Assignment, evaluate: Evaluate, watch: Watch | None = None
) -> Outcome:
    """Trains the assignment; a failure becomes an outcome with its reason.

    What the surroundings broke is not left in the outbox: it is no outcome of a trial.

    Args:
        assignment: Trial to carry out.
        evaluate: Function that trains one architecture.
        watch: Watch over the training, for an `evaluate` that takes one.
    """
    began = time.monotonic()
    parts, full = assignment.micro_batch, assignment.full_epochs
    try:
        measured = evaluate(
            assignment.architecture,
            dataset=assignment.dataset,
            recipe=assignment.recipe,
            fidelity=assignment.fidelity,
            seed=assignment.seed,
            **({} if parts is None else {"micro_batch": parts}),
            **({} if full is None else {"full_epochs": full}),
            **({"watch": watch} if watch and takes_watch(evaluate) else {}),
            **({"group": assignment.group} if _takes(evaluate, "group") else {}),
        )
        numbers = checked_numbers(measured, assignment.accuracy)
        outcome = Outcome(assignment.number, numbers)
    except (KeyboardInterrupt, _DeskError):  # a person's, and the study's own
        raise
    except BaseException as wrong:  # one candidate must not end the study
        outcome = _outcome_of(wrong, assignment.number)
    if isinstance(watch, KeepingWatch):
        watch.settle()
        outcome = replace(outcome, notice=watch.notice)
    outcome = replace(outcome, seconds=time.monotonic() - began)
    if outcome.cause not in UNTRIED:
        # A node that does not see the study's outbox reports.
        with suppress(OSError, StudyError):
            leave(
                outcome,
                assignment.outbox,
                arch_id=assignment.architecture.arch_id,
                seed=assignment.seed,
            )
    return outcome


def takes_watch(evaluate: Evaluate) -> bool:
    """Whether an evaluation has a parameter of the name `watch`."""
    return _takes(evaluate, "watch")


def _takes(evaluate: Evaluate, name: str) -> bool:
    try:
        return name in inspect.signature(evaluate).parameters
    except (TypeError, ValueError):
        return False


def _outcome_of(error: BaseException, number: int) -> Outcome:
    """How a trial ended whose evaluation raised."""
    if isinstance(error, TrainingStoppedError):
        return Outcome(number, {}, "stopped by the study", "stopped")
    if isinstance(error, OutOfMemoryError):
        return Outcome(number, {}, str(error), "memory")
    if is_of_memory(error):
        return Outcome(number, {}, "out of memory on the host", "memory")
    if isinstance(error, SurroundingsError):
        host = error.host or socket.gethostname()
        return Outcome(number, {}, str(error), "surroundings", host)
    if is_of_surroundings(error):
        return Outcome(number, {}, _reason(error), "surroundings", socket.gethostname())
    if isinstance(error, EvaluationError):
        return Outcome(number, {}, str(error) or _reason(error))
    return Outcome(number, {}, _reason(error))


def _reason(error: BaseException) -> str:
    """One line on an unforeseen error, with the place that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    try:
        text = next(iter(str(error).splitlines()), "")
    except Exception:  # an error that cannot even be said
        text = ""
    where = f"{Path(last.filename).name}, line {last.lineno}"
    return f"{type(error).__name__}: {text} ({where})"

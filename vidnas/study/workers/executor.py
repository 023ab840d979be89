"""Trials one after another in this process, for tests and notebooks."""

import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from vidnas.errors import EvaluationError, OutOfMemoryError, SurroundingsError
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.outbox import leave
from vidnas.study.workers.surroundings import is_of_memory, is_of_surroundings
from vidnas.trials.measured import checked_numbers

# evaluate(architecture, dataset=, recipe=, fidelity=, seed=) -> measured numbers; a
# trial that is tried again in smaller parts has `micro_batch=` too.
Evaluate = Callable[..., dict[str, float]]


Supply = Callable[[], Assignment | None]


Report = Callable[[Outcome], None]


class Executor(Protocol):
    """Runs assignments side by side."""

    def run(self, supply: Supply, report: Report, evaluate: Evaluate) -> None:
        """Carries out assignments until `supply` has none left.

        Args:
            supply: Function that gives the next assignment; None after the last.
            report: Function that receives each outcome, in any order, in this process.
            evaluate: Function that trains one architecture, in a worker.
        """
        ...


class Inline:
    """An executor without workers."""

    def run(self, supply: Supply, report: Report, evaluate: Evaluate) -> None:
        """Carries out assignments in order; see `Executor`."""
        while (assignment := supply()) is not None:
            report(carry_out(assignment, evaluate))


def carry_out(assignment: Assignment, evaluate: Evaluate) -> Outcome:
    """Trains the assignment; a failure becomes an outcome with its reason.

    What the surroundings broke is not left in the outbox: it is no outcome of a trial.
    """
    parts = assignment.micro_batch
    try:
        measured = evaluate(
            assignment.architecture,
            dataset=assignment.dataset,
            recipe=assignment.recipe,
            fidelity=assignment.fidelity,
            seed=assignment.seed,
            **({} if parts is None else {"micro_batch": parts}),
        )
        numbers = checked_numbers(measured, assignment.accuracy)
        outcome = Outcome(assignment.number, numbers)
    except KeyboardInterrupt:  # a person's
        raise
    except BaseException as wrong:  # one candidate must not end the study
        outcome = _outcome_of(wrong, assignment.number)
    if outcome.cause != "surroundings":
        with suppress(OSError):  # a node that does not see the study folder reports
            leave(
                outcome,
                Path(assignment.outbox),
                arch_id=assignment.architecture.arch_id,
                seed=assignment.seed,
            )
    return outcome


def _outcome_of(error: BaseException, number: int) -> Outcome:
    """How a trial ended whose evaluation raised."""
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

"""Trials one after another in this process, for tests and notebooks."""

import math
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from vidnas.errors import EvaluationError, OutOfMemoryError
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.outbox import leave

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
    """Trains the assignment; a failure becomes an outcome with its reason."""
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
        reason = _not_finite(measured)
        outcome = Outcome(assignment.number, {} if reason else dict(measured), reason)
    except OutOfMemoryError as wrong:
        outcome = Outcome(assignment.number, {}, str(wrong), "memory")
    except EvaluationError as wrong:
        outcome = Outcome(assignment.number, {}, str(wrong))
    except MemoryError:
        reason = "out of memory on the host"
        outcome = Outcome(assignment.number, {}, reason, "memory")
    except Exception as wrong:  # a bug of one candidate must not end the study
        outcome = Outcome(assignment.number, {}, _reason(wrong))
    with suppress(OSError):  # a node that does not see the study folder still reports
        leave(
            outcome,
            Path(assignment.outbox),
            arch_id=assignment.architecture.arch_id,
            seed=assignment.seed,
        )
    return outcome


def _not_finite(measured: Mapping[str, float]) -> str:
    """What is wrong with numbers that no journal can hold, or nothing."""
    bad = [name for name, value in measured.items() if not math.isfinite(value)]
    return f"measured {', '.join(bad)} must be finite" if bad else ""


def _reason(error: Exception) -> str:
    """One line on an unforeseen error, with the place that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = next(iter(str(error).splitlines()), "")
    where = f"{Path(last.filename).name}, line {last.lineno}"
    return f"{type(error).__name__}: {text} ({where})"

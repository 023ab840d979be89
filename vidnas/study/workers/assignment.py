"""What does a worker do? One assignment in, one outcome out, left on the disk first."""

import json
import math
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA, Architecture
from vidnas.architecture.reader import read_architecture
from vidnas.documents.node import Node, Origin
from vidnas.errors import EvaluationError, OutOfMemoryError
from vidnas.files.yaml_file import write_whole
from vidnas.trials.attempt import Cause
from vidnas.trials.recipe import Recipe
from vidnas.trials.trial import Fidelity

# evaluate(architecture, dataset=, recipe=, fidelity=, seed=) -> measured numbers; a
# trial that is tried again in smaller parts has `micro_batch=` too.
Evaluate = Callable[..., dict[str, float]]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A trial as a worker receives it: plain data, so it travels anywhere.

    Args:
        number: The trial.
        architecture: What to train.
        fidelity: How closely to full training.
        recipe: How to train.
        dataset: Class folder of clips, as the worker's machine sees it.
        seed: Of weights and data order.
        outbox: Folder where the outcome is left for a driver that died meanwhile.
        micro_batch: Clips whose activations are in memory at once; None for the batch.
    """

    number: int
    architecture: Architecture
    fidelity: Fidelity
    recipe: Recipe
    dataset: str
    seed: int
    outbox: str
    micro_batch: int | None = None

    def to_document(self) -> dict[str, Any]:
        """The assignment as JSON can carry it."""
        return {
            "number": self.number,
            "architecture": self.architecture.to_document(),
            "fidelity": self.fidelity.to_document(),
            "recipe": self.recipe.to_document(),
            "dataset": self.dataset,
            "seed": self.seed,
            "outbox": self.outbox,
            "micro_batch": self.micro_batch,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Assignment":
        """The assignment that `to_document` wrote."""
        network = architecture_from(document["architecture"])
        return cls(
            number=document["number"],
            architecture=network,
            fidelity=Fidelity(**document["fidelity"]),
            recipe=Recipe.from_document(document["recipe"]),
            dataset=document["dataset"],
            seed=document["seed"],
            outbox=document["outbox"],
            micro_batch=document["micro_batch"],
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended: `measured` when it is done, `reason` when it failed.

    Args:
        number: The trial.
        measured: Its numbers by name.
        reason: Why there are none.
        cause: What makes another try worth while.
    """

    number: int
    measured: dict[str, float]
    reason: str = ""
    cause: Cause = ""

    def to_document(self) -> dict[str, Any]:
        """The outcome as JSON can carry it."""
        return {
            "number": self.number,
            "measured": self.measured,
            "reason": self.reason,
            "cause": self.cause,
        }


def architecture_from(document: dict[str, Any]) -> Architecture:
    """The architecture that `Architecture.to_document` wrote."""
    whole = {"schema": ARCHITECTURE_SCHEMA, **document}
    return read_architecture(Node(whole, Origin("architecture")))


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
        leave(outcome, Path(assignment.outbox))
    return outcome


def leave(outcome: Outcome, outbox: Path) -> None:
    """Writes an outcome where the next driver finds it."""
    text = json.dumps(outcome.to_document(), allow_nan=False)
    write_whole(outbox / f"{outcome.number}.json", text)


def collect(outbox: Path) -> list[Outcome]:
    """Outcomes left by workers whose driver died, in order of their trials."""
    numbers = sorted(int(path.stem) for path in outbox.glob("*.json"))
    found = (left_for(outbox, number) for number in numbers)
    return [outcome for outcome in found if outcome is not None]


def left_for(outbox: Path, number: int) -> Outcome | None:
    """The outcome that a worker left of this trial, or None."""
    try:
        text = (outbox / f"{number}.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return Outcome(**json.loads(text))


def clear(outbox: Path, number: int) -> None:
    """Removes the outcome of a trial once the journal holds it."""
    (outbox / f"{number}.json").unlink(missing_ok=True)


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

"""What does a worker do? One assignment in, one outcome out, left on the disk first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.reader import architecture_from
from vidnas.trials.attempt import Cause
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.objectives import STANDARD
from vidnas.trials.recipe import Recipe

# Of a trial that is done: nothing, its last state, or its weights.
Leaves = Literal["", "state", "weights"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A trial as a worker receives it: plain data, so it travels anywhere.

    Args:
        number: Number of the trial.
        architecture: Network to train.
        fidelity: Fidelity to train at.
        recipe: Recipe to train by.
        dataset: Class folders of clips, or the document that names a dataset, as the
            worker's machine sees it.
        seed: Seed of weights and data order.
        outbox: Path or address where the outcome is left for a driver that died
            meanwhile.
        micro_batch: Clips whose activations are in memory at once; None for the batch.
        accuracy: Name of the study's accuracy, which must be measured.
        group: Group of workers that the trial is for; empty where there is one.
        checkpoint: Folder where its state after each epoch is kept, a path or an
            address; empty where none is kept.
        continues: Folder with the state of a cheaper trial of the same network that it
            goes on from, where it has none of its own; empty where it begins anew.
        leaves: What is left of it in `checkpoint` once it is done.
        study: Hash of the study that a kept state belongs to.
        full_epochs: Epochs of full training, where the learning rate follows those and
            the trial has fewer; None otherwise.
    """

    number: int
    architecture: Architecture
    fidelity: Fidelity
    recipe: Recipe
    dataset: str | Mapping[str, Any]
    seed: int
    outbox: str
    micro_batch: int | None = None
    accuracy: str = STANDARD.accuracy.name
    group: str = ""
    checkpoint: str = ""
    continues: str = ""
    leaves: Leaves = ""
    study: str = ""
    full_epochs: int | None = None

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
            "accuracy": self.accuracy,
            "group": self.group,
            "checkpoint": self.checkpoint,
            "continues": self.continues,
            "leaves": self.leaves,
            "study": self.study,
            "full_epochs": self.full_epochs,
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
            accuracy=document["accuracy"],
            group=document["group"],
            checkpoint=document["checkpoint"],
            continues=document["continues"],
            leaves=document["leaves"],
            study=document["study"],
            full_epochs=document["full_epochs"],
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended: `measured` when it is done, `reason` when it is not.

    Args:
        number: Number of the trial.
        measured: Numbers of the trial by name.
        reason: Reason for there being no numbers.
        cause: Cause that makes another try worth while.
        host: Machine whose surroundings are broken; empty where that is not known.
        is_elsewhere: Whether other machines are left to try it on.
        seconds: Time that it took a worker, from its first sign to its end [s]; 0 where
            that is not known.
        notice: Sentence on what the user should hear of beside it; empty for nothing.
    """

    number: int
    measured: dict[str, float]
    reason: str = ""
    cause: Cause = ""
    host: str = ""
    is_elsewhere: bool = False
    seconds: float = field(default=0.0, compare=False)
    notice: str = field(default="", compare=False)

    def to_document(self) -> dict[str, Any]:
        """The outcome as JSON can carry it, without the machine."""
        return {
            "number": self.number,
            "measured": self.measured,
            "reason": self.reason,
            "cause": self.cause,
        }

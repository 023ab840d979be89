"""Which score stands in place of a training? `score` of an experiment, if it has one.

A study by a score reads no video. Where it names no clips, it says how many classes
the networks that it prices tell apart.
"""

from dataclasses import dataclass
from typing import Any

from vidnas.documents.node import Node
from vidnas.trials.objectives import ESTIMATES

_NEEDS_TRAINING = ("rungs", "stopping", "repeats", "known")


@dataclass(frozen=True, slots=True)
class StatedScore:
    """A score as an experiment names it.

    Args:
        name: Name of the score, one of `ESTIMATES`.
        classes: Outputs of the classifier; None where the clips say it.
    """

    name: str
    classes: int | None = None

    def to_document(self) -> Any:
        """The score as a file spells it."""
        if self.classes is None:
            return self.name
        return {"name": self.name, "classes": self.classes}


def read_score(node: Node) -> StatedScore:
    """The score of an experiment file: its name, or a mapping with `classes`.

    Raises:
        InputError: there is no such score, or it stands beside what only a training
            can do; the message names file and line.
    """
    if not isinstance(node.value, dict):
        return StatedScore(node.one_of(*ESTIMATES))
    node.fields("name", "classes")
    return StatedScore(
        node.need("name").one_of(*ESTIMATES), node.read("classes", Node.integer, None)
    )


def require_untrained(experiment: Node, score: StatedScore) -> None:
    """Raises where an experiment by a score says what only a training can follow.

    Raises:
        InputError: names the first such key, or that nothing says the classes.
    """
    for key in _NEEDS_TRAINING:
        if experiment.get(key) is not None:
            raise experiment.child(key).complaint(
                f"`{key}` must be left out beside `score`: nothing is trained."
            )
    training = experiment.get("training")
    if training is not None and training.get("epochs") is not None:
        raise training.child("epochs").complaint(
            "`training.epochs` must be left out beside `score`: nothing is trained."
        )
    has_clips = experiment.get("clips") is not None
    if has_clips == (score.classes is not None):
        raise experiment.child("score").complaint(
            "an experiment by a score must have `clips` or `score: {name: "
            f"{score.name}, classes: 400}}`, got {'both' if has_clips else 'neither'}."
        )

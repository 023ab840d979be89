"""What may a study spend, by its experiment file? `effort`, in any of four units."""

from collections.abc import Callable

from vidnas.documents.node import Node
from vidnas.study.experiment.defaults import TRIALS
from vidnas.trials.effort import LIMITS, Effort

DEFAULT = Effort(trials=TRIALS)
_RUNS_OUT = LIMITS[1:]  # what running trials spend more of


def read_effort(node: Node) -> Effort:
    """`effort` of an experiment file; that of the default where it states no limit.

    Raises:
        InputError: a key or value is wrong; the message names file and line.
    """
    node.fields(*LIMITS, "grace_minutes")
    effort = Effort(
        trials=node.read("trials", Node.integer, None),
        hours=node.read("hours", _positive, None),
        gpu_hours=node.read("gpu_hours", _positive, None),
        epochs=node.read("epochs", Node.integer, None),
        grace_minutes=node.read("grace_minutes", Node.number, None),
    )
    if effort.grace_minutes is not None and not effort.stated.keys() & {*_RUNS_OUT}:
        raise node.child("grace_minutes").complaint(
            f"`{node.label}.grace_minutes` needs one of "
            f"{', '.join(f'`{name}`' for name in _RUNS_OUT)} beside it: what begins "
            "within `trials` is trained to its end."
        )
    return effort if effort.stated else DEFAULT


def recorded_effort(node: Node) -> Effort:
    """The effort that a journal holds."""
    readers: dict[str, Callable[[Node], float]] = dict.fromkeys(
        (*LIMITS, "grace_minutes"), Node.number
    )
    readers |= {"trials": Node.integer, "epochs": Node.integer}
    found = {key: node.read(key, reader, None) for key, reader in readers.items()}
    effort = Effort(**found)  # type: ignore[arg-type]
    return effort if effort.stated else Effort(trials=node.need("trials").integer())


def _positive(node: Node) -> float:
    value = node.number()
    if not value:
        raise node.error(f"`{node.label}` must be a positive number")
    return value

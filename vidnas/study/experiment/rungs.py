"""What does an experiment say of its rungs? Cheaper fidelities, and how to climb them.

Every trial carries its fidelity and only the full one is compared, so rungs change how
effort is spent and not what a trial means: they may change while a study goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from vidnas.documents.node import Node
from vidnas.errors import InputError
from vidnas.space.space import Space
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.promotion import ENOUGH, KEEP, PROBE, is_below
from vidnas.trials.recipe import CONTINUABLE

CONTINUE = "continue"
AXES = ("epochs", "frames", "resolution")
DRAWN = 256  # candidates whose clips a rung is held against


@dataclass(frozen=True, slots=True)
class Rungs:
    """The rungs below full training.

    Args:
        below: Rising fidelities, each cheaper than full training.
        keep: One of so many candidates goes on from a rung to the next.
        probe: So many candidates are trained at every rung, to see how rungs rank.
        continues: Whether a promoted candidate goes on from where its training at the
            rung below ended. This alone decides what a trial means.
    """

    below: tuple[Fidelity, ...] = ()
    keep: int = KEEP
    probe: int = PROBE
    continues: bool = False

    def to_document(self) -> dict[str, Any]:
        """The rungs as an experiment spells them; nothing where there are none."""
        if not self.below:
            return {}
        axes = {axis: [getattr(f, axis) for f in self.below] for axis in AXES}
        lists = {axis: values for axis, values in axes.items() if None not in values}
        facts = {**lists, "keep": self.keep, "probe": self.probe}
        return {"rungs": {**facts, CONTINUE: True} if self.continues else facts}


def read_rungs(node: Node, full: Fidelity, space: Space, schedule: str) -> Rungs:
    """The `rungs` of an experiment.

    Args:
        node: Mapping with lists of `epochs`, `frames` and `resolution`, an item a
            rung; what is left out is that of full training.
        full: Full training.
        space: Space whose clips no rung may exceed.
        schedule: Schedule of the learning rate.

    Raises:
        InputError: there is no rung, lists differ in length, rungs do not rise, or they
            cannot be continued.
    """
    node.fields(*AXES, "keep", "probe", CONTINUE)
    given = {axis: node.child(axis) for axis in AXES if axis in node.value}
    if not given:
        raise node.complaint(f"`rungs` must list at least one of {', '.join(AXES)}.")
    lists = {
        axis: [item.integer() for item in listed.items()]
        for axis, listed in given.items()
    }
    first, *others = lists
    for axis in others:
        if len(lists[axis]) != len(lists[first]):
            raise given[axis].complaint(
                f"`rungs.{axis}` must be as long as `rungs.{first}`, got "
                f"{len(lists[axis])} and {len(lists[first])} rungs."
            )
    below = tuple(
        fidelity_of(dict(zip(lists, values, strict=True)), full)
        for values in zip(*lists.values(), strict=True)
    )
    for low, high in pairwise((*below, full)):
        if not is_below(low, high):
            what = "full training" if high == full else "the next"
            raise node.complaint(
                f"every rung must be cheaper than {what}, got ({low}) before ({high}). "
                "Full training is `training`, the rungs below it stand here."
            )
    for axis in ("frames", "resolution"):
        if axis in given:
            _require_within(given[axis], axis, max(lists[axis]), space)
    return Rungs(
        below,
        node.read("keep", lambda n: n.integer(minimum=2), KEEP),
        node.read("probe", _probe, PROBE),
        node.read(CONTINUE, lambda n: _continues(n, given, schedule), False),
    )


def _continues(node: Node, given: Mapping[str, Node], schedule: str) -> bool:
    if not node.flag():
        return False
    if schedule not in CONTINUABLE:
        raise node.complaint(
            f"`{node.label}` needs another `training.schedule`, got {schedule}: that "
            "falls to zero at the end of each rung, from where nothing goes on. "
            f"Those that allow it are {', '.join(CONTINUABLE)}."
        )
    for axis in ("frames", "resolution"):
        if axis in given:
            raise given[axis].complaint(
                f"`{node.label}` needs rungs that differ in epochs alone, got "
                f"`{given[axis].label}`."
            )
    return True


def _probe(node: Node) -> int:
    count = node.integer(minimum=0)
    if 0 < count < ENOUGH:
        raise node.error(f"`{node.label}` must be 0, or at least {ENOUGH} to judge by")
    return count


def fidelity_of(given: dict[str, int], full: Fidelity) -> Fidelity:
    """A fidelity; what is not given is that of full training."""
    return Fidelity(**{axis: given.get(axis, getattr(full, axis)) for axis in AXES})


def require_clips(axis: str, most: int, space: Space) -> None:
    """Raises where a rung would give a candidate longer or larger clips than its own.

    Raises:
        InputError: says which is the smallest clip.
    """
    drawn = space.many.sample(np.random.default_rng(0), DRAWN)
    least = int(np.min(getattr(space.columns(drawn), axis)))
    if most > least:
        unit = "frames" if axis == "frames" else "pixels"
        raise InputError(
            f"`{axis}` of a rung must be at most the {least} {unit} of the smallest "
            f"clips of space '{space.name}', got {most}."
        )


def _require_within(node: Node, axis: str, most: int, space: Space) -> None:
    try:
        require_clips(axis, most, space)
    except InputError as wrong:
        raise node.complaint(str(wrong)) from wrong

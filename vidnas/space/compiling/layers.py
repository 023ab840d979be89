"""Which choices are the same decision, made for one layer after another?

A space says so by a depth that gates its layers. Elsewhere (in a HyperModel, or by
`when`) a layer is a choice with a condition, and its name differs from that of the next
layer in a number: `stage1.layer2.kernel`, `units_2`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vidnas.space.compiling.program import Choice

NUMBER = re.compile(r"\d+")


class SameChoice(NamedTuple):
    """One decision, or the same one of several layers.

    Args:
        columns: Columns of a candidate, one for each layer, in their order.
        layered: Whether it is made layer by layer.
        gated: Whether a depth of the space gates its layers.
    """

    columns: tuple[int, ...]
    layered: bool
    gated: bool


def same_choices(choices: Sequence[Choice]) -> tuple[SameChoice, ...]:
    """Every choice, those of the layers of one stage together.

    Layers whose options differ are each a decision of their own.
    """
    found: dict[tuple[str, ...], list[int]] = {}
    spelled = _spelled_layers(choices)
    for at, choice in enumerate(choices):
        kind = choice.name.rsplit(".", 1)[-1] if choice.layer >= 0 else ""
        key = (choice.gate, kind) if kind else spelled.get(at, ("", choice.name))
        found.setdefault(key, []).append(at)
    told: list[SameChoice] = []
    for columns in found.values():
        gated = choices[columns[0]].layer >= 0
        layered = gated or len(columns) > 1
        options = {choices[at].options for at in columns}
        apart = [[at] for at in columns] if len(options) > 1 else [columns]
        told += [SameChoice(tuple(each), layered, gated) for each in apart]
    return tuple(told)


def _spelled_layers(choices: Sequence[Choice]) -> dict[int, tuple[str, ...]]:
    """By column, what the layers of a stage share where no depth of the space gates.

    They share a name but for one number, and options; all but the first, which may
    always exist, have a condition, over the same choices but for other layers.
    """
    alike: dict[tuple[str, ...], list[int]] = {}
    for at, choice in enumerate(choices):
        if choice.layer >= 0:
            continue
        for number in NUMBER.finditer(choice.name):
            head, tail = choice.name[: number.start()], choice.name[number.end() :]
            alike.setdefault((head, tail, repr(choice.options)), []).append(at)
    found: dict[int, tuple[str, ...]] = {}
    for key, columns in alike.items():
        some = [at for at in columns if choices[at].when is not None]
        if len(columns) < 2 or len(columns) - len(some) > 1:
            continue
        shared = frozenset.intersection(*(_over(choices[at]) for at in some))
        if shared:
            found |= {at: ("spelled", *key) for at in columns if at not in found}
    return found


def _over(choice: Choice) -> frozenset[str]:
    return choice.when.names() if choice.when is not None else frozenset()

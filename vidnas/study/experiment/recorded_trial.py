"""What does a record say of a trial? Its network, costs and numbers, each checked."""

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast, get_args

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.reader import architecture_from
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, VidnasError
from vidnas.files.journal import Record
from vidnas.space.reading import read_space
from vidnas.study.experiment.recorded import mapping_at, mapping_of, read_fidelity
from vidnas.trials.measured import LEAST
from vidnas.trials.objectives import STANDARD
from vidnas.trials.trial import Source, Trial

Shape = tuple[int, ...]  # numbers of options, one a choice
NOTHING = Node({}, Origin(""))
HUGE = 2.0**63
MOST = 10**9  # trials of a study
PRICED = ("flops", "parameters", "inference_bytes")  # that every version priced


def read_number(node: Node) -> int:
    """The number of the trial that a record is of."""
    return node.need("trial").integer(-MOST, MOST)


def read_trial(
    node: Node, shapes: Sequence[Shape], classes: int | None = None
) -> Trial:
    """The trial that a record begins.

    Args:
        node: The record.
        shapes: Spellings of the study's space; none where it cannot be read.
        classes: Number of classes of the study's clips; None where nobody knows.

    Raises:
        InputError: a fact is missing, of another kind, or of another network.
    """
    number = read_number(node)
    if number < 0:
        node.need("baseline")
    architecture = _architecture(node, classes)
    stated = node.need("arch_id")
    if stated.value != architecture.arch_id:
        raise stated.error(f"`arch_id` must be {architecture.arch_id}")
    return Trial(
        number=number,
        candidate=_candidate(node.need("candidate"), number, shapes),
        architecture=architecture,
        fidelity=read_fidelity(mapping_at(node, "fidelity")),
        seed=node.need("seed").integer(0),
        costs=_costs(node),
        baseline=node.read("baseline", Node.text, ""),
        source=node.read("source", _source, "trained"),
        continues=node.read("continues", lambda n: n.integer(0), None),
        repeats=node.read("repeats", lambda n: n.integer(0), None),
    )


def _architecture(node: Node, classes: int | None) -> Architecture:
    """The network of a record, which may have been put together already."""
    found = node.need("architecture").value
    if isinstance(found, Architecture):
        return found if found.classes == classes else replace(found, classes=classes)
    try:
        return architecture_from(mapping_at(node, "architecture").value, classes)
    except VidnasError as wrong:
        raise node.complaint(str(wrong)) from wrong


def _candidate(node: Node, number: int, shapes: Sequence[Shape]) -> Shape:
    """Option indices; none of a baseline, which no space has to hold."""
    indices = node.value
    whole = isinstance(indices, list) and all(type(i) is int for i in indices)
    if not whole or not (number < 0 or _fits(indices, shapes)):
        raise node.error("`candidate` must be indices of options of the space")
    return tuple(indices)


def _fits(indices: Sequence[int], shapes: Sequence[Shape]) -> bool:
    return not shapes or any(
        len(indices) == len(shape)
        and all(0 <= i < n for i, n in zip(indices, shape, strict=True))
        for shape in shapes
    )


def space_shapes(records: Iterable[Record]) -> list[Shape]:
    """Numbers of options per choice, as the study's space was first and last spelled.

    None where the space cannot be read: its own reader says why.
    """
    origin = Origin("journal")
    told: list[Any] = []
    for record in records:
        if record["event"] in ("study", "resumed"):
            with suppress(InputError):
                experiment = mapping_at(Node(record, origin), "experiment")
                told.append(mapping_at(experiment, "space").value)
    found = []
    for document in told[:1] + [last for last in told[-1:] if last != told[0]]:
        with suppress(VidnasError):
            space = read_space(Node(document, origin))
            found.append(tuple(len(choice.options) for choice in space.choices))
    return found


def _source(node: Node) -> Source:
    return cast(Source, node.one_of(*get_args(Source)))


def check_refused(node: Node) -> None:
    """Raises where the counts of refused candidates are none."""
    refused = mapping_of(node.get("refused") or NOTHING)
    for name in refused.value:
        refused.child(name).integer(0)


def _costs(node: Node) -> Mapping[str, float]:
    costs = mapping_at(node, "costs")
    read_numbers(costs)
    for name in PRICED:
        if costs.need(name).value < 0:
            costs.child(name).number()
    costs_of: Mapping[str, float] = costs.value
    return costs_of


def read_measured(
    node: Node, accuracies: Sequence[str] = (STANDARD.accuracy.name,)
) -> dict[str, float]:
    """What a done trial measured; its accuracy is a share where clips are counted.

    Args:
        node: The record.
        accuracies: Accuracies that the study has compared by so far, the last one now;
            a trial has one of them.
    """
    measured = mapping_at(node, "measured")
    values = read_numbers(measured)
    told = [name for name in accuracies if name in values]
    for name in told or accuracies[-1:]:
        accuracy = measured.need(name)
        if values.get("val_clips"):
            accuracy.number(0.0, 100.0)
    for name, least in LEAST.items():
        if name in values:
            measured.child(name).number(least)
    return values


def read_numbers(node: Node) -> dict[str, float]:
    """Finite numbers by name."""
    values: dict[str, float] = mapping_of(node).value
    for name, value in values.items():
        # Quick, since nearly all are sound: a 64-bit number, which no flag is.
        if type(value) not in (int, float) or not -HUGE < value < HUGE:
            node.child(name).number(minimum=-math.inf)
    return values


def read_text(node: Node, key: str) -> str:
    """The text under a key, which may be empty."""
    found = node.need(key)
    if not isinstance(found.value, str):
        raise found.error(f"`{found.label}` must be text")
    return found.value

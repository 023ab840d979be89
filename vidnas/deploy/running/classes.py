"""What do a network's outputs say? Probabilities, and names of the most probable."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vidnas.arrays import Floats
from vidnas.deploy.running.runner import Values
from vidnas.errors import InputError


class Named(NamedTuple):
    """A class with its probability.

    Args:
        label: Position among the outputs.
        name: Name of the class; `class 17` where none is known.
        probability: Probability, from 0 to 1.
    """

    label: int
    name: str
    probability: float


def probabilities_of(logits: Values, multi_label: bool) -> Floats:
    """Probability of each class `[..., K]`.

    Args:
        logits: Outputs of the network `[..., K]`.
        multi_label: Whether each class is judged by itself: by a sigmoid, in place of
            a softmax over all.
    """
    values = np.asarray(logits, np.float64)
    if multi_label:
        small = np.exp(-np.abs(values))
        return np.where(values >= 0, 1.0 / (1.0 + small), small / (1.0 + small))
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float64)


def most_probable(
    probabilities: Floats, classes: Sequence[str], count: int
) -> tuple[Named, ...]:
    """The most probable classes, the first of equals first.

    Args:
        probabilities: Probability of each class `[K]`.
        classes: Names of the classes; none where nobody knows them.
        count: Classes to name, at most.
    """
    order = np.argsort(-probabilities, kind="stable")[:count].tolist()
    return tuple(
        Named(
            label,
            classes[label] if classes else f"class {label}",
            float(probabilities[label]),
        )
        for label in order
    )


def named_facts(classes: Sequence[Named]) -> list[dict[str, Any]]:
    """Classes with their probabilities, as plain data."""
    return [
        {"class": one.name, "label": one.label, "probability": one.probability}
        for one in classes
    ]


def read_labels(file: Path) -> tuple[str, ...]:
    """Names of classes from a text file, a line each, in the order of the outputs.

    Raises:
        InputError: the file cannot be read, or names a class twice.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as wrong:
        raise InputError(f"{file} cannot be read: {wrong.strerror}.") from wrong
    except UnicodeDecodeError as wrong:
        raise InputError(f"{file} cannot be read: it is not UTF-8 text.") from wrong
    names = [line.strip() for line in lines]
    while names and not names[-1]:
        names.pop()
    for number, name in enumerate(names, 1):
        if not name or name in names[: number - 1]:
            raise InputError(
                f"{file}, line {number} must name a class of its own, got "
                f"{f'`{name}` again' if name else 'an empty line'}."
            )
    return tuple(names)


def require_labels(classes: Sequence[str], outputs: int, where: str) -> None:
    """Raises where names are not one for each output.

    Args:
        classes: Names of the classes.
        outputs: Number of outputs of the network.
        where: Words for what names them.

    Raises:
        InputError: they are more or fewer.
    """
    if classes and len(classes) != outputs:
        raise InputError(
            f"{where} must name {outputs} classes, as many as the network has outputs, "
            f"got {len(classes)}."
        )

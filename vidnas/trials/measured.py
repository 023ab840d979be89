"""Can a journal hold what an evaluation measured? Finite numbers, with an accuracy.

Evaluations are also users' own functions, so what they return is checked.
"""

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from vidnas.costs.network_cost import COSTS
from vidnas.costs.scores import SCORES
from vidnas.errors import EvaluationError
from vidnas.trials.objectives import ACCURACIES
from vidnas.trials.trial import TOP1

# The least that numbers of these names may be, as they are measured and read again.
_COUNTS = {"train_clips": 1.0, "micro_batch": 1.0, "val_clips": 0.0}
LEAST = {**_COUNTS, "peak_bytes": 0.0, "seconds": 0.0}
# Numbers that a trial has before it is trained; measured ones of that name would stand
# for them on fronts.
_OURS = frozenset((*COSTS, *SCORES))


def checked_numbers(measured: object, accuracy: str = TOP1.name) -> dict[str, float]:
    """What an evaluation returned, as floats by name.

    Args:
        measured: What it returned: a mapping of names to numbers.
        accuracy: Name of the study's accuracy, which must be among them.

    Raises:
        EvaluationError: it is no such mapping, a number is not finite or not in its
            range, or the accuracy is missing.
    """
    if not isinstance(measured, Mapping):
        raise EvaluationError(
            "`evaluate` must return a mapping of names to numbers, such as "
            f"{{'{accuracy}': 71.5}}, got {_in_words(measured)}."
        )
    numbers = {
        _name(name, accuracy): _number(name, value) for name, value in measured.items()
    }
    if accuracy not in numbers:
        raise EvaluationError(
            f"measured `{accuracy}` must be among what `evaluate` returns, got "
            f"{', '.join(numbers) or 'nothing'}."
        )
    for name in percentages():
        if not 0 <= numbers.get(name, 0.0) <= 100:
            raise EvaluationError(
                f"measured `{name}` must be within 0 and 100 %, got {numbers[name]:g}."
            )
    for name, least in LEAST.items():
        number = numbers.get(name, least)
        if number < least or (name in _COUNTS and number != int(number)):
            kind = "whole number" if name in _COUNTS else "number"
            raise EvaluationError(
                f"measured `{name}` must be a {kind} of at least {least:g}, got "
                f"{number:g}."
            )
    return numbers


def percentages() -> tuple[str, ...]:
    """Names of the numbers that are percents: accuracies and ends of intervals."""
    ends = (f"{name}_{end}" for name in ACCURACIES for end in ("low", "high"))
    return (*ACCURACIES, *ends)


def _name(name: object, accuracy: str) -> str:
    if not isinstance(name, str) or not name.isprintable() or not name.strip():
        raise EvaluationError(
            f"names of measured numbers must be text, got {_in_words(name)}."
        )
    if name in _OURS and name != accuracy:  # a score in place of an accuracy
        raise EvaluationError(
            f"measured `{name}` must have another name, because the study has a number "
            "of that name itself."
        )
    return name


def _number(name: str, value: Any) -> float:
    """A finite float; numpy's numbers and arrays without axes are numbers too."""
    if getattr(value, "shape", None) == ():
        value = np.asarray(value).item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise EvaluationError(
            f"measured `{name}` must be a number, got {_in_words(value)}."
        )
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise EvaluationError(f"measured `{name}` must be finite, got {number:g}.")
    return number


def _in_words(value: object) -> str:
    """Text and type of a value, in one short line."""
    if value is None:
        return "None"
    try:
        text = " ".join(repr(value).split())
    except Exception:  # of a class that we do not know
        text = "..."
    text = text if len(text) <= 60 else f"{text[:57]}..."
    plain = text.encode("unicode_escape").decode()
    return f"{plain} of type {type(value).__name__}"

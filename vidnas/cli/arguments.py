"""What may an argument of a command be? Types for argparse that say it."""

import math
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from vidnas.datasets.store import is_address
from vidnas.files.mirror import study_named


def positive(text: str) -> int:
    """A whole number of at least 1."""
    return _at_least(1, text)


def whole(text: str) -> int:
    """A whole number of at least 0."""
    return _at_least(0, text)


def _at_least(minimum: int, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = minimum - 1
    if value < minimum:
        raise ArgumentTypeError(
            f"must be a whole number of at least {minimum}, got `{text}`"
        )
    return value


def share(text: str) -> float:
    """A share from 0 to 0.99."""
    return _between(0.99, text)


def amount(text: str) -> float:
    """A number of at least 0."""
    return _between(math.inf, text)


def positive_number(text: str) -> float:
    """A number above 0."""
    value = _between(math.inf, text)
    if not value:
        raise ArgumentTypeError(f"must be a number above 0, got `{text}`")
    return value


def _between(maximum: float, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= maximum or math.isinf(value):
        bounds = "of at least 0" if math.isinf(maximum) else f"from 0 to {maximum:g}"
        raise ArgumentTypeError(f"must be a number {bounds}, got `{text}`")
    return value


def place(text: str) -> Path:
    """A file or folder to write, on a disk."""
    if is_address(text):
        raise ArgumentTypeError(f"must lie on a disk, got the address `{text}`")
    return Path(text)


def named_place(text: str) -> Path | str:
    """A file or folder to read; an address in an object store stays as it is."""
    return text if is_address(text) else Path(text)


def study_argument(command: ArgumentParser) -> None:
    """Adds the study folder that a command reads."""
    command.add_argument(
        "study",
        metavar="STUDY",
        type=study_named,
        help="study folder, or its address in an object store",
    )

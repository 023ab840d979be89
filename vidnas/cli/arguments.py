"""Which numbers may an argument be? Types for argparse that say what must hold."""

from argparse import ArgumentTypeError


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

"""Does a command ask for what its folder was begun with? Facts are compared."""

from collections.abc import Mapping
from typing import Any

from vidnas.errors import StudyError

Facts = Mapping[str, Any]


def require_same(before: Facts, now: Facts, refusal: str, remedy: str) -> None:
    """Raises where a fact is not what it was.

    Args:
        before: Facts by name, as a folder holds them; a fact may be a mapping of facts.
            What was written before a field joined, the caller has completed.
        now: Facts by name, as they are asked for.
        refusal: Beginning of the message, such as whose folder it is.
        remedy: End of the message: what to do instead.

    Raises:
        StudyError: a fact differs; the message gives the first one with both values.
    """
    for name, (was, here) in _pairs(before, now).items():
        if was != here:
            raise StudyError(
                f"{refusal}: its `{name}` was {was}, here it is {here}. {remedy}"
            )


def _pairs(before: Facts, now: Facts) -> dict[str, tuple[Any, Any]]:
    pairs: dict[str, tuple[Any, Any]] = {}
    for name, was in before.items():
        here = now.get(name)
        if not (isinstance(was, dict) and isinstance(here, dict)):
            pairs[name] = was, here
            continue
        for key in {**was, **here}:
            pairs[f"{name}.{key}"] = was.get(key), here.get(key)
    return pairs

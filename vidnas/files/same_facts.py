"""Is this what a folder was begun with? Facts that must not change, compared."""

from collections.abc import Mapping
from typing import Any

from vidnas.errors import StudyError

Facts = Mapping[str, Any]


def require_same(before: Facts, now: Facts, refusal: str, remedy: str) -> None:
    """Raises where a fact is not what it was.

    Args:
        before: Facts by name, as a folder holds them; one may be facts in its turn. The
            caller completes what was written before a field joined.
        now: The same, as they were asked for.
        refusal: What is said before the fact, such as whose folder it is.
        remedy: What is said after it.

    Raises:
        StudyError: the first fact that differs, with both values.
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

"""Which candidate do names and texts spell? `stage2.width: 24`, as a table has them."""

from collections.abc import Mapping
from typing import Any

from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.space import Space

FLAGS = {"true": True, "yes": True, "false": False, "no": False}


def candidate_named(space: Space, options: Mapping[str, str]) -> Candidate:
    """The candidate that makes choices by their names.

    A choice that the others switch off may be left out; what is said of it is nothing.

    Args:
        space: Space of the candidate.
        options: Text of the option by name of the choice. Numbers count by value, so
            that `24.0` is 24.

    Raises:
        SpaceError: a choice has no such option, or one that is made is not named, or
            the rules of the space exclude it.
    """
    indices = [0] * len(space.choices)
    for at, choice in enumerate(space.choices):
        if choice.name in options:
            indices[at] = _index(choice.name, choice.options, options[choice.name])
    missing = [c.name for c in space.active(tuple(indices)) if c.name not in options]
    if missing:
        raise SpaceError(f"choice `{missing[0]}` must be named, nothing is said of it.")
    candidate = space.canonical(indices)
    if not space.meets(candidate):
        raise SpaceError("it must obey the rules of the space, it breaks one.")
    return candidate


def _index(name: str, options: tuple[Any, ...], text: str) -> int:
    wanted = _value(text)
    for at, option in enumerate(options):
        if _value(str(option)) == wanted:
            return at
    # What is switched off may hold anything, but is spelled as one of the options.
    shown = ", ".join(map(str, options))
    raise SpaceError(f"`{name}` must be one of {shown}, got `{text}`.")


def _value(text: str) -> tuple[str, Any]:
    """A text as what it means: a flag, a number or a word, never equal to another."""
    word = text.strip().casefold()
    if word in FLAGS:
        return "flag", FLAGS[word]
    try:
        return "number", float(word)
    except ValueError:
        return "word", word

"""How does a space become a document? One normal form, however it was written."""

from typing import Any

from vidnas.architecture.fields import DECIDED
from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Constant, alike
from vidnas.space.language.options import spell

SPACE_SCHEMA = "vidnas.space/v1"


def space_document(space: SpaceDeclaration) -> dict[str, Any]:
    """The space as plain data, in the order a person reads it."""
    document: dict[str, Any] = {"schema": SPACE_SCHEMA, "name": space.name}
    if space.block != "movinet":
        document["block"] = space.block
    for key, given in (("choices", space.named), ("derived", space.derived)):
        if given:
            document[key] = {name: spell(spec) for name, spec in given.items()}
    document["clip"] = space.clip.to_document()
    document["stem"] = space.stem.to_document()
    document["stages"] = [stage.to_document() for stage in space.stages]
    document["head"] = space.head.to_document()
    for field in DECIDED["network"]:
        spec = getattr(space, field.name)
        if field.name == "activation" or not alike(spec, Constant(field.default)):
            document[field.place] = spell(spec)
    if space.rules:
        document["rules"] = {n: spell(rule) for n, rule in space.rules.items()}
    return document


def same_numbers(given: Any, *, whole: bool) -> Any:
    """What a document offers with 1 and 1.0 spelled alike.

    Args:
        given: Value, list, or mapping with `options`.
        whole: Whether options that are all whole are spelled as such.
    """
    if isinstance(given, dict):
        return given | {"options": same_numbers(given["options"], whole=whole)}
    values = given if isinstance(given, list) else [given]
    if not all(type(value) in (int, float) for value in values):
        return given
    whole = whole and all(value == int(value) for value in values)
    numbers = [int(value) if whole else float(value) for value in values]
    return numbers if isinstance(given, list) else numbers[0]

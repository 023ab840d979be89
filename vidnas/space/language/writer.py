"""How does a space become a document? One normal form, however it was written."""

from typing import Any

from vidnas.architecture.fields import DECIDED
from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Constant
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
        if field.name == "activation" or spec != Constant(field.default):
            document[field.place] = spell(spec)
    if space.rules:
        document["rules"] = {n: spell(rule) for n, rule in space.rules.items()}
    return document

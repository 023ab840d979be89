"""How does a space become a document? One normal form, however it was written."""

from typing import Any

from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Constant
from vidnas.space.language.options import spelled

SPACE_SCHEMA = "vidnas.space/v1"
# Written down only where it is not this.
_USUAL = {
    "convolution": Constant("3d"),
    "causal": Constant(False),
    "positional_encoding": Constant(False),
    "temporal_shift": Constant(False),
}


def space_document(space: SpaceDeclaration) -> dict[str, Any]:
    """The space as plain data, in the order a person reads it."""
    document: dict[str, Any] = {"schema": SPACE_SCHEMA, "name": space.name}
    if space.block != "movinet":
        document["block"] = space.block
    for key, given in (("choices", space.named), ("derived", space.derived)):
        if given:
            document[key] = {name: spelled(spec) for name, spec in given.items()}
    document["clip"] = space.clip.to_document()
    document["stem"] = space.stem.to_document()
    document["stages"] = [stage.to_document() for stage in space.stages]
    document["head"] = space.head.to_document()
    document["activation"] = spelled(space.activation)
    for name, usual in _USUAL.items():
        spec = getattr(space, name)
        if spec != usual:
            document[name] = spelled(spec)
    if space.rules:
        document["rules"] = {n: spelled(rule) for n, rule in space.rules.items()}
    return document

"""How is an architecture written? A document becomes an object; errors name a line."""

from typing import Any

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA, Architecture
from vidnas.architecture.fields import DOCUMENTED, Field, one_of
from vidnas.architecture.kernel import Kernel
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem
from vidnas.documents.node import Node, Origin
from vidnas.errors import ShapeError

_ABOUT = ("cost", "measured", "found")  # what a family file adds to an architecture


def read_architecture(node: Node) -> Architecture:
    """The architecture that a document describes; its `arch_id`, if any, must agree.

    Raises:
        InputError: a key or value is wrong, or `arch_id` belongs to another network;
            the message names the line.
    """
    keys = ("schema", "arch_id", "block", "clip", "stem", "stages", "head")
    node.fields(*keys, *_keys("network")[1:], *_ABOUT)
    if "schema" in node.value:  # a document of another kind lacks everything else
        node.child("schema").one_of(ARCHITECTURE_SCHEMA)
    node.require("schema", "clip", "stem", "stages", "head")
    try:
        architecture = Architecture(
            clip=Clip(**_part(node.need("clip"), "clip")),
            stem=Stem(**_part(node.need("stem"), "stem")),
            stages=tuple(_stage(stage) for stage in node.need("stages").items()),
            head=Head(**_part(node.need("head"), "head")),
            classes=_classes(node.get("found")),
            **_values(node, "network"),
        )
    except ShapeError as wrong:
        raise node.complaint(str(wrong)) from wrong
    _check_identity(node, architecture)
    return architecture


def _classes(found: Node | None) -> int | None:
    """Outputs of the classifier that a family file's network was found with."""
    if found is None or not isinstance(found.value, dict):
        return None
    return found.read("classes", Node.integer, None)


def _check_identity(node: Node, architecture: Architecture) -> None:
    stated = node.get("arch_id")
    if stated is not None and stated.value != architecture.arch_id:
        raise stated.error(
            f"`arch_id` must be {architecture.arch_id}, the network described here",
            hint=" Was the file edited? Then remove the line.",
        )


def _stage(node: Node) -> Stage:
    node.fields(*_keys("stage"), "layers")
    layers = (_part(layer, "layer") for layer in node.need("layers").items())
    values = _values(node, "stage")
    return Stage(**values, layers=tuple(Layer(**layer) for layer in layers))


def _part(node: Node, part: str) -> dict[str, Any]:
    """What a mapping says of the fields of a part, and of nothing else."""
    return _values(node.fields(*_keys(part)), part)


def _keys(part: str) -> list[str]:
    return [field.key for field in DOCUMENTED[part]]


def _values(node: Node, part: str) -> dict[str, Any]:
    """Values by field, of the fields that are there."""
    fields = DOCUMENTED[part]
    node.require(*(field.key for field in fields if field.spelled == "needed"))
    return {
        field.name: _value(node.child(field.key), field)
        for field in fields
        if field.spelled == "needed" or field.key in node.value
    }


def _value(node: Node, field: Field) -> Any:
    if field.kind == "whole":
        return _whole(node, field)
    if field.kind == "number":
        return node.number(field.least)
    if field.kind == "kernel":
        return kernel_of(node)
    return node.flag() if field.kind == "flag" else node.one_of(*field.words)


def _whole(node: Node, field: Field) -> int:
    number = node.integer(field.least)
    if field.fault(number):
        raise node.error(f"`{node.label}` must be {one_of(field.only)}")
    return number


def kernel_of(node: Node) -> Kernel:
    """The kernel that a document spells."""
    try:
        return Kernel.parse(node.text())
    except ShapeError as wrong:
        raise node.complaint(str(wrong)) from wrong


def architecture_from(
    document: dict[str, Any], classes: int | None = None
) -> Architecture:
    """The architecture that `Architecture.to_document` wrote.

    Args:
        document: Architecture as plain data.
        classes: Outputs of the classifier that it was found with, where they are known.
    """
    found = {} if classes is None else {"found": {"classes": classes}}
    whole = {"schema": ARCHITECTURE_SCHEMA, **document, **found}
    return read_architecture(Node(whole, Origin("architecture")))

"""How does a document become a space, every error with its line?"""

from typing import Any

from vidnas.architecture.architecture import BLOCKS
from vidnas.documents.node import Node
from vidnas.errors import InputError, PlacedError
from vidnas.space.language.declaration import ClipSpace, HeadSpace, StemSpace
from vidnas.space.language.places import PLACES
from vidnas.space.language.reader import _Reader
from vidnas.space.language.writer import SPACE_SCHEMA
from vidnas.space.space import Space


def read_space(node: Node) -> Space:
    """The space that a document describes.

    Raises:
        SpaceError: an unknown key or name, a value out of its domain, an empty choice,
            or a condition that cannot be met; the message names the line.
    """
    node.fields(
        "schema",
        "name",
        "block",
        "choices",
        "derived",
        "clip",
        "stem",
        "stages",
        "head",
        *PLACES["network"],
        "rules",
    )
    if "schema" in node.value:  # a document of another kind lacks everything else
        node.child("schema").one_of(SPACE_SCHEMA)
    node.require("schema", "name", "clip", "stem", "stages", "head")
    reader = _Reader(node)
    parts: dict[str, Any] = {
        "name": _title(node.need("name")),
        "block": node.read("block", lambda n: n.one_of(*BLOCKS), "movinet"),
        "clip": ClipSpace(**reader.part("clip", ("frames", "resolution"))),
        "stem": StemSpace(**reader.part("stem", ("width",))),
        "stages": reader.stages(),
        "head": HeadSpace(**reader.part("head", ("width", "hidden"))),
        "named": reader.named,
        "derived": reader.derived,
        "rules": reader.rules(),
        **reader.network(),
    }
    try:
        return Space(**parts)
    except PlacedError as wrong:
        raise _at(node, wrong.path).complaint(str(wrong)) from wrong
    except InputError as wrong:
        raise node.complaint(str(wrong)) from wrong


def _at(node: Node, path: tuple[str | int, ...]) -> Node:
    return Node(None, node.origin, path)


def _title(node: Node) -> str:
    if not node.text().isprintable():
        raise node.error(f"`{node.label}` must be one line of text")
    return node.text()

"""Are the records of a training sound? Checked once, when its folder is opened."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, JournalError
from vidnas.files.journal import Record
from vidnas.trials.recipe import Recipe

TRAINING_SCHEMA = "vidnas.training/v1"
_REMEDY = "Give the training a new folder with --out."


def require_sound_records(records: Sequence[Record], path: Path) -> None:
    """Raises where a training's records are damaged; unknown events are passed over.

    Args:
        records: Records of the training, of which there may be none yet.
        path: File that they are in, for messages.

    Raises:
        JournalError: a record is damaged, or a later version wrote it.
    """
    told: dict[str, Any] = {}
    for line, record in enumerate(records, start=1):
        node = Node(record, Origin(f"{path}, line {line}"))
        try:
            if line == 1:
                _check_head(node)
            elif record["event"] == "epoch":
                _check_epoch(node, told)
            elif record["event"] == "done":
                _check_done(node)
        except InputError as wrong:
            raise JournalError(f"{wrong} {_REMEDY}") from wrong


def _check_head(node: Node) -> None:
    if node.value["event"] != "training":
        raise node.complaint("it must be the record of a training.")
    schema = node.need("schema")
    if schema.value != TRAINING_SCHEMA and str(schema.value).startswith("vidnas."):
        raise schema.error(
            f"`schema` must be {TRAINING_SCHEMA}", hint=" A later vidnas wrote it."
        )
    schema.one_of(TRAINING_SCHEMA)
    identity = _mapping(node, "identity")
    identity.need("epochs").integer()
    if "recipe" in identity.value:
        try:
            Recipe.from_document(_mapping(identity, "recipe").value)
        except TypeError as wrong:
            raise node.complaint(f"`recipe` must be a recipe: {wrong}.") from wrong


def _check_epoch(node: Node, told: dict[str, Any]) -> None:
    """Epochs follow one another, and each tells what the first one told."""
    epoch = len(told.setdefault("epochs", [])) + 1
    if node.need("epoch").integer() != epoch:
        raise node.child("epoch").error(f"`epoch` must be {epoch}, the next")
    told["epochs"].append(epoch)
    for name in told.setdefault("names", set(node.value) - {"event", "time", "epoch"}):
        node.need(name).number(minimum=-float("inf"))


def _check_done(node: Node) -> None:
    measured = _mapping(node, "measured")
    for name, value in measured.value.items():
        found = measured.child(name)
        if name == "above_chance":
            found.flag()
            continue
        numbers = found.items() if isinstance(value, list) else [found]
        for number in numbers:
            number.number(minimum=-float("inf"))


def _mapping(node: Node, key: str) -> Node:
    found = node.need(key)
    if not isinstance(found.value, dict):
        raise found.error(f"`{found.label}` must be a mapping")
    return found

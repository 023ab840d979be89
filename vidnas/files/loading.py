"""What does a name or a file stand for? Spaces, architectures, latency tables."""

import json
from pathlib import Path

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import (
    published,
    published_classes,
    published_names,
)
from vidnas.architecture.reader import read_architecture
from vidnas.costs.latency.model import LatencyModel
from vidnas.costs.latency.table import LatencyTable, read_table
from vidnas.costs.network_cost import CLASSES
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, SpaceError
from vidnas.files.file_kind import ARCHITECTURE, SPACE, TABLE, require_kind
from vidnas.files.yaml_file import load_document, write_whole
from vidnas.space.reading import read_space
from vidnas.space.space import Space


def load_space(path: str | Path) -> Space:
    """The search space in a YAML file.

    Raises:
        SpaceError: the file cannot be read, or a value in it is wrong.
    """
    require_kind(Path(path), SPACE, SpaceError)
    node = load_document(Path(path), SpaceError)
    space = read_space(node)
    node.need("name").name()  # journals of before may hold spaces of other names
    return space


def load_architecture(name_or_file: str, *, stream: bool = False) -> Architecture:
    """A published network by name, or the architecture in a YAML file.

    Raises:
        InputError: no network has that name and no file is there, or a value in the
            file is wrong.
    """
    path = Path(name_or_file)
    named = name_or_file in published_names()
    if named or (not path.exists() and path.suffix not in (".yaml", ".yml")):
        return published(name_or_file, stream=stream)
    require_kind(path, ARCHITECTURE)
    architecture = read_architecture(load_document(path))
    return architecture.streaming() if stream else architecture


def classes_of(name_or_file: str) -> int:
    """Number of classes that a network's figures are for, as published or as found."""
    if name_or_file in published_names():
        return published_classes(name_or_file)
    found = load_document(Path(name_or_file)).get("found")
    return found.read("classes", Node.integer, CLASSES) if found else CLASSES


def save_table(table: LatencyTable, path: Path) -> None:
    """Writes a latency table, with one line per operator and per network."""
    document = table.to_document()
    facts = []
    for key, value in document.items():
        told = json.dumps(value)
        if key in ("operators", "networks") and value:
            told = "[\n" + ",\n".join(f"  {json.dumps(item)}" for item in value) + "\n]"
        facts.append(f'"{key}": {told}')
    write_whole(path, "{\n" + ",\n".join(facts) + "\n}\n")


def load_table(path: str | Path) -> LatencyTable:
    """The latency table in a file.

    Raises:
        InputError: the file cannot be read, or is not a latency table.
    """
    path = Path(path)
    require_kind(path, TABLE)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise InputError(f"{path} cannot be read: {wrong.strerror}.") from wrong
    except UnicodeDecodeError as wrong:
        raise InputError(f"{path} cannot be read: it is not UTF-8 text.") from wrong
    except json.JSONDecodeError as wrong:
        raise InputError(
            f"{path}, line {wrong.lineno} is not JSON, as a latency table must be: "
            f"{wrong.msg}."
        ) from wrong
    return read_table(Node(document, Origin(str(path))))


def load_latency(path: str | Path) -> LatencyModel:
    """The model of latency that the table in a file gives.

    Raises:
        InputError: the file is not a latency table, or holds no operators.
    """
    return LatencyModel.of(load_table(path))

"""What does a name or a file stand for? Spaces, architectures, latency tables."""

import json
from pathlib import Path

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import (
    published,
    published_names,
)
from vidnas.architecture.reader import read_architecture
from vidnas.costs.latency.model import LatencyModel
from vidnas.costs.latency.table import LatencyTable, read_table
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, SpaceError
from vidnas.files.file_kind import ARCHITECTURE, SPACE, TABLE, require_kind
from vidnas.files.shipped import SPACES, require_no_name, shipped_file
from vidnas.files.yaml_file import load_document
from vidnas.space.reading import read_space
from vidnas.space.space import Space
from vidnas.whole_file import write_whole


def load_space(path: str | Path) -> Space:
    """The search space in a YAML file, or one that vidnas ships, by its name.

    Raises:
        SpaceError: the file cannot be read, or a value in it is wrong.
    """
    path = Path(path)
    named = None if path.is_file() else shipped_file(SPACES, str(path))
    if named is None and not path.exists():
        require_no_name(SPACES, str(path), "space", SpaceError)
    file = named or path
    require_kind(file, SPACE, SpaceError)
    node = load_document(file, SpaceError)
    space = read_space(node)
    node.need("name").name()  # journals of before may hold spaces of other names
    return space


def load_architecture(
    name_or_file: str | Path, *, stream: bool = False
) -> Architecture:
    """A published network by name, or the architecture in a YAML file.

    It knows its `classes`: those that its published figures are for, or those that it
    was searched or trained with, where the file says so.

    Raises:
        InputError: no network has that name and no file is there, or a value in the
            file is wrong.
    """
    path, name = Path(name_or_file), str(name_or_file)
    named = name in published_names()
    if named or (not path.exists() and path.suffix not in (".yaml", ".yml")):
        return published(name, stream=stream)
    require_kind(path, ARCHITECTURE)
    architecture = read_architecture(load_document(path))
    return architecture.streaming() if stream else architecture


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
    except RecursionError as wrong:
        raise InputError(f"{path} nests too deeply to be read.") from wrong
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

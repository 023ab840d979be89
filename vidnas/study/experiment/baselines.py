"""Which networks is a search compared with? The `baselines` of an experiment file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import published, published_names
from vidnas.documents.node import Node
from vidnas.documents.suggestion import nearest
from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import load_document


@dataclass(frozen=True, slots=True)
class Baseline:
    """A network that a study trains beside its candidates, for comparison.

    Args:
        name: Name of the network in figures and tables.
        network: Published name or file, as the experiment spells it.
        architecture: The network, at the clip shape it is compared at.
    """

    name: str
    network: str
    architecture: Architecture

    def to_document(self) -> dict[str, Any]:
        """The baseline as plain data; the journal holds its layers once it began."""
        clip = self.architecture.clip
        return {
            "name": self.name,
            "network": self.network,
            "frames": clip.frames,
            "resolution": clip.resolution,
            "arch_id": self.architecture.arch_id,
        }


def read_baselines(node: Node, folder: Path) -> tuple[Baseline, ...]:
    """The baselines of an experiment, in its order.

    Args:
        node: A list of names, files, folders of files, and mappings; it may be empty.
        folder: Folder that file names are relative to.

    Raises:
        InputError: an item is no network, or is one that stands there already, or has
            the name of another.
    """
    if node.value == []:
        return ()
    found: list[Baseline] = []
    for item in listed_networks(node, folder):
        baseline = _baseline(item, folder)
        for number, other in enumerate(found):
            _require_other(item, baseline, f"`{node.label}[{number}]`", other)
        found.append(baseline)
    return tuple(found)


def listed_networks(node: Node, folder: Path) -> list[Node]:
    """The items of a list of networks; those of a family in place of its folder.

    Raises:
        InputError: it is no list, or a folder holds no network.
    """
    found: list[Node] = []
    for item in node.items():
        named = item.value if isinstance(item.value, str) else ""
        if not named or not (folder / named).is_dir():
            found.append(item)
            continue
        files = sorted((folder / named).glob("*.yaml"))
        if not files:
            raise item.error(f"`{item.label}` must be a folder of architecture files")
        spelled = (f"{named.rstrip('/')}/{file.name}" for file in files)
        found += [Node(name, item.origin, item.path) for name in spelled]
    return found


def _require_other(item: Node, new: Baseline, place: str, other: Baseline) -> None:
    """Two baselines are two networks with two names."""
    arch_id = new.architecture.arch_id
    if arch_id == other.architecture.arch_id:
        raise item.complaint(
            f"`{item.label}` must be another network than {place}, both are {arch_id}."
        )
    if new.name == other.name:
        raise item.complaint(
            f"`{item.label}` must have a `name` of its own, `{new.name}` is that of "
            f"{place}."
        )


def _baseline(item: Node, folder: Path) -> Baseline:
    if not isinstance(item.value, dict):
        return _network(item, folder)
    item.fields("network", "frames", "resolution", "name")
    plain = _network(item.need("network"), folder)
    return Baseline(
        name=item.read("name", Node.name, plain.name),
        network=plain.network,
        architecture=plain.architecture.at(
            item.read("frames", Node.integer, None),
            item.read("resolution", Node.integer, None),
        ),
    )


def _network(node: Node, folder: Path) -> Baseline:
    """The network that a text names, called as it calls itself."""
    network, names = node.value, published_names()
    if network in names:
        return Baseline(network, network, published(network))
    if not isinstance(network, str) or not (folder / network).is_file():
        raise node.error(
            f"`{node.label}` must be a published network or an architecture file "
            "relative to the experiment's",
            hint=nearest(network, names),
        )
    file = folder / network
    return Baseline(_file_name(file), network, load_architecture(str(file)))


def _file_name(file: Path) -> str:
    """`quickstart-a2` for a member of a family, whose file says so; else its stem."""
    found = load_document(file).get("found")
    if found is None or not isinstance(found.value, dict):
        return file.stem
    # Files of before spell the size `rung`.
    words = (found.read(key, Node.text, "") for key in ("study", "size", "rung"))
    return "-".join(filter(None, words)) or file.stem

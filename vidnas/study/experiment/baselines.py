"""Which networks is a search compared with? The `baselines` of an experiment file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import published, published_names
from vidnas.budgets.price import BUDGETED
from vidnas.documents.node import Node
from vidnas.documents.quantity import unit_of
from vidnas.documents.suggestion import nearest
from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import load_document

EACH_SIZE = "ladder"  # `within: ladder` scales to each size of the family
STREAM = ".stream"  # what the file of a streaming twin ends with


@dataclass(frozen=True, slots=True)
class Baseline:
    """A network that a study trains beside its candidates, for comparison.

    Args:
        name: Name of the network in figures and tables.
        network: Published name or file, as the experiment spells it.
        architecture: The network, at the clip shape it is compared at.
        within: Budgets by cost that its widths and depths are scaled to, where that is
            still to be done; see `vidnas.study.experiment.scaled_baselines`.
        each_size: Whether it is scaled to the budgets of each size of the family.
        factors: Factors that it was scaled by; empty for as published.
    """

    name: str
    network: str
    architecture: Architecture
    within: tuple[tuple[str, float], ...] = ()
    each_size: bool = False
    factors: tuple[tuple[str, float], ...] = ()

    def to_document(self) -> dict[str, Any]:
        """The baseline as plain data; the journal holds its layers once it began."""
        clip = self.architecture.clip
        return {
            "name": self.name,
            "network": self.network,
            "frames": clip.frames,
            "resolution": clip.resolution,
            "arch_id": self.architecture.arch_id,
            **({"scaled": dict(self.factors)} if self.factors else {}),
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
        every = sorted((folder / named).glob("*.yaml"))
        files = [file for file in every if not file.stem.endswith(STREAM)]  # twins
        if not files:
            raise item.error(f"`{item.label}` must be a folder of architecture files")
        spelled = (f"{named.rstrip('/')}/{file.name}" for file in files)
        found += [Node(name, item.origin, item.path) for name in spelled]
    return found


def _require_other(item: Node, new: Baseline, place: str, other: Baseline) -> None:
    """Two baselines are two networks with two names."""
    arch_id = new.architecture.arch_id
    one, two = ((b.within, b.each_size) for b in (new, other))
    if arch_id == other.architecture.arch_id and one == two:
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
    item.fields("network", "frames", "resolution", "name", "within")
    plain = _network(item.need("network"), folder)
    within = item.get("within")
    each_size = within is not None and within.value == EACH_SIZE
    budgets = () if within is None or each_size else _budgets(within)
    suffix = "" if within is None or each_size else "-scaled"
    return Baseline(
        name=item.read("name", Node.name, f"{plain.name}{suffix}"),
        within=budgets,
        each_size=each_size,
        network=plain.network,
        architecture=plain.architecture.at(
            item.read("frames", Node.integer, None),
            item.read("resolution", Node.integer, None),
        ),
    )


def _budgets(node: Node) -> tuple[tuple[str, float], ...]:
    """`{flops: 8 M}`: budgets that a baseline is scaled to, or `ladder`."""
    if not isinstance(node.value, dict) or not node.value:
        raise node.error(
            f"`{node.label}` must be `{EACH_SIZE}` or budgets such as {{flops: 8 M}}"
        )
    node.fields(*BUDGETED)
    return tuple(
        (name, node.child(name).quantity(unit_of(name))) for name in node.value
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

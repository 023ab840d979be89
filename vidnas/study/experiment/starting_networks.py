"""Which networks does a search begin with? The `seeds` of an experiment file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.budgets.budget import Budgets
from vidnas.documents.node import Node
from vidnas.errors import InfeasibleError, SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.space import Space
from vidnas.study.experiment.baselines import (
    Baseline,
    listed_networks,
    read_baselines,
)


@dataclass(frozen=True, slots=True)
class StartingNetwork:
    """A network that a strategy's own proposals come after.

    Args:
        network: Network as the experiment names it.
        candidate: Candidate of the searched space that is this network.
        place: File and line that name it.
    """

    network: Baseline
    candidate: Candidate
    place: str

    def to_document(self) -> dict[str, Any]:
        """The network as plain data."""
        return self.network.to_document()


def read_starting_networks(
    node: Node, space: Space, folder: Path
) -> tuple[StartingNetwork, ...]:
    """The starting networks of an experiment, in its order.

    Args:
        node: A list of names, files, folders and mappings, as of baselines.
        space: Space that must hold them.
        folder: Folder that file names are relative to.

    Raises:
        InputError: an item is no network, stands there twice, or is not in the space;
            the last says which choice excludes it.
    """
    networks = read_baselines(node, folder)
    items = listed_networks(node, folder) if networks else []
    return tuple(
        _starting_network(item, network, space)
        for item, network in zip(items, networks, strict=True)
    )


def require_within(networks: Sequence[StartingNetwork], budgets: Budgets) -> None:
    """Raises where a starting network would never be proposed.

    What a worker holds is the machine's, not the experiment's: one that would not
    fit there is left out where the search runs.

    Raises:
        InfeasibleError: a network breaks a hard budget.
    """
    for network in networks:
        broken = [
            n for n in exceeded_budgets(network, budgets) if n != "workers.memory"
        ]
        if broken:
            raise InfeasibleError(
                f"{network.place}: starting network {network.network.name} must be "
                f"within the budgets, it breaks {', '.join(broken)}."
            )


def exceeded_budgets(network: StartingNetwork, budgets: Budgets) -> tuple[str, ...]:
    """Labels of the hard budgets that a network breaks."""
    return budgets.broken(network.network.architecture)


def _starting_network(node: Node, network: Baseline, space: Space) -> StartingNetwork:
    try:
        candidate = space.encode(network.architecture)
    except SpaceError as wrong:
        raise node.complaint(
            f"`{node.label}` must be a network of the space. {wrong}"
        ) from wrong
    return StartingNetwork(network, candidate, node.origin.place(node.path))

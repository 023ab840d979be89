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
from vidnas.study.experiment.baselines import Baseline, read_baselines


@dataclass(frozen=True, slots=True)
class Seed:
    """A network that a strategy's own proposals come after.

    Args:
        network: As the experiment names it.
        candidate: The same in the space that is searched.
        place: File and line that name it.
    """

    network: Baseline
    candidate: Candidate
    place: str

    def to_document(self) -> dict[str, Any]:
        """The seed as plain data."""
        return self.network.to_document()


def read_seeds(node: Node, space: Space, folder: Path) -> tuple[Seed, ...]:
    """The seeds of an experiment, in its order.

    Args:
        node: A list as of baselines: names, files and mappings.
        space: Which must hold them.
        folder: What files are relative to.

    Raises:
        InputError: an item is no network, stands there twice, or is not in the space;
            the last says which choice excludes it.
    """
    networks = read_baselines(node, folder)
    return tuple(
        _seed(node.child(number), network, space)
        for number, network in enumerate(networks)
    )


def require_within(seeds: Sequence[Seed], budgets: Budgets) -> None:
    """Raises where a seed would never be proposed.

    What a worker holds is the machine's, not the experiment's: a seed that would not
    fit there is left out where the search runs.

    Raises:
        InfeasibleError: a seed breaks a hard budget.
    """
    for seed in seeds:
        broken = [n for n in exceeded(seed, budgets) if n != "workers.memory"]
        if broken:
            raise InfeasibleError(
                f"{seed.place}: seed {seed.network.name} must be within the budgets, "
                f"it breaks {', '.join(broken)}."
            )


def exceeded(seed: Seed, budgets: Budgets) -> tuple[str, ...]:
    """Labels of the hard budgets that a seed breaks."""
    return budgets.broken(seed.network.architecture)


def _seed(node: Node, network: Baseline, space: Space) -> Seed:
    try:
        candidate = space.find(network.architecture)
    except SpaceError as wrong:
        raise node.complaint(
            f"`{node.label}` must be a network of the space. {wrong}"
        ) from wrong
    return Seed(network, candidate, node.origin.place(node.path))

"""Which nodes of a cluster get trials? All but those whose surroundings break them.

A node without the clips fails every trial within seconds, so it would take them all.
"""

from collections import Counter
from collections.abc import Callable, Mapping

BREAKS = 2  # in a row, after which a node gets no more trials


class Nodes:
    """The nodes of one run.

    Args:
        usable: Function that gives the addresses of nodes that are up and hold a
            worker, by their ids.
    """

    def __init__(self, usable: Callable[[], Mapping[str, str]]) -> None:
        self._usable = usable
        self._breaks: Counter[str] = Counter()

    def at(self, address: str) -> str:
        """Id of the one node at an address; empty where there is none, or several."""
        found = [node for node, its in self._usable().items() if its == address]
        return found[0] if len(found) == 1 else ""

    def worked(self, node: str) -> None:
        """Takes note of a trial that was done on a node."""
        del self._breaks[node]

    def broke(self, node: str) -> bool:
        """Takes note of a trial that a node's surroundings broke.

        Args:
            node: Id of the node; empty where that is not known.

        Returns:
            Whether there is another node to try it on.
        """
        if not node:
            return False
        self._breaks[node] += 1
        return bool(self._usable().keys() - {node} - self._broken())

    def avoided(self) -> list[str]:
        """Nodes that get no trials; none where no other would be left."""
        broken = self._broken()
        return sorted(broken) if self._usable().keys() - broken else []

    def _broken(self) -> set[str]:
        return {node for node, count in self._breaks.items() if count >= BREAKS}

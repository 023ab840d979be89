"""Which nodes of a cluster get trials? All but those that break them, or will go.

A node without the clips fails every trial within seconds, so it would take them all.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Set

BREAKS = 2  # in a row, after which a node gets no more trials
_NONE: frozenset[str] = frozenset()


class Nodes:
    """The nodes of one run.

    Args:
        usable: Function that gives the addresses of nodes that are up and hold a
            worker, by their ids.
        draining: Function that gives the ids of nodes that are up but will go.
        answers: Function that tells whether the node of an id is up.
    """

    def __init__(
        self,
        usable: Callable[[], Mapping[str, str]],
        draining: Callable[[], Set[str]] = lambda: _NONE,
        answers: Callable[[str], bool] = lambda node: True,
    ) -> None:
        self._usable = usable
        self.draining = draining
        self._answers = answers
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
        others = self._usable().keys() - {node}
        return bool(others - self._broken() - self.draining())

    def avoided(self) -> list[str]:
        """Nodes that get no trials: all that will go, and, if others are left, broken.

        Where every node will go, trials wait for another.
        """
        broken, draining = self._broken(), self.draining()
        are_left = broken and self._usable().keys() - broken - draining
        return sorted(draining | broken if are_left else draining)

    def is_lost(self, node: str) -> bool:
        """Whether a node is gone, and with it whatever ran there."""
        return bool(node) and not self._answers(node)

    def _broken(self) -> set[str]:
        return {node for node, count in self._breaks.items() if count >= BREAKS}

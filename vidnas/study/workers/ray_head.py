"""Does the head of the cluster answer, and what does it say of the nodes?

A thread asks it every second. Ray itself ends a whole process whose head is gone for a
minute, or was restarted, so the search has to know before, and to end by itself.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

# First, because it sets what Ray reads when it is imported.
import vidnas.study.workers.ray_session

# isort: split
import ray

assert vidnas.study.workers.ray_session
ASK_SECONDS = 1.0  # between two questions
ANSWER_SECONDS = 3.0  # that an answer may take
SILENT_SECONDS = 30.0  # after which a head is lost; Ray's own limit is 60
_ALIVE = 0  # of `GcsNodeInfo.state`


class Head:
    """The head of the cluster that this process is in; a context manager.

    Args:
        client: Ray's client of the head; None for the one of this process.
        clock: Function that tells seconds, from any moment on.
    """

    def __init__(
        self, client: Any = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client or ray._private.worker.global_worker.gcs_client
        self._clock = clock
        self._heard = clock()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._draining: frozenset[str] = frozenset()
        self._nodes: dict[str, Mapping[str, Any]] = {}
        self.lost = ""  # why the search cannot go on; empty while it can

    def __enter__(self) -> Self:
        self.ask()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.set()
        self._thread.join(ASK_SECONDS)

    def nodes(self) -> list[Mapping[str, Any]]:
        """The nodes as last heard of, those gone included, as `ray.nodes()` has it."""
        return list(self._nodes.values())

    def draining(self) -> frozenset[str]:
        """Ids of the nodes that are up but will go."""
        return self._draining

    def answers(self, node: str) -> bool:
        """Whether a node is up; asked of the node itself, since the head hears late."""
        known = self._nodes.get(node)
        if known is None:
            return True  # nothing speaks against it
        return bool(known["Alive"]) and _answers(
            known["NodeManagerAddress"], known["NodeManagerPort"]
        )

    def ask(self, *, is_patient: bool = True) -> None:
        """Asks once, and takes note of the answer or of its absence.

        Args:
            is_patient: Whether a head may be silent for a while before it is lost.
        """
        try:
            found = self._client.get_all_node_info(timeout=ANSWER_SECONDS)
            draining = self._client.get_draining_nodes(timeout=ANSWER_SECONDS)
        except ray.exceptions.AuthenticationError:  # that of a new cluster
            self._lose("it was restarted and knows no worker of before")
        except (ray.exceptions.RayError, OSError):
            silent = self._clock() - self._heard
            if silent >= SILENT_SECONDS or not is_patient:
                self._lose(f"it has not answered for {silent:.0f} s")
        else:
            self._heard = self._clock()
            facts = [_facts(node) for node in found.values()]
            self._nodes = {str(node["NodeID"]): node for node in facts}
            self._draining = frozenset(
                key if isinstance(key, str) else key.hex() for key in draining
            )

    def _lose(self, why: str) -> None:
        self.lost = self.lost or (
            f"The head of the Ray cluster at {self._client.address} must stay up, "
            f"{why}. What was finished is kept; the same command goes on once a "
            "cluster is up."
        )

    def _run(self) -> None:
        while not self.lost and not self._ends.wait(ASK_SECONDS):
            self.ask()


def _facts(node: Any) -> dict[str, Any]:
    """What is asked of a node, by the names that `ray.nodes()` has for it."""
    return {
        "NodeID": node.node_id.hex(),
        "Alive": node.state == _ALIVE,
        "Resources": dict(node.resources_total),
        "Labels": dict(node.labels),
        "NodeManagerAddress": node.node_manager_address,
        "NodeManagerPort": node.node_manager_port,
    }


def _answers(host: str, port: int) -> bool:
    """Whether a server says anything at all, be it that it speaks in cipher."""
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS) as asked:
            asked.sendall(vidnas.study.workers.ray_session.GREETING)
            asked.recv(1)
    except ConnectionResetError:  # it had something against the greeting
        return True
    except (OSError, OverflowError):
        return False
    return True

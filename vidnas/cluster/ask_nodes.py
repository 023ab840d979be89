"""What are the nodes of a running Ray cluster like? Each is asked by a task on it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# First, because it sets what Ray reads when it is imported.
from vidnas.study.workers.ray_session import Needs, Session

# isort: split
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from vidnas.cluster import node_facts
from vidnas.cluster.checks import Check, Machine

PATIENCE_SECONDS = 420.0  # that a node has to answer: TensorFlow from a slow disk
_HEAD = "node:__internal_head__"


@contextmanager
def joined(address: str) -> Iterator[None]:
    """A scope on a running cluster.

    Raises:
        InputError: none answers at `address`.
    """
    with Session({"": Needs(0, 0.0, None)}, address):
        yield


def ask_nodes(
    asked: dict[str, Any], gpus: float = 0.0, patience: float = PATIENCE_SECONDS
) -> tuple[list[Machine], list[Check]]:
    """Every node that is up, and a failed check for each that does not answer.

    Args:
        asked: What to look at, as `node_facts.look` takes it.
        gpus: GPUs of a worker that has some, which the task takes where they are.
        patience: The longest to wait for all of them [s].
    """
    ray.cloudpickle.register_pickle_by_value(node_facts)
    nodes = [node for node in ray.nodes() if node["Alive"]]
    tasks = {
        _task(node, gpus).remote({**asked, "node": _id(node)}): node for node in nodes
    }
    ready, late = ray.wait(list(tasks), num_returns=len(tasks), timeout=patience)
    machines, failed = [], [_silent(tasks[one], patience) for one in late]
    for task in ready:
        node = tasks[task]
        try:
            facts = ray.get(task)
        except ray.exceptions.RayError as wrong:
            failed.append(_broken(node, wrong))
            continue
        machines.append(
            Machine(
                _name(node),
                facts,
                node["Resources"],
                _HEAD in node["Resources"],
                _skew(node),
                _is_seen(asked, node),
            )
        )
    return sorted(machines, key=lambda m: (not m.is_head, m.name)), failed


def _task(node: dict[str, Any], gpus: float) -> Any:
    return _on(node_facts.look, node, min(gpus, node["Resources"].get("GPU", 0.0)))


def _on(function: Callable[..., Any], node: dict[str, Any], gpus: float = 0.0) -> Any:
    """The function as a task of a node."""
    where = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    return ray.remote(
        num_cpus=0, num_gpus=gpus, max_retries=0, scheduling_strategy=where
    )(function)


def _skew(node: dict[str, Any]) -> float:
    """Seconds that a clock is certainly off: what the way there cannot explain."""
    task = _on(node_facts.now, node)
    before = time.time()
    try:
        there = float(ray.get(task.remote(), timeout=30.0))
    except ray.exceptions.RayError:
        return 0.0
    after = time.time()
    return there - after if there > after else min(0.0, there - before)


def _is_seen(asked: dict[str, Any], node: dict[str, Any]) -> bool | None:
    """Whether what the node wrote into the study folder is here."""
    if not asked.get("study"):
        return None
    written = Path(asked["study"]) / f"{asked['marker'][0]}-{_id(node)}"
    try:
        return written.read_text(encoding="utf-8") == _id(node)
    except OSError:
        return False


def _id(node: dict[str, Any]) -> str:
    return str(node["NodeID"])


def _name(node: dict[str, Any]) -> str:
    return f"{node['NodeManagerHostname']} {_id(node)[:6]}"


def _silent(node: dict[str, Any], patience: float) -> Check:
    found = f"no answer in {patience:g} s"
    remedy = "look into Ray's logs there, in /tmp/ray/session_latest/logs"
    return Check("fail", "node", _name(node), found, "it runs a task", remedy)


def _broken(node: dict[str, Any], wrong: BaseException) -> Check:
    lines = [line for line in str(wrong).splitlines() if line.strip()]
    found = lines[-1].strip()[:300] if lines else type(wrong).__name__
    remedy = "look into Ray's logs there, in /tmp/ray/session_latest/logs"
    return Check("fail", "node", _name(node), found, "it runs a task", remedy)

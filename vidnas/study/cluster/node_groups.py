"""Which machines do the workers of an experiment take? Groups of machines alike."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from vidnas.errors import InputError
from vidnas.study.experiment.workers import WorkerGroup, Workers
from vidnas.study.workers.machine import PROCESS_BYTES

NODE_BYTES = 2**30  # for Ray itself on each machine, its store included


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Machines that are alike, and what Ray may take of each.

    Args:
        name: Name of the group; empty where there is one.
        nodes: Number of machines.
        each: Workers on each.
        cpus: Cores of each.
        gpus: GPUs of each.
        memory: Memory of each [bytes]; None where nothing says it.
        resources: Ray's own resources of each, by name.
        labels: Ray's labels of each, by name.
    """

    name: str
    nodes: int
    each: int
    cpus: int
    gpus: int
    memory: int | None
    resources: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NodeShape:
    """What a user says of machines; None for what the workers decide.

    Args:
        nodes: Number of machines.
        cpus: Cores of each.
        gpus: GPUs of each.
        memory: Memory of each [bytes].
    """

    nodes: int | None = None
    cpus: int | None = None
    gpus: int | None = None
    memory: int | None = None


def node_groups(workers: Workers, shape: NodeShape) -> tuple[NodeGroup, ...]:
    """The machines of each group of workers.

    Args:
        workers: Workers as the experiment has them.
        shape: What a user says of the machines.

    Raises:
        InputError: the GPUs of a worker are left to the machine, a machine holds no
            worker, or one number of machines is given for several groups.
    """
    groups = workers.groups
    if shape.nodes is not None and len(groups) > 1:
        raise InputError(
            "`--nodes` must be left out where `workers` has groups, which say how many "
            f"machines each takes; got {shape.nodes} for {len(groups)} groups."
        )
    return tuple(_of(group, shape) for group in groups)


def _of(group: WorkerGroup, shape: NodeShape) -> NodeGroup:
    if group.gpus is None:
        raise InputError(
            "`workers.gpus: auto` must be a number for a cluster, such as 0.5: nobody "
            "knows its machines yet."
        )
    each = _each(group, shape)
    if each < 1:
        raise InputError(
            f"A machine must hold a worker of {group.cpus} cores and {group.gpus:g} "
            f"GPUs, got {_said(shape)}."
        )
    nodes = shape.nodes or math.ceil(group.count / each)
    gpus = shape.gpus if shape.gpus is not None else math.ceil(each * group.gpus)
    memory = shape.memory
    if memory is None and group.memory is not None and not group.gpus:
        memory = int(each * (group.memory + PROCESS_BYTES)) + NODE_BYTES
    return NodeGroup(
        group.name,
        nodes,
        each,
        shape.cpus or each * group.cpus,
        gpus if group.gpus else 0,
        memory,
        {name: each * amount for name, amount in group.resources.items()},
        dict(group.labels),
    )


def _each(group: WorkerGroup, shape: NodeShape) -> int:
    """Workers on each machine: what is said of it holds so many, at most all."""
    bounds: list[int] = []
    if shape.nodes is not None:
        bounds.append(math.ceil(group.count / shape.nodes))
    if shape.cpus is not None:
        bounds.append(shape.cpus // group.cpus)
    if group.gpus and shape.gpus is not None:
        bounds.append(int(shape.gpus / group.gpus + 1e-9))
    if bounds:
        return min(bounds)
    share = group.gpus or 0.0
    return int(1 / share + 1e-9) if 0 < share < 1 else 1


def _said(shape: NodeShape) -> str:
    said = [] if shape.cpus is None else [f"{shape.cpus} cores"]
    said += [] if shape.gpus is None else [f"{shape.gpus} GPUs"]
    return " and ".join(said) or "one without"

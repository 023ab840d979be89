"""How many workers train side by side, of which kinds, and within which limits?

`workers` of an experiment file is one group (a mapping), a list of named groups, or a
mapping with `groups` and the limits that hold for trials on all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from vidnas.documents.node import Node
from vidnas.documents.visible_text import name_fault

AUTO = "auto"  # what the machine gives

_GROUP = (
    "count",
    "cpus",
    "gpus",
    "memory",
    "resources",
    "labels",
    "hourly_cost",
)
_LIMITS = ("trial_hours", "stalled_minutes")
_ALWAYS = ("count", "cpus", "gpus", "memory")  # in documents, `auto` where unknown


@dataclass(frozen=True, slots=True)
class WorkerGroup:
    """Workers that are alike.

    Args:
        name: Name of the group; empty where it is the only one and has none.
        count: Number of workers.
        cpus: Cores of each.
        gpus: GPUs of each; a fraction shares one, and several train one network
            together. None for what the machine has.
        memory: The most a training may take in each [bytes], of the GPU where it has
            one; None for its share of the machine.
        resources: Custom resources of Ray that each takes of its node.
        labels: Labels of Ray that the node of each has.
        hourly_cost: Price of one worker for an hour, in any currency; None where it is
            not known.
    """

    name: str = ""
    count: int = 2
    cpus: int = 1
    gpus: float | None = 0.0
    memory: float | None = None
    resources: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    hourly_cost: float | None = None

    def to_document(self) -> dict[str, Any]:
        """The group as plain data, without what is not stated."""
        facts = asdict(self)
        stated = {key: AUTO if facts[key] is None else facts[key] for key in _ALWAYS}
        named = {"name": self.name} if self.name else {}
        others = {
            key: facts[key]
            for key in ("resources", "labels", "hourly_cost")
            if facts[key] not in (None, {})
        }
        return {**named, **stated, **others}


@dataclass(frozen=True, slots=True)
class Workers:
    """All workers of a study.

    Args:
        groups: Groups of workers that are alike, at least one.
        trial_hours: The most a trial may take [h]; None for any time.
        stalled_minutes: The most a trial may take for one step [min]; None for any
            time.
    """

    groups: tuple[WorkerGroup, ...] = (WorkerGroup(),)
    trial_hours: float | None = None
    stalled_minutes: float | None = None

    @classmethod
    def alike(cls, **facts: Any) -> "Workers":
        """Workers of one group, which has these `facts`."""
        return cls((WorkerGroup(**facts),))

    @property
    def count(self) -> int:
        """Number of workers of all groups."""
        return sum(group.count for group in self.groups)

    @property
    def memory(self) -> float | None:
        """The most a training may take in the largest worker [bytes]; None for any."""
        known = [group.memory for group in self.groups if group.memory is not None]
        return max(known) if len(known) == len(self.groups) else None

    @property
    def has_gpus(self) -> bool:
        """Whether a worker may have a GPU."""
        return any(group.gpus != 0.0 for group in self.groups)

    @property
    def gpus_of_a_training(self) -> int:
        """GPUs that share a batch at least, in any group; 1 where one has it whole."""
        return min(max(1, int(group.gpus or 0.0)) for group in self.groups)

    def __getitem__(self, name: str) -> WorkerGroup:
        """The group of a name."""
        return next(group for group in self.groups if group.name == name)

    def to_document(self) -> dict[str, Any]:
        """The workers as plain data: one group as itself, several as a list."""
        limits = {
            key: value for key in _LIMITS if (value := getattr(self, key)) is not None
        }
        documents = [group.to_document() for group in self.groups]
        if len(documents) == 1 and not self.groups[0].name:
            return {**documents[0], **limits}
        return {"groups": documents, **limits}


def read_workers(node: Node) -> Workers:
    """`workers` of an experiment file.

    Raises:
        InputError: a key or value is wrong; the message names file and line.
    """
    if isinstance(node.value, list):
        return Workers(_groups(node))
    if isinstance(node.value, dict) and "groups" in node.value:
        node.fields("groups", *_LIMITS)
        groups = _groups(node.need("groups"))
    else:
        node.fields(*_GROUP, *_LIMITS)
        groups = (_group(node),)
    hours, minutes = (node.read(key, _positive, None) for key in _LIMITS)
    return Workers(groups, hours, minutes)


def _groups(node: Node) -> tuple[WorkerGroup, ...]:
    if node.value == []:
        raise node.complaint(f"`{node.label}` must have at least one group, got none.")
    groups: dict[str, WorkerGroup] = {}
    for item in node.items():
        item.fields("name", *_GROUP)
        named = item.need("name")
        name = named.name()
        if name in groups:
            raise named.error(f"names of `{node.label}` must differ")
        groups[name] = replace(_group(item), name=name)
    return tuple(groups.values())


def _group(node: Node) -> WorkerGroup:
    return WorkerGroup(
        count=node.read("count", Node.integer, 2),
        cpus=node.read("cpus", Node.integer, 1),
        gpus=_unless_auto(node, "gpus", _gpus, 0.0),
        memory=_unless_auto(node, "memory", Node.byte_count, None),
        resources=node.read("resources", _resources, {}),
        labels=node.read("labels", _labels, {}),
        hourly_cost=node.read("hourly_cost", Node.number, None),
    )


def _unless_auto(
    node: Node, key: str, reader: Callable[[Node], float], default: float | None
) -> float | None:
    found = node.get(key)
    if found is None:
        return default
    return None if found.value == AUTO else reader(found)


def _gpus(node: Node) -> float:
    value = node.number()
    if value > 1 and value % 1:
        raise node.error(f"`{node.label}` must be a whole number, or below 1")
    return value


def _positive(node: Node) -> float:
    value = node.number()
    if not value:
        raise node.error(f"`{node.label}` must be a positive number")
    return value


# What `cpus`, `gpus` and `memory` state already.
_RAYS_OWN = {"CPU": "cpus", "GPU": "gpus", "memory": "memory"}


def _resources(node: Node) -> dict[str, float]:
    found = {}
    for key, item in _named(node):
        if key in _RAYS_OWN:
            raise item.complaint(
                f"`{key}` of `{node.label}` is what `{_RAYS_OWN[key]}` states."
            )
        found[key] = _positive(item)
        if found[key] > 1 and found[key] % 1:
            raise item.error(f"`{item.label}` must be a whole number, or below 1")
    return found


def _labels(node: Node) -> dict[str, str]:
    found = {}
    for key, item in _named(node):
        found[key] = item.text()
        fault = name_fault(found[key])
        if fault:
            raise item.error(f"`{item.label}` {fault}")
    return found


def _named(node: Node) -> list[tuple[str, Node]]:
    """The items of a mapping whose keys are printable names."""
    if not isinstance(node.value, dict):
        raise node.error(f"`{node.label}` must be a mapping")
    for key in node.value:
        # Ray's own names have a slash: `ray.io/accelerator-type`.
        if not isinstance(key, str) or name_fault(key.replace("/", "-")):
            raise node.child(key).complaint(
                f"keys of `{node.label}` must be printable names, got `{key}`."
            )
    return [(key, node.child(key)) for key in node.value]

"""What was measured on a device? Operators and whole networks, with their times."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA, Architecture
from vidnas.architecture.reader import read_architecture
from vidnas.costs.latency.operators import BEHIND, KINDS, SHAPE
from vidnas.documents.node import Node

LATENCY_SCHEMA = "vidnas.latency/v1"
_FACTS = ("name", "runtime", "processor", "threads", "tensorflow", "date")


@dataclass(frozen=True, slots=True)
class TimedOperator:
    """An operator, and its time when it runs alone.

    Args:
        kind: One of `KINDS`.
        shape: Values of the fields of `SHAPE`.
        ms: Median time [ms].
    """

    kind: str
    shape: tuple[int, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class TimedNetwork:
    """A network, and the time of one clip through it.

    Args:
        architecture: Architecture of the network.
        classes: Outputs of its classifier.
        ms: Median time of one clip [ms].
    """

    architecture: Architecture
    classes: int
    ms: float


@dataclass(frozen=True, slots=True)
class LatencyTable:
    """What was measured on one device with one runtime.

    Args:
        device: Facts of the device: name, runtime, processor, threads, version, date.
        reference_ms: Time of the reference operator, to which all others are scaled
            [ms].
        operators: Operators measured alone.
        networks: Networks measured whole.
    """

    device: Mapping[str, Any]
    reference_ms: float
    operators: tuple[TimedOperator, ...] = field(default=(), repr=False)
    networks: tuple[TimedNetwork, ...] = field(default=(), repr=False)

    def with_operators(self, more: "tuple[TimedOperator, ...]") -> "LatencyTable":
        """The table with more operators."""
        return replace(self, operators=(*self.operators, *more))

    def with_networks(self, more: "tuple[TimedNetwork, ...]") -> "LatencyTable":
        """The table with more networks."""
        return replace(self, networks=(*self.networks, *more))

    def to_document(self) -> dict[str, Any]:
        """The table as plain data."""
        return {
            "schema": LATENCY_SCHEMA,
            "device": dict(self.device),
            "reference_ms": self.reference_ms,
            "shape": list(SHAPE),
            "operators": [[o.kind, *o.shape, round(o.ms, 6)] for o in self.operators],
            "networks": [
                {
                    "ms": round(network.ms, 6),
                    "classes": network.classes,
                    "architecture": _document(network.architecture),
                }
                for network in self.networks
            ],
        }


def read_table(node: Node) -> LatencyTable:
    """The table in a document.

    Raises:
        InputError: a value is wrong.
    """
    node.fields("schema", "device", "reference_ms", "shape", "operators", "networks")
    node.need("schema").one_of(LATENCY_SCHEMA)
    if node.need("shape").value != list(SHAPE):
        raise node.child("shape").error(f"`shape` must be {', '.join(SHAPE)}")
    facts = node.need("device").fields(*_FACTS)
    for name in _FACTS:
        facts.need(name)
    return LatencyTable(
        device=dict(facts.value),
        reference_ms=_ms(node.need("reference_ms")),
        operators=tuple(map(_operator, _items(node.need("operators")))),
        networks=tuple(map(_network, _items(node.need("networks")))),
    )


def _items(node: Node) -> list[Node]:
    return list(node.items()) if node.value != [] else []


def _operator(node: Node) -> TimedOperator:
    length = len(SHAPE) + 2
    if not isinstance(node.value, list) or len(node.value) != length:
        raise node.error(f"`{node.label}` must be a list of {length}")
    kind, *shape, ms = node.items()
    numbers = tuple(number.integer(0, 2**40) for number in shape)
    if numbers[SHAPE.index("behind")] >= len(BEHIND):
        raise node.error(f"`behind` of `{node.label}` must be below {len(BEHIND)}")
    if min(numbers[:-2]) < 1:
        raise node.error(f"sizes in `{node.label}` must be at least 1")
    return TimedOperator(kind.one_of(*KINDS), numbers, _ms(ms))


def _network(node: Node) -> TimedNetwork:
    node.fields("ms", "classes", "architecture")
    return TimedNetwork(
        read_architecture(node.need("architecture")),
        node.need("classes").integer(),
        _ms(node.need("ms")),
    )


def _ms(node: Node) -> float:
    ms = node.number()
    if ms <= 0:
        raise node.error(f"`{node.label}` must be above 0 ms")
    return ms


def _document(architecture: Architecture) -> dict[str, Any]:
    return {"schema": ARCHITECTURE_SCHEMA, **architecture.to_document()}

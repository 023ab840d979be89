"""Which budgets and filters does an experiment state? Numbers, or names of things."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import published_names
from vidnas.budgets.budget import Budget
from vidnas.budgets.price import BUDGETED, FILTERED, LATENCY, Price
from vidnas.documents.node import Node
from vidnas.documents.quantity import BYTES, parse_quantity, unit_of
from vidnas.documents.suggestion import nearest
from vidnas.files.loading import load_architecture

_SHARE = re.compile(r"([0-9]+(?:\.[0-9]*)?)\s*(gpu|worker)s?")


@dataclass(frozen=True, slots=True)
class StatedBudget:
    """A budget or filter as a file states it.

    Args:
        name: Cost or score.
        maximum: The most, in numbers; None while only `thing` says it.
        minimum: Least that a filter lets pass.
        soft: Whether it weighs and refuses nothing.
        thing: Whose cost the maximum is, as spelled: `movinet-a0`, `0.5 gpu`.
        network: Architecture of the thing, where it is a network.
        place: Place in the file, for errors.
    """

    name: str
    maximum: float | None = None
    minimum: float = -math.inf
    soft: bool = False
    thing: str = ""
    network: Architecture | None = field(default=None, repr=False)
    place: Node | None = field(default=None, repr=False, compare=False)

    def with_number(
        self, price: Price, worker: float | None, gpu: float | None
    ) -> "StatedBudget":
        """The budget with its maximum in numbers, whatever thing it names.

        Args:
            price: Price of a network.
            worker: Memory of a worker [bytes], or None where it is not known.
            gpu: Memory of a GPU of the workers [bytes], or None where there is none.

        Raises:
            InputError: the thing is not there.
        """
        if self.maximum is not None:
            return self
        if self.network is not None:
            cost = price.one(self.network, [self.name])[self.name]
            return replace(self, maximum=float(cost))
        assert self.place is not None, "things are read from files"
        share = _SHARE.fullmatch(self.thing)
        assert share is not None, "read as one"
        unit = {"gpu": gpu, "worker": worker}[share[2]]
        if unit is None:
            missing = {
                "gpu": "needs a GPU of this machine, there is none",
                "worker": "needs `workers.memory` in numbers, which is not known",
            }
            raise self.place.complaint(
                f"`{self.place.label}`: `{self.thing}` {missing[share[2]]}."
            )
        return replace(self, maximum=float(share[1]) * unit)

    def limit(self) -> Budget:
        """The budget, once its maximum is a number."""
        assert self.maximum is not None, "no thing is left to look up"
        return Budget(
            self.name,
            self.maximum,
            soft=self.soft,
            minimum=self.minimum,
            thing=self.thing,
        )

    def to_document(self) -> Any:
        """A number where that says it all, or a mapping."""
        most = self.thing if self.maximum is None else self.maximum
        facts: dict[str, Any] = {}
        if self.minimum > -math.inf:
            facts["min"] = self.minimum
        if most != math.inf:
            facts["max"] = most
        if self.thing and self.maximum is not None:
            facts["of"] = self.thing
        if self.soft:
            facts["soft"] = True
        return most if list(facts) == ["max"] else facts


def read_budgets(node: Node, folder: Path) -> tuple[StatedBudget, ...]:
    """The budgets of an experiment; files of networks are relative to `folder`."""
    node.fields(*BUDGETED, LATENCY)
    return tuple(_budget(name, node.child(name), folder) for name in node.value)


def read_filters(node: Node) -> tuple[StatedBudget, ...]:
    """The filters of an experiment: the least and the most of costs and scores."""
    node.fields(*FILTERED)
    return tuple(_filter(name, node.child(name)) for name in node.value)


def limits_of_document(experiment: Mapping[str, Any]) -> tuple[Budget, ...]:
    """Budgets and filters of an experiment document, as a study's journal holds it."""
    stated = (experiment.get(key, {}).items() for key in ("budgets", "filters"))
    return tuple(_limit_of(name, value) for items in stated for name, value in items)


def _limit_of(name: str, value: Any) -> Budget:
    if not isinstance(value, dict):
        return Budget(name, float(value))
    return Budget(
        name,
        float(value.get("max", math.inf)),
        soft=bool(value.get("soft", False)),
        minimum=float(value.get("min", -math.inf)),
        thing=str(value.get("of", "")),
    )


def _budget(name: str, node: Node, folder: Path) -> StatedBudget:
    soft = False
    if isinstance(node.value, dict):
        node.fields("max", "soft")
        soft = node.read("soft", Node.flag, False)
        node = node.need("max")
    stated = StatedBudget(name, soft=soft, place=node)
    unit = unit_of(name)
    if parse_quantity(node.value, unit) is not None:
        return replace(stated, maximum=node.quantity(unit))
    text = node.value.strip() if isinstance(node.value, str) else ""
    if _SHARE.fullmatch(text):
        if not name.endswith("_bytes"):
            raise node.error(f"`{node.label}` is no memory and must be a quantity")
        return replace(stated, thing=text)
    if text in published_names():
        return replace(stated, thing=text, network=load_architecture(text))
    file = folder / text
    if text and file.is_file():
        return replace(stated, thing=text, network=load_architecture(str(file)))
    shares = "`1 gpu` or `1 worker` of memory, " if name.endswith("_bytes") else ""
    raise node.error(
        f"`{node.label}` must be a positive quantity such as {unit.example}, "
        f"{shares}a published network, or an architecture file",
        hint=_hint(text, name),
    )


def _hint(text: str, name: str) -> str:
    """The remedy where one is certain: a unit, or the network that was meant."""
    number = text.rstrip("kKMGTiB ")
    if name.endswith("_bytes") and text and parse_quantity(text) is not None:
        prefix = text.strip()[-1]
        return f" Bytes are `{number} {prefix}B` or `{number} {prefix.upper()}iB`."
    if parse_quantity(text, BYTES) is not None:
        return f" Bytes are no unit of `{name}`."
    return nearest(text, published_names()) if text else ""


def _filter(name: str, node: Node) -> StatedBudget:
    node.fields("min", "max")
    if not node.value:
        raise node.complaint(f"`{node.label}` must have `min` or `max`.")
    unit = unit_of(name)
    low = node.read("min", lambda least: least.quantity(unit), -math.inf)
    high = node.read("max", lambda most: most.quantity(unit), math.inf)
    if low > high:
        raise node.complaint(
            f"`{node.label}` must have a `min` of at most its `max`, got {low:g} and "
            f"{high:g}."
        )
    return StatedBudget(name, high, low, place=node)

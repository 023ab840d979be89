"""What does a candidate cost, whoever prices it, one or many at a time?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import Columns
from vidnas.arrays import Floats, Indices
from vidnas.costs.latency.model import LatencyModel
from vidnas.costs.network_cost import CLASSES, COSTS, Cost, Costs, cost, cost_many
from vidnas.costs.scores import SCORES
from vidnas.space.space import Space

BUDGETED = (*(name for name in COSTS if name != "batch"), "temporal_reach")
LATENCY = "latency_ms"  # budgeted where a latency table is given
FILTERED = tuple(dict.fromkeys((*BUDGETED, *SCORES)))
Price = Callable[[Architecture], Cost]


class RowCosts(Protocol):
    """What N candidates cost."""

    @property
    def names(self) -> tuple[str, ...]:
        """What is known of each."""
        ...

    def __getitem__(self, name: str) -> NDArray[Any]:
        """[N]. The cost of that name."""
        ...


@runtime_checkable
class RowPrice(Protocol):
    """A price that many candidates can be told at once."""

    def rows(self, space: Space, matrix: Indices) -> RowCosts:
        """What candidates `[N, C]` of a space cost."""
        ...


@dataclass(frozen=True, slots=True)
class Pricing:
    """A price, of one architecture or of many.

    Args:
        classes: Outputs of the classifier.
        batch: Clips per training step.
        frames: Of the clips that are trained on; None for the architecture's own. It
            and `resolution` decide `training_bytes`, and nothing else.
        resolution: Of the clips that are trained on; None for the architecture's own.
        precision: Of training; see `Recipe`.
        rematerialise: See `Recipe`.
        latency: Predicts `latency_ms`, where a table of a device is given.
    """

    classes: int = CLASSES
    batch: int = 1
    frames: int | None = None
    resolution: int | None = None
    precision: str = "float32"
    rematerialise: bool = False
    latency: LatencyModel | None = None

    def __call__(self, architecture: Architecture) -> Cost:
        """The cost of one architecture."""
        own = cost(architecture, self.classes, **self._step)
        if self._trains_own_clip:
            return own
        cheaper = architecture.at(self.frames, self.resolution)
        trained = cost(cheaper, self.classes, **self._step)
        return replace(own, training_bytes=trained.training_bytes)

    def many(self, columns: Columns) -> Costs:
        """The costs of all rows."""
        own = cost_many(columns, self.classes, **self._step)
        if self._trains_own_clip:
            return own
        every, side = np.ones(len(columns), np.int64), self.resolution
        cheaper = replace(
            columns,
            frames=every * self.frames if self.frames else columns.frames,
            resolution=every * side if side else columns.resolution,
        )
        trained = cost_many(cheaper, self.classes, **self._step)
        return replace(own, training_bytes=trained.training_bytes)

    def rows(self, space: Space, matrix: Indices) -> "ScoredCosts":
        """The costs and scores of candidates `[N, C]` of a space."""
        columns = space.many.columns(matrix)
        return ScoredCosts(self.many(columns), columns, self)

    @property
    def _step(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "precision": self.precision,
            "rematerialise": self.rematerialise,
        }

    @property
    def _trains_own_clip(self) -> bool:
        return self.frames is None and self.resolution is None


@dataclass(frozen=True, slots=True, eq=False)
class ScoredCosts:
    """What N architectures cost, and whatever score is asked for.

    Args:
        costs: Of each.
        columns: The architectures.
        price: That priced them, where latency is asked for.
    """

    costs: Costs
    columns: Columns
    price: Pricing | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of `Cost`; scores are told when asked for."""
        return COSTS

    def __getitem__(self, name: str) -> NDArray[Any]:
        """[N]. The cost or score of that name."""
        if name in SCORES:
            return SCORES[name].many(self.columns)
        if name == LATENCY:
            assert self.price is not None
            assert self.price.latency is not None, "budgeted with a table only"
            return self.price.latency.many(self.columns, self.price.classes)
        return self.costs[name]


def values_of(
    price: Price, architecture: Architecture, names: Sequence[str]
) -> dict[str, float]:
    """The named costs and scores of one architecture, priced once."""
    if not names:
        return {}
    known: dict[str, float] = {**price(architecture).to_document()}
    if LATENCY in names:
        assert isinstance(price, Pricing)
        assert price.latency is not None, "budgeted with a table only"
        known[LATENCY] = price.latency.one(architecture, price.classes).ms
    return {
        name: known[name] if name in known else SCORES[name].one(architecture)
        for name in names
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """Costs that were told one by one.

    Args:
        documents: The costs of each architecture.
        networks: The architectures, for scores.
    """

    documents: tuple[dict[str, int], ...]
    networks: tuple[Architecture, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.documents[0]) if self.documents else ()

    def __getitem__(self, name: str) -> Floats:
        told: list[float]
        if all(name in costs for costs in self.documents):
            told = [costs[name] for costs in self.documents]
        else:
            told = [SCORES[name].one(network) for network in self.networks]
        return np.array(told, np.float64)


def price_rows(price: Price, space: Space, rows: Indices) -> RowCosts:
    """What candidates `[N, C]` of a space cost, whoever prices them."""
    pricing: Price | RowPrice = price
    if isinstance(pricing, RowPrice):
        return pricing.rows(space, rows)
    networks = tuple(space.decode(tuple(row)) for row in rows.tolist())
    return _Told(tuple(price(n).to_document() for n in networks), networks)

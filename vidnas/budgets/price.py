"""What does a candidate cost, whoever prices it, one or many at a time?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import Columns
from vidnas.architecture.subclips import longest_subclips, subclip_lengths
from vidnas.arrays import Floats, Indices
from vidnas.costs.latency.model import LatencyModel
from vidnas.costs.network_cost import (
    CLASSES,
    COSTS,
    Cost,
    Costs,
    carried_bytes,
    cost,
    cost_many,
)
from vidnas.costs.scores import SCORES
from vidnas.space.space import Space

BUDGETED = (*(name for name in COSTS if name != "batch"), "temporal_reach")
LATENCY = "latency_ms"  # budgeted where a latency table is given
FILTERED = tuple(dict.fromkeys((*BUDGETED, *SCORES)))


class RowCosts(Protocol):
    """What N candidates cost."""

    def __len__(self) -> int:
        """N."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The costs that are known of each."""
        ...

    @property
    def scores(self) -> tuple[str, ...]:
        """What else may be asked of each, untrained."""
        ...

    def __getitem__(self, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        """[N]. The cost of that name."""
        ...


class Price(Protocol):
    """Whoever says what candidates cost; `flops` is always among it."""

    def one(self, architecture: Any, names: Sequence[str] = ()) -> dict[str, float]:
        """Costs of one candidate by name, by default those that a trial records.

        Args:
            architecture: What the space decodes the candidate to.
            names: Costs and scores that are asked for.
        """
        ...

    def rows(self, space: Any, matrix: Indices) -> RowCosts:
        """Costs of candidates `[N, C]` of a space that decodes to the same."""
        ...


@dataclass(frozen=True, slots=True)
class Pricing:
    """The price of architectures, in closed form.

    Args:
        classes: Outputs of the classifier.
        batch: Clips per training step.
        frames: Frames of the clips that are trained on; None for the architecture's
            own. It and `resolution` decide `training_bytes`, and nothing else.
        resolution: Side of those frames [pixels]; None for the architecture's own.
        precision: Precision of training; one of `PRECISIONS`.
        rematerialise: Whether training computes layers again in the backward pass.
        latency: Model that predicts `latency_ms`, where a table of a device is given.
        subclip_frames: Frames that a causal network trains on at once, at most; None
            for whole clips. It decides `training_bytes`, and nothing else.
    """

    classes: int = CLASSES
    batch: int = 1
    frames: int | None = None
    resolution: int | None = None
    precision: str = "float32"
    rematerialise: bool = False
    latency: LatencyModel | None = None
    subclip_frames: int | None = None

    def cost(self, architecture: Architecture) -> Cost:
        """The cost of one architecture."""
        own = cost(architecture, self.classes, **self._step)
        if self._trains_own_clip:
            return own
        cheaper = architecture.at(self.frames, self.resolution)
        first, *others = subclip_lengths(cheaper, self.subclip_frames)
        trained = cost(cheaper.at(first), self.classes, **self._step)
        carried = carried_bytes(trained) if others else 0
        return replace(own, training_bytes=trained.training_bytes + carried)

    def one(
        self, architecture: Architecture, names: Sequence[str] = ()
    ) -> dict[str, float]:
        """The named costs and scores of one architecture, priced once; see `Price`."""
        found: dict[str, float] = {**self.cost(architecture).to_document()}
        if not names:
            return found
        if LATENCY in names:
            assert self.latency is not None, "budgeted with a table only"
            found[LATENCY] = self.latency.one(architecture, self.classes).ms
        return {
            name: found[name] if name in found else SCORES[name].one(architecture)
            for name in names
        }

    def cost_of(self, architecture: Architecture, name: str) -> float:
        """One cost of one architecture."""
        return self.one(architecture, [name])[name]

    def many(self, columns: Columns) -> "ScoredCosts":
        """The costs of all rows."""
        own = cost_many(columns, self.classes, **self._step)
        if self._trains_own_clip:
            return ScoredCosts(own, columns, self)
        every, side = np.ones(len(columns), np.int64), self.resolution
        frames = every * self.frames if self.frames else columns.frames
        first = frames
        if self.subclip_frames:
            first = longest_subclips(frames, columns.causal, self.subclip_frames)
        cheaper = replace(
            columns,
            frames=first,
            resolution=every * side if side else columns.resolution,
        )
        trained = cost_many(cheaper, self.classes, **self._step)
        carried = np.where(first < frames, carried_bytes(trained), 0)
        own = replace(own, training_bytes=trained.training_bytes + carried)
        return ScoredCosts(own, columns, self)

    def rows(self, space: Space, matrix: Indices) -> "ScoredCosts":
        """The costs and scores of candidates `[N, C]` of a space."""
        return self.many(space.columns(matrix))

    @property
    def _step(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "precision": self.precision,
            "rematerialise": self.rematerialise,
        }

    @property
    def _trains_own_clip(self) -> bool:
        return not (self.frames or self.resolution or self.subclip_frames)


@dataclass(frozen=True, slots=True, eq=False)
class ScoredCosts:
    """What N architectures cost, and whatever score is asked for.

    Args:
        costs: Costs of each.
        columns: The architectures.
        price: Price that gave the costs, for their latency.
    """

    costs: Costs
    columns: Columns
    price: Pricing

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of `Cost`; scores and latency are computed when asked for."""
        return COSTS

    @property
    def scores(self) -> tuple[str, ...]:
        """Every score of architectures."""
        return tuple(SCORES)

    def __getitem__(self, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        """[N]. The cost or score of that name."""
        if name in SCORES:
            return SCORES[name].many(self.columns)
        if name == LATENCY:
            assert self.price.latency is not None, "budgeted with a table only"
            return self.price.latency.many(self.columns, self.price.classes)
        return self.costs[name]

    def row(self, row: int) -> Cost:
        """The cost of one of them."""
        return self.costs.row(row)


@dataclass(frozen=True, slots=True)
class PlainPrice:
    """A price by a function of one architecture.

    Args:
        cost: Function of an architecture to its cost, as `vidnas.cost` is one.
    """

    cost: Callable[[Any], Cost]

    def one(self, architecture: Any, names: Sequence[str] = ()) -> dict[str, float]:
        """The named costs and scores of one architecture; see `Price`."""
        found: dict[str, float] = {**self.cost(architecture).to_document()}
        return {
            name: found[name] if name in found else SCORES[name].one(architecture)
            for name in names or found
        }

    def rows(self, space: Any, matrix: Indices) -> "PlainCosts":
        """The costs of candidates `[N, C]`, asked for one by one, once each."""
        networks = tuple(space.decode(tuple(row)) for row in matrix.tolist())
        return PlainCosts(networks, tuple(map(self.one, networks)))


@dataclass(frozen=True, slots=True, eq=False)
class PlainCosts:
    """What N architectures cost by a function of one.

    Args:
        networks: The architectures, for scores.
        costs: Costs of each by name.
    """

    networks: tuple[Any, ...]
    costs: tuple[dict[str, float], ...]

    def __len__(self) -> int:
        return len(self.networks)

    @property
    def names(self) -> tuple[str, ...]:
        """The costs that the function gives."""
        return tuple(self.costs[0]) if self.costs else ()

    @property
    def scores(self) -> tuple[str, ...]:
        """Every score of architectures."""
        return tuple(SCORES)

    def __getitem__(self, name: str) -> Floats:
        """[N]. The cost or score of that name."""
        if name in SCORES and name not in self.names:
            found = [SCORES[name].one(network) for network in self.networks]
        else:
            found = [costs[name] for costs in self.costs]
        return np.array(found, np.float64)

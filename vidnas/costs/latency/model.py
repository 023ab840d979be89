"""How long will a network take on a device? The sum of its operators' times."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import Columns
from vidnas.arrays import Floats, Ints
from vidnas.costs.latency.operator_fit import OperatorFit
from vidnas.costs.latency.operators import (
    KINDS,
    head_operators,
    layer_operators,
    operators_of_one,
    stem_operators,
)
from vidnas.costs.latency.table import LatencyTable
from vidnas.costs.layer_shapes import Heads, Layers, Stems
from vidnas.costs.network_cost import CLASSES, known_classes
from vidnas.errors import InputError

COVERED = 0.9  # share of networks that error bars hold
ROWS = 4096  # networks predicted at a time
FEWEST_NETWORKS = 5
STIFFNESS = (0.03, 0.3, 3.0, 30.0)  # of the correction of each kind


@dataclass(frozen=True, slots=True)
class Latency:
    """The time of one clip through a network [ms], and an interval for it."""

    ms: float
    low_ms: float
    high_ms: float

    def __str__(self) -> str:
        if math.isinf(self.high_ms):
            return f"{self.ms:.3g} ms (no error bar: no network was measured whole)"
        return f"{self.ms:.3g} ms (90 %: {self.low_ms:.3g}-{self.high_ms:.3g})"

    def to_document(self) -> dict[str, float | None]:
        """The latency as plain data; an unknown bound is None."""
        known = math.isfinite(self.high_ms)
        return {
            "latency_ms": self.ms,
            "latency_low_ms": self.low_ms if known else None,
            "latency_high_ms": self.high_ms if known else None,
        }


@dataclass(frozen=True, eq=False)
class LatencyModel:
    """Predicts what networks take on the device of a table.

    Args:
        table: Measurements on the device.
        fits: Fits of operators by their kind.
        factors: Factors of the time of each kind's operators inside a network, learnt
            from whole networks; and what a network takes beside them [ms]. `[K + 1]`.
        error: Largest error of the logarithm of a network's time, of the best nine
            networks of ten; infinite where no network was measured.
    """

    table: LatencyTable
    fits: dict[str, OperatorFit]
    factors: Floats
    error: float

    @classmethod
    def of(cls, table: LatencyTable) -> "LatencyModel":
        """The model that a table makes.

        Raises:
            InputError: the table has no operators.
        """
        if not table.operators:
            raise InputError(
                f"A latency table must hold operators, that of {table.device['name']} "
                "holds none: `vidnas latency measure` goes on with it."
            )
        fits = {}
        for kind in KINDS:
            alike = [o for o in table.operators if o.kind == kind]
            if alike:
                shapes = np.array([o.shape for o in alike], np.float64)
                ms = np.array([o.ms for o in alike])
                fits[kind] = OperatorFit.of(kind, shapes, ms)
        plain = cls(table, fits, np.append(np.ones(len(KINDS)), 0.0), math.inf)
        return plain._calibrate()

    def one(self, architecture: Architecture, classes: int | None = None) -> Latency:
        """The time of one clip through an architecture.

        Args:
            architecture: Architecture whose operators are timed.
            classes: Outputs of the classifier; by default those that the architecture
                knows, as for `vidnas.costs.cost`.

        Raises:
            InputError: the table lacks a kind of operator that the network has.
        """
        outputs = known_classes(architecture, classes)
        ms = float(self.many(Columns.of([architecture]), outputs)[0])
        return Latency(ms, ms * math.exp(-self.error), ms * math.exp(self.error))

    def many(self, columns: Columns, classes: int = CLASSES) -> Floats:
        """[N]. The time of one clip through each row [ms].

        Raises:
            InputError: as `one`.
        """
        starts = range(0, len(columns), ROWS)
        some = [self._sums(columns[at : at + ROWS], classes) for at in starts]
        if not some:
            return np.zeros(0)
        ms: Floats = np.concatenate(some) @ self.factors
        return ms

    def _sums(self, columns: Columns, classes: int) -> Floats:
        """`[N, K + 1]`. Time of each kind's operators in each row [ms], and 1."""
        sums = np.zeros((len(columns), len(KINDS) + 1))
        sums[:, -1] = 1.0
        by_kind: dict[str, list[tuple[Ints, Floats]]] = {}
        for kind, rows, shapes in _operators_of(columns, classes):
            by_kind.setdefault(kind, []).append((rows, shapes))
        for kind, parts in by_kind.items():
            if kind not in self.fits:
                raise InputError(
                    f"The latency table of {self.table.device['name']} has no "
                    f"`{kind}`: measure it with a space whose networks have it."
                )
            rows = np.concatenate([rows for rows, _ in parts])
            shapes = np.concatenate([shapes for _, shapes in parts])
            unique, places = np.unique(shapes, axis=0, return_inverse=True)
            ms = self.fits[kind](unique)[places.ravel()]
            sums[:, KINDS.index(kind)] = np.bincount(rows, ms, len(columns))
        return sums

    def _covers(self, architecture: Architecture) -> bool:
        """Whether the table, maybe unfinished, has all kinds of its operators."""
        return all(o.kind in self.fits for o in operators_of_one(architecture, 1))

    def _calibrate(self) -> "LatencyModel":
        """The model with factors and error by the table's networks."""
        networks = [n for n in self.table.networks if self._covers(n.architecture)]
        if len(networks) < FEWEST_NETWORKS:
            return self
        sums = np.concatenate(
            [self._sums(Columns.of([n.architecture]), n.classes) for n in networks]
        )
        ms = np.array([n.ms for n in networks])
        factors, errors = _factors(sums, ms)
        rank = math.ceil(COVERED * (len(ms) + 1)) - 1
        error = float(np.sort(errors)[min(rank, len(errors) - 1)])
        return LatencyModel(self.table, self.fits, factors, error)


def _factors(sums: Floats, ms: Floats) -> tuple[Floats, Floats]:
    """Factors `[K + 1]`, and the error of each network where it is left out [n].

    All kinds share one factor, and each has a correction by ridge regression of
    relative errors, with the stiffness that predicts best the networks left out.

    Args:
        sums: Times of each kind's operators, and 1, `[n, K + 1]`.
        ms: Measured times of networks [n].
    """
    whole = float(np.exp(np.median(np.log(ms / sums[:, :-1].sum(axis=1)))))
    start = np.append(np.full(sums.shape[1] - 1, whole), 0.05 * ms.min())
    rows = sums * start / ms[:, None]
    missing = 1.0 - rows[:, :-1].sum(axis=1)
    best: tuple[float, Floats, Floats] | None = None
    for stiffness in STIFFNESS:
        inner = np.linalg.inv(rows.T @ rows + stiffness * np.eye(rows.shape[1]))
        change = inner @ rows.T @ missing
        leverage = np.einsum("nk,kl,nl->n", rows, inner, rows)
        errors = (missing - rows @ change) / np.maximum(1.0 - leverage, 1e-3)
        if best is None or (errors**2).mean() < best[0]:
            best = float((errors**2).mean()), change, errors
    assert best is not None
    _, change, errors = best
    factors = start * np.maximum(np.append(np.ones(len(change) - 1), 0.0) + change, 0.1)
    factors[-1] = max(0.0, start[-1] * change[-1])
    return factors, np.abs(np.log(np.maximum(1.0 - errors, 1e-3)))


def _operators_of(columns: Columns, classes: int) -> Iterator[tuple[str, Ints, Floats]]:
    """Kind, rows [n] and shapes `[n, len(SHAPE)]` of all operators of all rows."""
    every = np.arange(len(columns))
    layers = Layers.of(columns)
    heads = Heads.of(columns, layers)
    for operators, rows in (
        (stem_operators(Stems.of(columns)), every),
        (layer_operators(layers), every.repeat(columns.depth)),
        (head_operators(heads, classes), every),
    ):
        for operator in operators:
            some = rows[operator.at]
            numbers = [np.broadcast_to(n, some.shape) for n in operator.shape]
            yield operator.kind, some, np.stack(numbers, axis=1).astype(np.float64)

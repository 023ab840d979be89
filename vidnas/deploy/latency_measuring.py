"""Where do latency tables lie, and how is one measured that may be interrupted?

Measuring is received as functions, as training is; this knows files and what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, TypeVar

from vidnas.architecture.architecture import Architecture
from vidnas.costs.latency.operators import Operators
from vidnas.costs.latency.table import (
    LatencyTable,
    TimedNetwork,
    TimedOperator,
)
from vidnas.errors import EvaluationError, InputError
from vidnas.files.loading import load_table, save_table

OPERATORS, NETWORKS = 10, 5  # timed side by side
T = TypeVar("T")


class Timer(Protocol):
    """Times operators and networks on one device."""

    reference_ms: float

    def facts(self) -> dict[str, Any]:
        """What is measured on."""
        ...

    def time_operators(self, operators: Sequence[Operators]) -> list[float]:
        """Time of each operator alone [ms]."""
        ...

    def time_networks(
        self, networks: Sequence[tuple[Architecture, int]]
    ) -> list[float]:
        """Time of one clip through each network, of so many classes [ms]."""
        ...


@dataclass(slots=True)
class TableMeasurement:
    """A table that is measured step by step, and written after every one.

    Args:
        path: File of the table; what it holds already is not measured again.
        operators: Operators to measure.
        networks: Networks to measure, each with its classes.
        skip_reasons: Reasons why some could not be run.
    """

    path: Path
    operators: Sequence[Operators]
    networks: Sequence[tuple[Architecture, int]]
    skip_reasons: list[str] = field(default_factory=list)

    def load_existing(self, device: str, runtime: str) -> LatencyTable | None:
        """The table as it is, None where there is none.

        Raises:
            InputError: the file is that of another device or runtime, or no table.
        """
        if not self.path.exists():
            return None
        table = load_table(self.path)
        found = f"{table.device['name']} with {table.device['runtime']}"
        if found != f"{device} with {runtime}":
            raise InputError(
                f"{self.path} must be a table of {device} with {runtime} to be "
                f"continued, it is one of {found}. Choose another `--out`."
            )
        return table

    def run(self, timer: Timer, table: LatencyTable | None) -> Iterator[LatencyTable]:
        """The table after every step; networks in between, so that both see all moods.

        Args:
            timer: Timer of the device.
            table: Table that is there already; None where none is.
        """
        table = table or LatencyTable(timer.facts(), timer.reference_ms)
        for operators, networks in self._steps(table):
            for each, ms in self._time_each(operators, timer.time_operators):
                row = TimedOperator(each.kind, _shape(each), ms)
                table = table.with_operators((row,))
            for (network, classes), ms in self._time_each(
                networks, timer.time_networks
            ):
                table = table.with_networks((TimedNetwork(network, classes, ms),))
            save_table(table, self.path)
            yield table

    def _steps(
        self, table: LatencyTable
    ) -> list[tuple[Sequence[Operators], Sequence[tuple[Architecture, int]]]]:
        operators_there = {(o.kind, o.shape) for o in table.operators}
        networks_there = {n.architecture.arch_id for n in table.networks}
        operators = [
            o for o in self.operators if (o.kind, _shape(o)) not in operators_there
        ]
        networks = [n for n in self.networks if n[0].arch_id not in networks_there]
        count = max(-(-len(operators) // OPERATORS), -(-len(networks) // NETWORKS))
        return list(zip(_parts(operators, count), _parts(networks, count), strict=True))

    def _time_each(
        self, items: Sequence[T], time: Callable[[Sequence[T]], list[float]]
    ) -> list[tuple[T, float]]:
        """Each with its time; what cannot be run is left out."""
        if not items:
            return []
        try:
            return list(zip(items, time(items), strict=True))
        except EvaluationError as wrong:
            if len(items) > 1:
                return [
                    pair for each in items for pair in self._time_each([each], time)
                ]
            self.skip_reasons.append(str(wrong))
            return []


def _shape(operator: Operators) -> tuple[int, ...]:
    return tuple(map(int, operator.shape))


def _parts(items: Sequence[T], count: int) -> list[Sequence[T]]:
    """The items in `count` parts of about equal size."""
    ends = [round(len(items) * part / max(count, 1)) for part in range(count + 1)]
    return [items[a:b] for a, b in pairwise(ends)]

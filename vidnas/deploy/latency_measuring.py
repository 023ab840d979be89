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

    def operators(self, listed: Sequence[Operators]) -> list[float]:
        """Time of each operator alone [ms]."""
        ...

    def networks(self, listed: Sequence[tuple[Architecture, int]]) -> list[float]:
        """Time of one clip through each network, of so many classes [ms]."""
        ...


@dataclass(slots=True)
class Measuring:
    """A table that is measured step by step, and written after every one.

    Args:
        path: File of the table; what it holds already is not measured again.
        operators: Operators to measure.
        networks: Networks to measure, each with its classes.
        skipped: Reasons why some could not be run.
    """

    path: Path
    operators: Sequence[Operators]
    networks: Sequence[tuple[Architecture, int]]
    skipped: list[str] = field(default_factory=list)

    def begun(self, device: str, runtime: str) -> LatencyTable | None:
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
                f"{self.path} must be a table of {device} with {runtime} to go on "
                f"with, it is one of {found}; choose another `--out`."
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
            for each, ms in self._timed(operators, timer.operators):
                timed = TimedOperator(each.kind, _shape(each), ms)
                table = table.with_operators((timed,))
            for (network, classes), ms in self._timed(networks, timer.networks):
                table = table.with_networks((TimedNetwork(network, classes, ms),))
            save_table(table, self.path)
            yield table

    def _steps(
        self, table: LatencyTable
    ) -> list[tuple[Sequence[Operators], Sequence[tuple[Architecture, int]]]]:
        known = {(o.kind, o.shape) for o in table.operators}
        seen = {n.architecture.arch_id for n in table.networks}
        operators = [o for o in self.operators if (o.kind, _shape(o)) not in known]
        networks = [n for n in self.networks if n[0].arch_id not in seen]
        count = max(-(-len(operators) // OPERATORS), -(-len(networks) // NETWORKS))
        return list(zip(_parts(operators, count), _parts(networks, count), strict=True))

    def _timed(
        self, listed: Sequence[T], time: Callable[[Sequence[T]], list[float]]
    ) -> list[tuple[T, float]]:
        """Each with its time; what cannot be run is left out."""
        if not listed:
            return []
        try:
            return list(zip(listed, time(listed), strict=True))
        except EvaluationError as wrong:
            if len(listed) > 1:
                return [pair for each in listed for pair in self._timed([each], time)]
            self.skipped.append(str(wrong))
            return []


def _shape(operator: Operators) -> tuple[int, ...]:
    return tuple(map(int, operator.shape))


def _parts(listed: Sequence[T], count: int) -> list[Sequence[T]]:
    """So many parts, about equally large."""
    ends = [round(len(listed) * part / max(count, 1)) for part in range(count + 1)]
    return [listed[a:b] for a, b in pairwise(ends)]

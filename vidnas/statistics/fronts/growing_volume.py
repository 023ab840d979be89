"""How does a volume grow while rows come one by one? Added up, never computed anew."""

import math
from collections.abc import Sequence

import numpy as np

from vidnas.arrays import Floats
from vidnas.statistics.fronts.hypervolume import Stair, exclusive_volume


class GrowingVolume:
    """Non-dominated rows, and the volume that they cover up to a reference point.

    A row costs the logarithm of the front for two costs, and a comparison with the
    front for more; a volume is computed for rows that join, of what they add.

    Args:
        reference: Worst values that still count, `[M]`, at least two.
    """

    def __init__(self, reference: Sequence[float]) -> None:
        self._reference = np.asarray(reference, np.float64)
        self._stair = Stair(*map(float, reference)) if len(reference) == 2 else None
        self._rows: Floats = np.empty((0, len(reference)))
        self.volume = 0.0

    def __len__(self) -> int:
        """Number of rows on the front, those beyond the reference among them."""
        return len(self._rows) if self._stair is None else len(self._stair)

    def add(self, costs: Sequence[float]) -> bool:
        """Takes a row in; whether it joins the front.

        Args:
            costs: Costs to minimise, `[M]`. One with NaN never joins.
        """
        if any(map(math.isnan, costs)):
            return False
        if self._stair is not None:
            x, y = costs
            joins = not self._stair.covers(x, y)
            self.volume += self._stair.add(x, y)
            return joins
        row = np.asarray(costs, np.float64)
        if (self._rows <= row).all(axis=1).any():
            return False
        self.volume += self._added(row)
        stay = (self._rows < row).any(axis=1)
        self._rows = np.vstack([self._rows[stay], row])
        return True

    def _added(self, row: Floats) -> float:
        reference = self._reference
        if not (row < reference).all():
            return 0.0
        if not (np.isfinite(row).all() and np.isfinite(reference).all()):
            return math.inf
        inside = self._rows[(self._rows < reference).all(axis=1)]
        return exclusive_volume(row, inside, reference)

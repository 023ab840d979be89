"""What does an experiment mean where its file is silent?

A default that decides what a trial means may never change: a study that was begun
under another one would be refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from vidnas.arrays import Floats, Indices
from vidnas.budgets.budget import Budget
from vidnas.budgets.feasibility import descend
from vidnas.budgets.price import Pricing
from vidnas.documents.quantity import round_up
from vidnas.space.space import Space
from vidnas.trials.trial import FLOPS

STRATEGY = "ladder"
EPOCHS = 5
TRIALS = 48
SEED = 0
MOTION = {"seed": 0, "train_per_class": 100, "val_per_class": 48}


def most_costly(
    space: Space,
    price: Pricing,
    limits: Sequence[Budget],
    ladder: Sequence[float] | None,
    cost: str = FLOPS.name,
) -> float:
    """Cost up to which networks count, where no reference point says so.

    The hard budget or the highest of the ladder, whichever is more; without either,
    just beyond the dearest network of the space.

    Args:
        space: Space that is searched.
        price: Price of its candidates.
        limits: Budgets on that cost.
        ladder: Budgets of the family on that cost, or None.
        cost: Name of the cost.
    """
    stated = [limit.maximum for limit in limits if not limit.soft]
    stated += ladder or ()
    if stated:
        return float(max(stated))

    def cheapness(rows: Indices) -> Floats:
        return -np.asarray(price.rows(space, rows)[cost], np.float64)

    return round_up(max(-descend(space, cheapness)[1], 1e-9))


def keys_left_out(
    written: Mapping[str, Any], resolved: Mapping[str, Any]
) -> tuple[str, ...]:
    """Keys of the resolved document that the written one leaves out, with a value.

    Args:
        written: Document of the file.
        resolved: Document of the experiment with every default.
    """
    return tuple(_left_out(written, resolved, ""))


def _left_out(
    written: Mapping[str, Any], resolved: Mapping[str, Any], above: str
) -> Iterator[str]:
    for key, value in resolved.items():
        if key in ("space", "schema"):
            continue
        said = written.get(key)
        if isinstance(value, dict) and (said is None or isinstance(said, dict)):
            yield from _left_out(said or {}, value, f"{above}{key}.")
        elif key not in written and value not in ([], {}, None):
            yield f"{above}{key}"

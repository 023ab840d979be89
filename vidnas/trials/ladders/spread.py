"""Which budgets suit a front? Those spread over its costs, or even between two."""

import math
from collections.abc import Sequence

import numpy as np

from vidnas.errors import InputError
from vidnas.trials.trial import FLOPS, Trial

FAMILY_SIZES = 6


def geometric_budgets(
    least: float, most: float, sizes: int = FAMILY_SIZES
) -> tuple[float, ...]:
    """Budgets from `least` to `most`, each the same multiple of the one before.

    Those between have three significant digits.

    Raises:
        InputError: there are fewer than two, or they would not rise.
    """
    if sizes < 2 or not 0 < least < most:
        raise InputError(
            "Budgets between two ends must be at least two, and rise, got "
            f"{sizes} from {least:g} to {most:g}."
        )
    inner = (least * (most / least) ** (n / (sizes - 1)) for n in range(1, sizes - 1))
    return (float(least), *(float(f"{one:.3g}") for one in inner), float(most))


def spread_ladder(
    front: Sequence[Trial],
    most: float,
    sizes: int = FAMILY_SIZES,
    cost: str = FLOPS.name,
) -> tuple[float, ...]:
    """Budgets spread over a cost of a front, each with a network where there is one.

    With at least `sizes` different costs, the budgets are costs of front trials, both
    ends included, chosen so that their logarithms are as even as the front allows.
    With fewer, every front trial has a budget of its own, `most` is the highest, and
    the widest gaps are halved; the sizes between stay empty. For an empty front, each
    budget is half the next, up to `most`.

    Args:
        front: Trials over whose cost the budgets spread.
        most: Highest cost that counts, above that of every front trial.
        sizes: Number of budgets.
        cost: Name of the cost.
    """
    costs = np.unique([trial.value(cost) for trial in front])
    if len(costs) >= sizes:
        even = np.linspace(np.log(costs[0]), np.log(costs[-1]), sizes)
        return tuple(float(costs[i]) for i in _closest_rising(np.log(costs), even))
    if not len(costs):
        return tuple(most / 2 ** (sizes - 1 - size) for size in range(sizes))
    budgets = [*map(float, costs), float(most)]
    while len(budgets) < sizes:
        widest = int(np.argmax(np.diff(np.log(budgets))))
        middle = math.sqrt(budgets[widest] * budgets[widest + 1])
        budgets.insert(widest + 1, middle)
    return tuple(budgets)


def _closest_rising(values: np.ndarray, targets: np.ndarray) -> list[int]:
    """Rising indices into `values` with the least squared distance to `targets`.

    Dynamic programming over (target, value); both are sorted.
    """
    errors = (targets[:, None] - values[None, :]) ** 2
    best = np.full(errors.shape, np.inf)
    came_from = np.zeros(errors.shape, dtype=np.int64)
    best[0] = errors[0]
    for t in range(1, len(targets)):
        least, at = np.inf, 0
        for v in range(t, len(values)):
            if best[t - 1, v - 1] < least:
                least, at = best[t - 1, v - 1], v - 1
            best[t, v] = least + errors[t, v]
            came_from[t, v] = at
    path = [int(np.argmin(best[-1]))]
    for t in range(len(targets) - 1, 0, -1):
        path.append(int(came_from[t, path[-1]]))
    return path[::-1]

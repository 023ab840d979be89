"""Where does ladder search win, tie or lose? Seed by seed, with intervals.

The other is the searcher that is best there on the mean of all seeds, which favours it:
it is chosen after the fact.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from vidnas.statistics.student import exact_quantile

OURS = "ladder"
# Trainings of ladder search against those of the other.
AGAINST = ((25, 100), (50, 300), (50, 50), (100, 100), (300, 300))
Cells = Mapping[tuple[str, str, int], Mapping[str, Any]]  # by problem, strategy, seed


def verdicts(cells: Cells, problems: Sequence[str], at: Sequence[int]) -> list[str]:
    """A line per comparison, then one for every loss.

    Args:
        cells: Results.
        problems: Problems that are compared.
        at: Trainings after which gaps are known.
    """
    lines, losses = [], []
    for mine, theirs in AGAINST:
        if mine not in at or theirs not in at:
            continue
        counts = {"wins": 0, "ties": 0, "losses": 0}
        for problem in problems:
            found = difference(cells, problem, mine, theirs)
            if found is None:
                continue
            other, middle, half = found
            word = "ties"
            if abs(middle) > half:
                word = "wins" if middle < 0 else "losses"
            counts[word] += 1
            if word == "losses":
                losses.append(
                    f"  lost: {problem}, {mine} trainings against {theirs} of {other}, "
                    f"by {middle:.2f} +- {half:.2f} points"
                )
        if sum(counts.values()):
            told = ", ".join(f"{count} {word}" for word, count in counts.items())
            lines.append(f"{OURS} with {mine} against the best with {theirs}: {told}")
    return [*lines, *losses]


def difference(
    cells: Cells, problem: str, mine: int, theirs: int
) -> tuple[str, float, float] | None:
    """The best other, how much larger our gap is, and half the 95 % interval of that.

    None where fewer than two seeds have both, or nobody else searched.
    """
    gaps: dict[str, dict[int, float]] = {}
    for name, seed, gap in _gaps(cells, problem, mine, theirs):
        gaps.setdefault(name, {})[seed] = gap
    ours = gaps.pop(OURS, {})
    both = {name: sorted(set(ours) & set(told)) for name, told in gaps.items()}
    both = {name: seeds for name, seeds in both.items() if len(seeds) > 1}
    if not both:
        return None
    best = min(both, key=lambda name: np.mean([gaps[name][s] for s in both[name]]))
    apart = np.array([ours[seed] - gaps[best][seed] for seed in both[best]])
    error = float(apart.std(ddof=1)) / len(apart) ** 0.5
    return best, float(apart.mean()), error * exact_quantile(0.975, len(apart) - 1)


def _gaps(
    cells: Cells, problem: str, mine: int, theirs: int
) -> Iterator[tuple[str, int, float]]:
    for (where, name, seed), told in cells.items():
        at = str(mine if name == OURS else theirs)
        if where == problem and at in told["gap"]:
            yield name, seed, told["gap"][at]

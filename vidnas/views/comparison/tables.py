"""How is a comparison written down? Tables of texts, for a terminal or a paper."""

import math

from vidnas.documents.quantity import format_cost, format_duration
from vidnas.documents.written_table import Table
from vidnas.statistics.seeds import Mean
from vidnas.trials.objectives import Objectives, cost_word
from vidnas.views.comparison.comparison import (
    HYPERVOLUME,
    LADDER,
    MEASURES,
    Comparison,
)

PREFIXES = ("", "k", "M", "G", "T", "P", "E")


def plus_minus(mean: Mean, scale: float = 1.0) -> str:
    """`785 ± 22`: a mean over seeds with half of its interval; alone without one.

    Half of the interval has two digits, and the mean ends where it does.

    Args:
        mean: The mean.
        scale: Number that one shown unit is.
    """
    value = mean.value / scale
    if mean.half is None:
        return f"{value:.{_decimals(abs(value) / 10)}f}"
    half = mean.half / scale
    decimals = _decimals(half)
    return f"{value:.{decimals}f} ± {half:.{decimals}f}"


def _decimals(half: float) -> int:
    """Decimals that show two digits of a number, at most 2 of them."""
    if half <= 0:
        return 1
    return min(2, max(0, 1 - math.floor(math.log10(half))))


def volume_scale(found: Comparison) -> tuple[float, str]:
    """What one shown unit of hypervolume is, and its name: `M FLOPs x %`."""
    largest = max(float(v.max()) for v in found.per_study[HYPERVOLUME].values())
    return scaled_unit(largest, found.objectives)


def scaled_unit(largest: float, objectives: Objectives) -> tuple[float, str]:
    """The unit for volumes up to the largest: its size, and its name.

    Args:
        largest: Largest volume, in the objectives' own units.
        objectives: What is traded off.
    """
    power = int(math.log10(largest) // 3) if largest >= 1 else 0
    raised = objectives.accuracy
    each = [
        *map(cost_word, objectives.costs),
        "%" if raised.is_percent else raised.label,
    ]
    prefix = PREFIXES[power] if power < len(PREFIXES) else f"1e{3 * power}"
    return 10.0 ** (3 * power), f"{prefix} {' x '.join(each)}".strip()


def groups_table(found: Comparison) -> Table:
    """One row per group: its seeds, and its means over them.

    What no other group beats beyond the noise stands out, where there are others.
    """
    scale, unit = volume_scale(found)
    scales = {HYPERVOLUME: scale, LADDER: 1.0}
    bold = set()
    rows = []
    for number, group in enumerate(found.groups):
        means = [found.mean(name, group.label) for name in MEASURES]
        cells = [plus_minus(m, scales[n]) for m, n in zip(means, MEASURES, strict=True)]
        seeds = ", ".join(map(str, group.seeds))
        rows.append((group.label, seeds, f"{found.at:g}", *cells))
        for column, name in enumerate(MEASURES, start=3):
            if _is_told_apart(found, name) and not found.beaten(name, group.label):
                bold.add((number, column))
    accuracy = found.objectives.accuracy
    titles = (
        "group",
        "seeds",
        found.by,
        f"hypervolume [{unit}]",
        f"ladder, {accuracy.title}",
    )
    return Table(titles, tuple(rows), frozenset(bold))


def _is_told_apart(found: Comparison, measure: str) -> bool:
    """Whether any group is beaten beyond the noise."""
    return any(found.beaten(measure, group.label) for group in found.groups)


def sizes_table(found: Comparison) -> Table:
    """One row per group: the best accuracy within each budget, means over seeds."""
    cost = found.objectives.cost
    titles = tuple(
        f"a{number} {format_cost(cost, budget)}"
        for number, budget in enumerate(found.budgets)
    )
    rows = tuple(
        (label, *map(plus_minus, means)) for label, means in found.sizes.items()
    )
    return Table(("group", *titles), rows)


def differences_table(found: Comparison) -> Table:
    """One row per pair of groups and measure: the difference, and whether it is one."""
    scale, unit = volume_scale(found)
    rows = tuple(
        (
            f"{one.ours} less {one.theirs}",
            plus_minus(one.mean, scale if one.measure == HYPERVOLUME else 1.0),
            one.verdict,
            f"hypervolume [{unit}]"
            if one.measure == HYPERVOLUME
            else f"ladder, {found.objectives.accuracy.title}",
        )
        for one in found.differences
    )
    return Table(("difference", "95 %", "so it is", "of"), rows)


def studies_table(found: Comparison) -> Table:
    """One row per study: what it found by itself, and what it spent."""
    scale, unit = volume_scale(found)
    rows = []
    for group in found.groups:
        values = [found.per_study[name][group.label] for name in MEASURES]
        for study, volume, ladder in zip(group.studies, *values, strict=True):
            history = study.history
            rows.append(
                (
                    study.place,
                    group.label,
                    str(study.seed),
                    f"{study.spent['trials']:g}",
                    f"{study.spent['epochs']:g}",
                    format_duration(history.seconds),
                    f"{volume / scale:.4g}",
                    f"{ladder:.1f}",
                )
            )
    titles = (
        "study",
        "group",
        "seed",
        "trials",
        "epochs",
        "time",
        f"hypervolume [{unit}]",
        f"ladder, {found.objectives.accuracy.title}",
    )
    return Table(titles, tuple(rows))

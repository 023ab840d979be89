"""How are large numbers written and read? As `20 M` FLOPs or `64 MiB`."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_COUNTS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_BYTES = {
    "": 1.0,
    "B": 1.0,
    **{
        f"{prefix}B": 10.0**power
        for prefix, power in zip("kKMGT", (3, 3, 6, 9, 12), strict=True)
    },
    **{f"{p}iB": 2.0**power for p, power in zip("KMGT", (10, 20, 30, 40), strict=True)},
}
_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"


@dataclass(frozen=True, slots=True)
class Unit:
    """What a quantity is counted in.

    Args:
        multipliers: Factor of each suffix that its numbers may have.
        example: Spelled quantities, as messages show them.
    """

    multipliers: Mapping[str, float]
    example: str


COUNT = Unit(_COUNTS, "`20 M` or 2e7")
BYTES = Unit(_BYTES, "`64 MiB` or 2e7")
MILLISECONDS = Unit({"": 1.0, "ms": 1.0}, "`20 ms` or 20")


def unit_of(cost: str) -> Unit:
    """The unit that the name of a cost or score ends with."""
    if cost.endswith("_ms"):
        return MILLISECONDS
    return BYTES if cost.endswith("_bytes") else COUNT


def parse_quantity(value: Any, unit: Unit = COUNT) -> float | None:
    """The finite number that `value` spells in a unit, or None where it spells none.

    Args:
        value: A number, or text such as `20 M`.
        unit: Unit whose suffixes the text may have.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _finite(value)
    match = re.fullmatch(rf"\s*({_NUMBER})\s*([A-Za-z]*)\s*", str(value))
    if match is None or match.group(2) not in unit.multipliers:
        return None
    return _finite(float(match.group(1)) * unit.multipliers[match.group(2)])


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return None
    return number if math.isfinite(number) else None


def format_count(value: float) -> str:
    """Three significant digits with k, M, G or T: `12.3 M`."""
    for suffix in ("T", "G", "M", "k"):
        if abs(value) >= _COUNTS[suffix] * 0.9995:
            return f"{_three(value / _COUNTS[suffix])} {suffix}"
    return _three(value)


def format_bytes(value: float) -> str:
    """Three significant digits with KiB, MiB or GiB: `8.12 MiB`."""
    for suffix in ("GiB", "MiB", "KiB"):
        if abs(value) >= _BYTES[suffix]:
            return f"{_three(value / _BYTES[suffix])} {suffix}"
    return f"{value:.0f} B"


def format_cost(name: str, value: float) -> str:
    """A cost in the unit that its name ends with."""
    if name.endswith("_ms"):
        return f"{_three(value)} ms"
    return format_bytes(value) if name.endswith("_bytes") else format_count(value)


def format_duration(seconds: float) -> str:
    """`2 h 10 min`, `6 min 40 s` or `12 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _three(value: float) -> str:
    magnitude = abs(value)
    if magnitude >= 99.95 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if magnitude >= 9.995 else f"{value:.2f}"


def rounded(value: float) -> float | int:
    """A number for people: whole ones without a point, others with four decimals."""
    return int(value) if value == int(value) else round(value, 4)


def round_up(value: float) -> float:
    """The least number of two significant digits that exceeds a positive `value`."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float((math.floor(value / step) + 1) * step)

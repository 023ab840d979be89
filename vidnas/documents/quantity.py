"""How are large numbers written and read? As `20 M` FLOPs or `64 MiB`."""

import math
import re
from typing import Any

_MULTIPLIERS = {
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "B": 1.0,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
}
_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"


def parse_quantity(value: Any) -> float | None:
    """The number that `value` spells, or None where it spells none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    match = re.fullmatch(rf"\s*({_NUMBER})\s*([A-Za-z]*)\s*", str(value))
    if match is None or match.group(2) not in _MULTIPLIERS:
        return None
    return float(match.group(1)) * _MULTIPLIERS[match.group(2)]


def format_count(value: float) -> str:
    """Three significant digits with k, M, G or T: `12.3 M`."""
    for suffix in ("T", "G", "M", "k"):
        if abs(value) >= _MULTIPLIERS[suffix] * 0.9995:
            return f"{_three(value / _MULTIPLIERS[suffix])} {suffix}"
    return _three(value)


def format_bytes(value: float) -> str:
    """Three significant digits with KiB, MiB or GiB: `8.12 MiB`."""
    for suffix in ("GiB", "MiB", "KiB"):
        if abs(value) >= _MULTIPLIERS[suffix]:
            return f"{_three(value / _MULTIPLIERS[suffix])} {suffix}"
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

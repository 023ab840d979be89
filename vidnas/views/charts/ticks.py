"""Which numbers stand at an axis? Round ones."""

import math


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers within positive limits: 1, 2 and 5 times powers of ten.

    Where these are fewer than three, every half up to 3 and every whole number.
    """
    ticks = _ticks(low, high, ("1", "2", "5"))
    if len(ticks) >= 3:
        return ticks
    return _ticks(low, high, ("1", "1.5", "2", "2.5", *"3456789"))


def even_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers within limits, as far apart as 1, 2 or 5 times a power of ten.

    Args:
        low: Lower limit.
        high: Upper limit, above the lower.
        most: About how many there may be, at least one.
    """
    apart = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(apart))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= apart * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(at * step, 12) for at in range(first, last + 1)]


def _ticks(low: float, high: float, steps: tuple[str, ...]) -> list[float]:
    ticks = (float(f"{step}e{power}") for power in range(-6, 19) for step in steps)
    return [tick for tick in ticks if low <= tick <= high]

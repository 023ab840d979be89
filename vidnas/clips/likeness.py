"""What are clips like, taken together? Their lengths, rates, sizes and codecs."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from vidnas.video.header import ClipHeader

BARS = 8  # of one distribution; the rest is `other`
_STEPS = (1, 2, 2.5, 5, 10)

Bars = tuple[tuple[str, int], ...]


def distributions(headers: Sequence[ClipHeader]) -> dict[str, Bars]:
    """How many clips have which value, by what is counted.

    Args:
        headers: Facts of the clips that can be read.
    """
    if not headers:
        return {}
    lengths = [header.seconds for header in headers]
    return {
        "length [s]": _intervals(lengths),
        "frames per second": _most_common(f"{header.rate:.4g}" for header in headers),
        "width x height [pixels]": _most_common(map(_size, headers)),
        "codec": _most_common(_codec(header) for header in headers),
    }


def _size(header: ClipHeader) -> str:
    return f"{header.width} x {header.height}"


def _codec(header: ClipHeader) -> str:
    return header.codec or "unknown"


def _most_common(values: Iterable[str]) -> Bars:
    """The most common values, and how many have another."""
    counts = Counter(values).most_common()
    shown = counts[:BARS] if len(counts) <= BARS else counts[: BARS - 1]
    rest = sum(count for _, count in counts[len(shown) :])
    return (*shown, (f"{len(counts) - len(shown)} others", rest)) if rest else (*shown,)


def _intervals(values: Sequence[float]) -> Bars:
    """Counts in equal intervals from the least to the most, round ones.

    Values beyond four times the median share the last interval, which a few of them
    would otherwise stretch over all.
    """
    middle = sorted(values)[len(values) // 2]
    low, high = min(values), min(max(values), 4 * middle)
    step = _round_step((high - low) / BARS or high / BARS or 1.0)
    first = math.floor(low / step)
    last = max(first, math.ceil(high / step) - 1)
    places = (min(max(math.floor(value / step), first), last) for value in values)
    counts = Counter(places)
    return tuple(
        (_interval(n, step, n == last and max(values) > high), counts[n])
        for n in range(first, last + 1)
    )


def _interval(number: int, step: float, is_open: bool) -> str:
    low, high = f"{number * step:.6g}", f"{(number + 1) * step:.6g}"
    return f"{low} and more" if is_open else f"{low} - {high}"


def _round_step(least: float) -> float:
    """The least round number, such as 0.25 or 2, that is no less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * 0.999)

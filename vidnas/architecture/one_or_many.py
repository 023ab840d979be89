"""What is a number of one network, or of many? An int, or an array of them.

Formulas over `Numbers` serve both: arithmetic is the same, and choices and table
look-ups are the functions below.
"""

from collections.abc import Iterable

import numpy as np

from vidnas.arrays import Flags, Numbers


def choose(flags: Flags, yes: Numbers, no: Numbers) -> Numbers:
    """`yes` where a flag is set, `no` elsewhere."""
    if isinstance(flags, np.ndarray):
        return np.where(flags, yes, no)
    return yes if flags else no


def larger(one: Numbers, other: Numbers) -> Numbers:
    """The larger of two numbers, or of each pair of two arrays."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.maximum(one, other)
    return max(one, other)


def any_of(flags: Flags) -> bool:
    """Whether any flag is set."""
    return bool(flags.any()) if isinstance(flags, np.ndarray) else flags


def look_up(table: tuple[int, ...], codes: Numbers) -> Numbers:
    """The entry of a table at each code."""
    if isinstance(codes, np.ndarray):
        return np.array(table, np.int64).take(codes)
    return table[codes]


def frames_seen(
    stem: Numbers,
    layers: Iterable[tuple[Numbers, Numbers, Flags]],
    neighbours: Numbers,
    *,
    twice: bool,
) -> Numbers:
    """Frames of a clip that one feature after the last layer depends on.

    Args:
        stem: Frames that a feature of the stem depends on.
        layers: Kernel frames, temporal stride and whether channels are shifted in time,
            of each layer in order.
        neighbours: Frames from which a shift takes channels: 1 if causal, or else 2.
        twice: Whether a layer has two convolutions over time, the second unstrided.
    """
    reach = stem
    step: Numbers = 1
    for frames, stride, shifts in layers:
        more = shifts * neighbours + frames - 1
        reach, step = reach + more * step, step * stride
        if twice:
            reach = reach + (frames - 1) * step
    return reach

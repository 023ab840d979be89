"""What does a word or sign of an expression mean? On scalars, and on arrays of them.

Numbers are compared up to rounding, the same on both, so that `a * 0.1 <= 0.3` holds
for 3 as it does on paper.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.architecture.kernel import Kernel, round8

KERNEL_BASE = 1000  # a kernel in an array is `frames * KERNEL_BASE + side`
NEAR = 1e-9  # of the larger number: how far apart equal ones may be
NEAR_ZERO = 1e-12  # the same beside 0, as in `a * 0.1 - 0.3 <= 0`


@dataclass(frozen=True, slots=True)
class Function:
    """What a word or sign means, on scalars and on arrays."""

    apply: Callable[..., Any]
    arguments: tuple[int, int]  # least and most


def counted(wanted: tuple[int, int]) -> str:
    """`2 arguments`: the least and the most that a function takes."""
    low, high = wanted
    if low == high:
        return f"{low} argument{'s' if low > 1 else ''}"
    return f"{low} or more arguments" if high > 9 else f"{low} or {high} arguments"


def _is_array(*values: Any) -> bool:
    return any(isinstance(value, np.ndarray) for value in values)


def _number(value: Any) -> Any:
    """A number or an array of numbers; words and kernels are none."""
    if isinstance(value, str | Kernel) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "U"
    ):
        raise TypeError
    return value


def _numeric(operate: Callable[[Any, Any], Any]) -> Function:
    return Function(lambda a, b: operate(_number(a), _number(b)), (2, 2))


def _whole(value: Any) -> Any:
    """A whole number as an integer."""
    return value.astype(np.int64) if _is_array(value) else int(value)


def _divide(a: Any, b: Any) -> Any:
    if not np.all(b):
        raise ZeroDivisionError
    return a / b


def _rounded_to(value: Any, step: Any = 8) -> Any:
    steps = np.floor(_divide(_number(value), _number(step)) + 0.5)
    rounded = steps * step
    if _is_array(rounded):
        return _whole(np.maximum(rounded, step))
    return int(max(rounded, step))


def _round8(value: Any) -> Any:
    value = _number(value)
    if not _is_array(value):
        return round8(value)
    rounded = _rounded_to(value)
    return np.where(rounded < 0.9 * value, rounded + 8, rounded)


def _extreme(of_arrays: Any, of_scalars: Any) -> Function:
    def apply(*values: Any) -> Any:
        if not _is_array(*values):
            return of_scalars(_number(value) for value in values)
        return of_arrays.reduce(np.broadcast_arrays(*map(_number, values)))

    return Function(apply, (2, 99))


def _if(test: Any, value: Any, otherwise: Any) -> Any:
    if _is_array(test):
        return np.where(_number(test), code(value), code(otherwise))
    return value if _number(test) else otherwise


def _near(a: Any, b: Any) -> Any:
    """Whether two numbers are one but for rounding: `3 * 0.1` is 0.3."""
    if not _is_array(a, b):
        rounded = isinstance(a, float) or isinstance(b, float)
        return (
            math.isclose(a, b, rel_tol=NEAR, abs_tol=NEAR_ZERO) if rounded else a == b
        )
    if np.result_type(a, b).kind != "f":
        return a == b
    largest = np.maximum(np.abs(a), np.abs(b))
    return np.abs(np.subtract(a, b)) <= np.maximum(NEAR * largest, NEAR_ZERO)


def _comparison(operate: Callable[[Any, Any], Any], *, near: bool) -> Function:
    """A comparison that gives `near` for numbers that are one but for rounding."""

    def apply(a: Any, b: Any) -> Any:
        a, b = _number(a), _number(b)
        found, same = operate(a, b), _near(a, b)
        if not _is_array(found, same):
            return near if same else found
        return found | same if near else found & ~same

    return Function(apply, (2, 2))


def _is_word(value: Any) -> bool:
    return isinstance(value, str | Kernel) or np.asarray(value).dtype.kind == "U"


def _equal(a: Any, b: Any) -> Any:
    if not (_is_word(a) or _is_word(b)):
        return _near(a, b)
    return code(a) == code(b) if _is_array(a, b) else a == b


def _logical(of_arrays: Any, of_scalars: Callable[[bool, bool], bool]) -> Function:
    def apply(a: Any, b: Any) -> Any:
        a, b = _number(a), _number(b)
        return of_arrays(a, b) if _is_array(a, b) else of_scalars(bool(a), bool(b))

    return Function(apply, (2, 2))


def _not(value: Any) -> Any:
    return ~_number(value).astype(bool) if _is_array(value) else not _number(value)


def _rounding(of_arrays: Any, of_scalars: Callable[[float], int]) -> Function:
    def apply(value: Any) -> Any:
        value = _number(value)
        return _whole(of_arrays(value)) if _is_array(value) else of_scalars(value)

    return Function(apply, (1, 1))


def code(value: Any) -> Any:
    """A kernel as the number that stands for it in arrays; others as they are."""
    if isinstance(value, Kernel):
        return value.frames * KERNEL_BASE + value.side
    return value


FUNCTIONS: dict[str, Function] = {
    "+": _numeric(lambda a, b: a + b),
    "-": _numeric(lambda a, b: a - b),
    "*": _numeric(lambda a, b: a * b),
    "/": _numeric(_divide),
    "//": _numeric(lambda a, b: _whole(np.floor(_divide(a, b)))),
    "%": _numeric(lambda a, b: a - b * _whole(np.floor(_divide(a, b)))),
    "<": _comparison(lambda a, b: a < b, near=False),
    "<=": _comparison(lambda a, b: a <= b, near=True),
    ">": _comparison(lambda a, b: a > b, near=False),
    ">=": _comparison(lambda a, b: a >= b, near=True),
    "==": Function(_equal, (2, 2)),
    "!=": Function(lambda a, b: _not(_equal(a, b)), (2, 2)),
    "and": _logical(np.logical_and, lambda a, b: a and b),
    "or": _logical(np.logical_or, lambda a, b: a or b),
    "not": Function(_not, (1, 1)),
    "if": Function(_if, (3, 3)),
    "round8": Function(_round8, (1, 1)),
    "round_to": Function(_rounded_to, (1, 2)),
    "min": _extreme(np.minimum, min),
    "max": _extreme(np.maximum, max),
    "abs": Function(lambda value: abs(_number(value)), (1, 1)),
    "floor": _rounding(np.floor, math.floor),
    "ceil": _rounding(np.ceil, math.ceil),
}

"""What is a value, whoever wrote it? One normal form of numbers, flags and kernels.

Python and numpy have many numbers. In a space each is an `int`, a `float` or a `bool`,
so that what was accepted is written, read back equal and hashed equal.
"""

import re
from collections.abc import Iterable, Mapping, Set
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np

from vidnas.architecture.kernel import Kernel
from vidnas.errors import SpaceError

Value = int | float | bool | str | Kernel
MILLIONTHS = 6  # decimals of a network's number: what is computed is rounded
LARGEST = 2**53  # whole numbers up to it are exact, in scalars and in arrays
KERNEL_LOOKS = re.compile(r"[0-9]{1,4}x[0-9]{1,4}x[0-9]{1,4}")


def plain_number(value: Any) -> Any:
    """A number or flag of any library as Python's own; what is none as it is.

    Raises:
        SpaceError: it is infinite, no number (NaN), or too large to be exact.
    """
    if type(value) in (bool, int, str):
        number = value
    elif _is_scalar_array(value) and value is not np.ma.masked:
        return plain_number(np.asarray(value)[()])
    elif isinstance(value, bool | np.bool_):
        number = bool(value)
    elif isinstance(value, Integral):
        number = int(value)
    elif isinstance(value, np.floating):  # 0.1 of fewer bits is still 0.1
        number = float(value) if value.itemsize == 8 else float(str(value))
    elif isinstance(value, Real | Decimal):
        number = float(value)
    else:
        return str.__str__(value) if isinstance(value, str) else value
    if isinstance(number, int | float) and not -LARGEST <= number <= LARGEST:
        raise SpaceError(
            "A number must be at most 9e15."
            if number == number
            else "A number must be one, got NaN."
        )
    return 0.0 if number == 0 and type(number) is float else number  # no -0.0


def _is_scalar_array(value: Any) -> bool:
    """Whether it is an array or a tensor, of any library, that holds one number."""
    return getattr(value, "ndim", None) == 0 and (
        isinstance(value, np.ndarray)
        or (hasattr(value, "__array__") and not isinstance(value, np.generic))
    )


def whole_number(value: Any) -> Any:
    """A whole number as an integer; what is none as it is."""
    if type(value) is int or isinstance(value, bool | str):
        return value
    try:
        return int(value) if value == int(value) else value
    except (TypeError, ValueError, OverflowError):
        return value  # no number, NaN, or infinite


def field_value(kind: str, value: Any) -> Any:
    """A value of a network's field in its normal form; what cannot be one as it is.

    Args:
        kind: Kind of the field: `whole`, `number`, `flag`, `kernel` or `word`.
        value: Value, of any library.
    """
    if kind == "whole":
        return whole_number(value)
    if kind == "number":
        return _rounded(value)
    if kind == "flag" and isinstance(value, np.bool_):
        return bool(value)
    if kind == "kernel" and is_kernel(value):
        whole = type(value) is Kernel and type(value[0]) is type(value[1]) is int
        return value if whole else Kernel(*map(whole_number, plain_value(value)))  # type: ignore[arg-type]
    return value


def _rounded(value: Any) -> Any:
    """A number to a millionth, as an integer where it is one."""
    try:
        number = plain_number(value)
    except SpaceError:  # infinite, or no number at all
        return value
    if isinstance(number, float):
        return whole_number(round(number, MILLIONTHS))
    return number


def plain_value(value: Any) -> Value:
    """The value in its normal form; `"1x3x3"` and `(1, 3, 3)` are kernels.

    Raises:
        SpaceError: it is no number, flag, word or kernel.
        ShapeError: it looks like a kernel and is none.
    """
    found = plain_number(value)
    if isinstance(found, str):
        return Kernel.parse(found) if is_kernel(found) else found
    if isinstance(found, bool | int | float):
        return found
    if isinstance(found, Kernel):
        return Kernel(*map(_side, found))
    if is_kernel(found):
        return Kernel.parse("x".join(str(_side(side)) for side in found))
    raise SpaceError(
        "A value must be a number, a flag, a word or a kernel such as `3x3x3`, got "
        f"`{found}`."
    )


def is_kernel(value: Any) -> bool:
    """Whether a value is a kernel, as it stands, as text or as its three sides."""
    if isinstance(value, Kernel):
        return True
    if isinstance(value, str):
        return KERNEL_LOOKS.fullmatch(value) is not None
    listed = isinstance(value, list | tuple) or (
        isinstance(value, np.ndarray) and value.ndim == 1
    )
    sides = value if listed else ()
    return len(sides) == 3 and all(type(_side(side)) is int for side in sides)


def _side(value: Any) -> Any:
    return whole_number(plain_number(value))


def plain_name(name: Any) -> str:
    """A name as Python's own text.

    Raises:
        SpaceError: it is no text.
    """
    if not isinstance(name, str):
        raise SpaceError(f"A name must be text, got `{name}`.")
    return str.__str__(name)


def plain_options(
    options: Any, *, single: bool = False, kernel: bool = False
) -> tuple[Value, ...]:
    """Options in their order, each in its normal form.

    Args:
        options: Values in some order.
        single: Whether one value may stand for itself.
        kernel: Whether three sides are one value.

    Raises:
        SpaceError: they stand in no order, or one is no value.
    """
    one = isinstance(options, str | bytes | Kernel) or _is_scalar_array(options)
    alone = one or not isinstance(options, Iterable)
    if single and (alone or (kernel and is_kernel(options))):
        return (plain_value(options),)
    if alone or isinstance(options, Set | Mapping):
        raise SpaceError(
            "Options must stand in an order, such as a list or a tuple, got "
            f"`{options}`."
        )
    return tuple(map(plain_value, options))

"""What is a derived value? A tree of arithmetic over names, the same however written.

Python operators on `choice(...)` objects and the text in a YAML file give equal trees.
A tree is evaluated on scalars, or on arrays with a row per candidate.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Union

import numpy as np

from vidnas.architecture.kernel import Kernel, round8
from vidnas.errors import SpaceError

Value = int | float | bool | str | Kernel
Operand = Union["Expression", Value]  # a string in it keeps `|` from working
KERNEL_BASE = 1000  # a kernel in an array is `frames * KERNEL_BASE + side`
LARGEST = 2**53  # whole numbers up to it are exact, in scalars and in arrays
_TOO_LARGE = "`{}` must give a number of at most 9e15."


class Expression:
    """A value that depends on choices; Python operators make larger ones.

    `&`, `|` and `~` stand for `and`, `or` and `not`, and `same(a, b)` for `a == b`:
    Python lets nobody else say what the words and `==` mean.
    """

    __slots__ = ()

    def names(self) -> frozenset[str]:
        """The names it depends on."""
        return frozenset(node.name for node in self.nodes() if isinstance(node, Name))

    def nodes(self) -> Iterator["Expression"]:
        """This node and all below it."""
        yield self

    def value(self, known: Mapping[str, Any]) -> Any:
        """What it gives for known names: scalars, or arrays `[N]`.

        Raises:
            SpaceError: a division by zero, or a word in arithmetic.
        """
        raise NotImplementedError

    def rename(self, names: Mapping[str, "Expression"]) -> "Expression":
        """The same with names replaced by expressions."""
        raise NotImplementedError

    def __add__(self, other: Operand) -> "Expression":
        return call("+", self, other)

    def __radd__(self, other: Operand) -> "Expression":
        return call("+", other, self)

    def __sub__(self, other: Operand) -> "Expression":
        return call("-", self, other)

    def __rsub__(self, other: Operand) -> "Expression":
        return call("-", other, self)

    def __mul__(self, other: Operand) -> "Expression":
        return call("*", self, other)

    def __rmul__(self, other: Operand) -> "Expression":
        return call("*", other, self)

    def __truediv__(self, other: Operand) -> "Expression":
        return call("/", self, other)

    def __rtruediv__(self, other: Operand) -> "Expression":
        return call("/", other, self)

    def __floordiv__(self, other: Operand) -> "Expression":
        return call("//", self, other)

    def __rfloordiv__(self, other: Operand) -> "Expression":
        return call("//", other, self)

    def __mod__(self, other: Operand) -> "Expression":
        return call("%", self, other)

    def __neg__(self) -> "Expression":
        return call("-", 0, self)

    def __lt__(self, other: Operand) -> "Expression":
        return call("<", self, other)

    def __le__(self, other: Operand) -> "Expression":
        return call("<=", self, other)

    def __gt__(self, other: Operand) -> "Expression":
        return call(">", self, other)

    def __ge__(self, other: Operand) -> "Expression":
        return call(">=", self, other)

    def __and__(self, other: Operand) -> "Expression":
        return call("and", self, other)

    def __or__(self, other: Operand) -> "Expression":
        return call("or", self, other)

    def __invert__(self) -> "Expression":
        return call("not", self)

    def __bool__(self) -> bool:
        raise SpaceError(
            "An expression has no value before a candidate is decoded, so it cannot "
            "stand in `if`, `and`, `or`, `not` or `a < b < c`. Use `where`, `&`, `|`, "
            "`~` and `(a < b) & (b < c)`."
        )


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A value that depends on nothing."""

    constant: Value

    def value(self, known: Mapping[str, Any]) -> Any:
        """The constant."""
        return self.constant

    def rename(self, names: Mapping[str, Expression]) -> Expression:
        """Itself."""
        return self


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """The value of a choice, or of a part of the network such as `stage1.width`."""

    name: str

    def value(self, known: Mapping[str, Any]) -> Any:
        """What is known by that name."""
        return known[self.name]

    def rename(self, names: Mapping[str, Expression]) -> Expression:
        """The expression that replaces it, or itself."""
        return names.get(self.name, self)


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """An operator or a function of `FUNCTIONS`, applied."""

    function: str
    arguments: tuple[Expression, ...]

    def nodes(self) -> Iterator[Expression]:
        """This node and all below it."""
        yield self
        for argument in self.arguments:
            yield from argument.nodes()

    def value(self, known: Mapping[str, Any]) -> Any:
        """The function of its arguments' values."""
        values = [argument.value(known) for argument in self.arguments]
        try:
            found = FUNCTIONS[self.function].apply(*values)
        except ZeroDivisionError as wrong:
            raise SpaceError(f"`{self.function}` must not divide by zero.") from wrong
        except TypeError as wrong:
            shown = " and ".join(f"`{value}`" for value in values)
            raise SpaceError(
                f"`{self.function}` must have numbers or flags, got {shown}."
            ) from wrong
        except (OverflowError, ValueError) as wrong:
            raise SpaceError(_TOO_LARGE.format(self.function)) from wrong
        if isinstance(found, int | float) and not -LARGEST <= found <= LARGEST:
            raise SpaceError(_TOO_LARGE.format(self.function))
        return found

    def rename(self, names: Mapping[str, Expression]) -> Expression:
        """The same call of renamed arguments."""
        return Call(self.function, tuple(a.rename(names) for a in self.arguments))


def as_expression(value: Operand) -> Expression:
    """A constant, unless it is an expression already."""
    return value if isinstance(value, Expression) else Constant(value)


def call(function: str, *arguments: Operand) -> Expression:
    """A function of constants and expressions; of constants alone, its value.

    Raises:
        SpaceError: the number of arguments is wrong.
    """
    wanted = FUNCTIONS[function].arguments
    if not wanted[0] <= len(arguments) <= wanted[1]:
        raise SpaceError(
            f"`{function}` must have {_counted(wanted)}, got {len(arguments)}."
        )
    made = Call(function, tuple(as_expression(a) for a in arguments))
    if all(isinstance(a, Constant) for a in made.arguments):
        return Constant(made.value({}))
    return made


def fold(expression: Expression) -> Expression:
    """The expression with whatever is constant in it computed, branches taken."""
    if not isinstance(expression, Call):
        return expression
    parts = [fold(part) for part in expression.arguments]
    if expression.function == "if" and isinstance(parts[0], Constant):
        return parts[1] if parts[0].constant else parts[2]
    return call(expression.function, *parts)


def round8_of(value: Operand) -> Expression:
    """Nearest multiple of 8, at least 8 and never below 0.9 of `value`."""
    return call("round8", value)


def round_to(value: Operand, step: Operand = 8) -> Expression:
    """Nearest multiple of `step`, halves up, at least `step`."""
    return call("round_to", value, step)


def where(test: Operand, value: Operand, otherwise: Operand) -> Expression:
    """`value if test else otherwise`."""
    return call("if", test, value, otherwise)


def same(first: Operand, second: Operand) -> Expression:
    """`first == second`."""
    return call("==", first, second)


def least(*values: Operand) -> Expression:
    """`min(...)`."""
    return call("min", *values)


def greatest(*values: Operand) -> Expression:
    """`max(...)`."""
    return call("max", *values)


@dataclass(frozen=True, slots=True)
class Function:
    """What a word or sign means, on scalars and on arrays."""

    apply: Callable[..., Any]
    arguments: tuple[int, int]  # least and most


def _counted(wanted: tuple[int, int]) -> str:
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


def _equal(a: Any, b: Any) -> Any:
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
    "<": _numeric(lambda a, b: a < b),
    "<=": _numeric(lambda a, b: a <= b),
    ">": _numeric(lambda a, b: a > b),
    ">=": _numeric(lambda a, b: a >= b),
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

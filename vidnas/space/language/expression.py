"""What is a derived value? A tree of arithmetic over names, the same however written.

Python operators on `choice(...)` objects and the text in a YAML file give equal trees.
A tree is evaluated on scalars, or on arrays with a row per candidate.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Union

from vidnas.architecture.plain_values import LARGEST, Value, plain_value
from vidnas.errors import SpaceError
from vidnas.space.language.functions import FUNCTIONS, counted

Operand = Union["Expression", Value]  # a string in it keeps `|` from working
_TOO_LARGE = "`{}` must give a number of at most 9e15."


_Sign = Callable[["Expression", Operand], "Expression"]


def _signs(function: str) -> tuple[_Sign, _Sign]:
    """What a sign makes of an expression and what stands behind it, or before it."""
    return (
        lambda mine, other: call(function, mine, other),
        lambda mine, other: call(function, other, mine),
    )


class Expression:
    """A value that depends on choices; Python operators make larger ones.

    `&`, `|` and `~` stand for `and`, `or` and `not`: Python lets nobody else say what
    the words mean. `==` makes an expression too, so code asks `alike(a, b)`.
    """

    __slots__ = ()
    __array_ufunc__ = None  # so that numpy's numbers leave their operators to ours
    __hash__ = object.__hash__

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

    __add__, __radd__ = _signs("+")
    __sub__, __rsub__ = _signs("-")
    __mul__, __rmul__ = _signs("*")
    __truediv__, __rtruediv__ = _signs("/")
    __floordiv__, __rfloordiv__ = _signs("//")
    __mod__, __rmod__ = _signs("%")
    __and__, __rand__ = _signs("and")
    __or__, __ror__ = _signs("or")
    __lt__ = _signs("<")[0]
    __le__ = _signs("<=")[0]
    __gt__ = _signs(">")[0]
    __ge__ = _signs(">=")[0]
    __eq__ = _signs("==")[0]  # type: ignore[assignment]
    __ne__ = _signs("!=")[0]  # type: ignore[assignment]

    def __neg__(self) -> "Expression":
        return call("-", 0, self)

    def __invert__(self) -> "Expression":
        return call("not", self)

    def __abs__(self) -> "Expression":
        return call("abs", self)

    def __floor__(self) -> "Expression":
        return call("floor", self)

    def __ceil__(self) -> "Expression":
        return call("ceil", self)

    def __bool__(self) -> bool:
        raise SpaceError(
            "An expression has no value before a candidate is decoded, so it cannot "
            "stand in `if`, `and`, `or`, `not`, `in`, `min`, `max` or `a < b < c`. Use "
            "`where`, `&`, `|`, `~`, `least`, `greatest` and `(a < b) & (b < c)`."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expression):
    """A value that depends on nothing."""

    constant: Value

    def __post_init__(self) -> None:
        object.__setattr__(self, "constant", plain_value(self.constant))

    def __bool__(self) -> bool:
        return bool(self.constant)

    def value(self, known: Mapping[str, Any]) -> Any:
        """The constant."""
        return self.constant

    def rename(self, names: Mapping[str, Expression]) -> Expression:
        """Itself."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Name(Expression):
    """The value of a choice, or of a part of the network such as `stage1.width`."""

    name: str

    def value(self, known: Mapping[str, Any]) -> Any:
        """What is known by that name."""
        return known[self.name]

    def rename(self, names: Mapping[str, Expression]) -> Expression:
        """The expression that replaces it, or itself."""
        return names.get(self.name, self)


@dataclass(frozen=True, slots=True, eq=False)
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


def alike(first: Any, second: Any) -> bool:
    """Whether two expressions, or parts that hold some, say the same word for word."""
    return repr(first) == repr(second)


class Alike:
    """What holds expressions, and is equal to what says the same word for word."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and alike(self, other)

    def __hash__(self) -> int:
        return hash(repr(self))


def call(function: str, *arguments: Operand) -> Expression:
    """A function of constants and expressions; of constants alone, its value.

    Raises:
        SpaceError: the number of arguments is wrong.
    """
    wanted = FUNCTIONS[function].arguments
    if not wanted[0] <= len(arguments) <= wanted[1]:
        raise SpaceError(
            f"`{function}` must have {counted(wanted)}, got {len(arguments)}."
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

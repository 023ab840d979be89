"""How is a decision declared? Options in a place of the network, or under a name."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from vidnas.architecture.kernel import Kernel
from vidnas.architecture.plain_values import (
    Value,
    plain_options,
    whole_number,
)
from vidnas.errors import InputError, SpaceError
from vidnas.space.language.expression import (
    Alike,
    Constant,
    Expression,
    Name,
    Operand,
    as_expression,
    round_to,
)
from vidnas.space.language.expression_text import expression_text

PER = ("stage", "layer")


@dataclass(frozen=True, slots=True, eq=False)
class Options(Alike):
    """A choice where it stands: one of `options`.

    Args:
        options: Different values; the first holds while the choice is inactive.
        per: `layer` or `stage`: where a stage has one such choice or one per layer;
            "" for what is usual there.
        when: The choice is active only where this holds.

    Raises:
        SpaceError: there are no options, or two are equal.
    """

    options: tuple[Value, ...]
    per: str = ""
    when: Expression | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", plain_options(self.options))
        if self.when is not None:
            object.__setattr__(self, "when", as_expression(self.when))
        if not self.options:
            raise SpaceError("A choice must offer at least one option, got none.")
        if len(set(self.options)) != len(self.options):
            raise SpaceError(f"Options of a choice must differ, got {self.options}.")
        if self.per not in ("", *PER):
            raise SpaceError(f"`per` must be one of {', '.join(PER)}, got {self.per}.")

    def to_document(self) -> Any:
        """As YAML spells it: a list, or a mapping where more is said."""
        options = [spell(option) for option in self.options]
        if not self.per and self.when is None:
            return options
        document: dict[str, Any] = {"options": options}
        if self.per:
            document["per"] = self.per
        if self.when is not None:
            document["when"] = expression_text(self.when)
        return document


@dataclass(frozen=True, slots=True, eq=False)
class Width(Alike):
    """`base` times a multiplier, rounded to the nearest multiple of `round_to`.

    Halves go up and nothing falls below `round_to`. There is no 0.9 guard as in
    `round8`: the released MoViNet-A2 has 16 = 0.75 x 24 channels in its first stage,
    which the guard would make 24.

    Args:
        base: Channels before multiplication.
        multipliers: Options, or an expression of choices.
        round_to: Channels.
    """

    base: int
    multipliers: "Given" = 1.0
    round_to: int = 8

    def __post_init__(self) -> None:
        for name in ("base", "round_to"):
            number = whole_number(getattr(self, name))
            if type(number) is not int or number < 1:
                raise SpaceError(
                    f"`{name}` of a width must be a whole number of at least 1, got "
                    f"`{getattr(self, name)}`."
                )
            object.__setattr__(self, name, number)
        object.__setattr__(self, "multipliers", as_spec(self.multipliers))

    def times(self, factor: float) -> int:
        """`factor` times the base, rounded."""
        step = self.round_to
        return max(step, math.floor(factor * self.base / step + 0.5) * step)

    @property
    def options(self) -> tuple[int, ...]:
        """The different widths of listed multipliers, in their order."""
        spec = as_spec(self.multipliers)
        factors = spec.options if isinstance(spec, Options) else ()
        if isinstance(spec, Constant):
            factors = (spec.constant,)
        return tuple(dict.fromkeys(self.times(float(f)) for f in factors))  # type: ignore[arg-type]

    @property
    def spec(self) -> "Spec":
        """The width as a choice of widths, or as an expression."""
        spec = as_spec(self.multipliers)
        if isinstance(spec, Options):
            if len(self.options) == 1:
                return Constant(self.options[0])
            return Options(self.options, spec.per, spec.when)
        return round_to(as_expression(spec) * self.base, self.round_to)

    def to_document(self) -> Any:
        """As YAML spells it: the base alone where nothing else is chosen."""
        multiplier = spell(as_spec(self.multipliers))
        if multiplier == 1.0 and self.round_to == 8:
            return self.base
        document: dict[str, Any] = {"base": self.base, "multiplier": multiplier}
        if self.round_to != 8:
            document["round_to"] = self.round_to
        return document


Spec = Expression | Options  # what stands in one place of a space
Given = Spec | Value | Iterable[Any]  # what Python lets stand there


@dataclass(frozen=True, slots=True, eq=False)
class NamedChoice(Name):
    """A choice under a name: tied wherever the name appears. See `choice`."""

    declared: Options = Options((False, True))


def choice(
    name: str, options: Iterable[Any], *, when: Operand | None = None
) -> NamedChoice:
    """A named choice, to be used in expressions and places of a space.

    Args:
        name: An identifier that is no word of the language.
        options: Values, the one that holds while the choice is inactive first.
        when: The choice is active only where this holds.
    """
    return NamedChoice(name, Options(plain_options(options), when=when))  # type: ignore[arg-type]


def as_spec(
    given: Given, *, place: str = "", kernel: bool = False, whole: bool = False
) -> Spec:
    """A constant, a choice or an expression of what Python spells shortly.

    Args:
        given: Value, options in their order, choice or expression.
        place: Name of the place, for errors.
        kernel: Whether kernels belong there, so that three sides are one.
        whole: Whether whole numbers belong there, so that 2.0 is 2.
    """
    if isinstance(given, Expression) and not isinstance(given, Constant):
        return given
    if isinstance(given, Options):
        whole_options = tuple(map(whole_number, given.options))
        return replace(given, options=whole_options) if whole else given
    given = given.constant if isinstance(given, Constant) else given
    try:
        options = plain_options(given, single=True, kernel=kernel)
    except InputError as wrong:
        raise SpaceError(f"`{place}`: {wrong}" if place else str(wrong)) from wrong
    options = tuple(map(whole_number, options)) if whole else options
    return Constant(options[0]) if len(options) == 1 else Options(options)


def spell(given: Any) -> Any:
    """A value, choice or expression as YAML spells it."""
    if isinstance(given, Kernel):
        return str(given)
    if isinstance(given, Options | Width):
        return given.to_document()
    if isinstance(given, Constant):
        return spell(given.constant)
    if isinstance(given, Expression):
        return expression_text(given)
    return given


def without_names(expression: Expression, found: dict[str, Options]) -> Expression:
    """The expression with named choices as plain names; what they declare in `found`.

    Raises:
        SpaceError: one name is declared twice, with different options.
    """
    plain: dict[str, Expression] = {}
    for node in expression.nodes():
        if not isinstance(node, NamedChoice):
            continue
        declared = node.declared
        if declared.when is not None:
            when = without_names(declared.when, found)
            declared = replace(declared, when=when)
        if found.setdefault(node.name, declared) != declared:
            raise SpaceError(
                f"Choice `{node.name}` must be declared once, got options "
                f"{found[node.name].options} and {declared.options}."
            )
        plain[node.name] = Name(node.name)
    return expression.rename(plain) if plain else expression


def plain_spec(spec: Spec, found: dict[str, Options]) -> Spec:
    """What stands in a place with named choices as plain names."""
    if isinstance(spec, Expression):
        return without_names(spec, found)
    if spec.when is None:
        return spec
    return replace(spec, when=without_names(spec.when, found))

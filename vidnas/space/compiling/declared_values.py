"""Can what a space gives stand where it does? Values, options and names, one by one."""

from collections.abc import Iterator, Mapping
from typing import Any

from vidnas.architecture.kernel import Kernel
from vidnas.architecture.plain_values import Value
from vidnas.errors import PlacedError
from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Constant
from vidnas.space.language.names import _STAGE_WORDS, RESERVED, Path, label_of, place_at
from vidnas.space.language.options import Options, Spec, Width, as_spec
from vidnas.space.language.places import PLACES
from vidnas.space.language.value_kinds import ValueKind


def check_given(space: SpaceDeclaration) -> None:
    """Refuses values and options of the wrong kind, and names that mean something else.

    Raises:
        PlacedError: says which, and what it must be.
    """
    _check_names(space)
    for path, spec in _specs(space):
        _check_spec(path, spec, place_at(path))


def _specs(space: SpaceDeclaration) -> Iterator[tuple[Path, Spec]]:
    for name, given in space.named.items():
        yield ("choices", name), as_spec(given)
    for key, spec in space.specs().items():
        yield (key,), spec
    for part in ("clip", "stem"):
        yield from _part((part,), getattr(space, part))
    for number, stage in enumerate(space.stages):
        for name, given in stage.choices.items():
            yield ("stages", number, "choices", name), as_spec(given)
        yield from _part(("stages", number), stage)
    yield from _part(("head",), space.head)


def _part(path: Path, part: Any) -> Iterator[tuple[Path, Spec]]:
    places = PLACES["stage" if path[0] == "stages" else str(path[0])]
    for key in places:
        given = getattr(part, key)
        if isinstance(given, Width):
            yield (*path, key), Constant(given.base)
            yield (*path, key, "multiplier"), as_spec(given.multipliers)
        elif given is not None:
            yield (*path, key), as_spec(given)


def _check_spec(path: Path, spec: Spec, kind: ValueKind) -> None:
    if isinstance(spec, Constant):
        _check_value(path, spec.constant, kind)
    elif isinstance(spec, Options):
        for option in spec.options:
            _check_value(path, option, kind)
        if len({_kind(option) for option in spec.options}) > 1:
            raise PlacedError(
                f"`{label_of(path)}` must offer options of one kind, got "
                f"{', '.join(map(_text, spec.options))}.",
                path,
            )
        if spec.per == "layer" and not kind.layered:
            raise PlacedError(
                f"`{label_of(path)}` must be the same for all layers, got "
                "`per: layer`.",
                path,
            )


def _check_value(path: Path, value: Value, kind: ValueKind) -> None:
    fault = kind.fault(value)
    if fault:
        raise PlacedError(
            f"`{label_of(path)}` must be {fault}, got {_text(value)}.", path
        )


def _kind(value: Value) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | Kernel) else f"`{value}`"


def _check_names(space: SpaceDeclaration) -> None:
    for name in space.derived:
        _check_name(name, ("derived", name), RESERVED, space.named)
    stages: dict[str, int] = {}
    for number, name in enumerate(space.stage_names):
        path = ("stages", number, "name")
        _check_name(name, path, RESERVED, stages)
        stages[name] = number
        for choice in space.stages[number].choices:
            of_stage: Path = ("stages", number, "choices", choice)
            _check_name(choice, of_stage, _STAGE_WORDS, {})


def _check_name(
    name: str, path: Path, words: frozenset[str], taken: Mapping[str, Any]
) -> None:
    if not name.isidentifier():
        raise PlacedError(
            f"A name must be letters, digits and `_`, not first a digit, got `{name}`.",
            path,
        )
    if name in words:
        raise PlacedError(
            f"A name must be no word of the language, got `{name}`.", path
        )
    if name in taken:
        raise PlacedError(f"A name must stand once, got `{name}` twice.", path)

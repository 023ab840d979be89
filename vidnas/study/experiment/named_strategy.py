"""Who proposes? The strategy that an experiment file names, with its options."""

import dataclasses
from importlib import import_module
from typing import Any

from vidnas.documents.node import Node
from vidnas.errors import SpaceError
from vidnas.space.space import Space
from vidnas.strategies.grid_search import Grid, require_listable
from vidnas.strategies.registry import STRATEGIES
from vidnas.strategies.strategy import Strategy

# Strategies of other libraries, loaded where they are named: module, class, extra.
EXTRAS = {"optuna": ("vidnas.integrations.optuna", "OptunaStrategy", "optuna")}


def read_strategy(node: Node, space: Space) -> tuple[Strategy, dict[str, Any]]:
    """The strategy, and how the file spells it.

    Args:
        node: Name of a strategy, or a mapping of name and options.
        space: Space that it is to search.

    Raises:
        InputError: there is no such strategy, no such option of it, it is of a library
            that is not installed, or it cannot list so large a space.
    """
    strategy, document = _read(node)
    if isinstance(strategy, Grid):
        try:
            require_listable(space)
        except SpaceError as wrong:
            raise node.complaint(str(wrong)) from wrong
    return strategy, document


def _read(node: Node) -> tuple[Strategy, dict[str, Any]]:
    named = node.need("name") if isinstance(node.value, dict) else node
    name = named.one_of(*sorted({*STRATEGIES, *EXTRAS}))
    kind: Any = _extra(name, named) if name in EXTRAS else STRATEGIES[name]
    if named is node:
        return kind(), {"name": name}
    options = {field.name: field for field in dataclasses.fields(kind)}
    earlier = {
        option.metadata["was"]: key
        for key, option in options.items()
        if "was" in option.metadata
    }
    spelled = [key for key in node.value if key in earlier]
    node.fields("name", *options, *spelled)
    values: dict[str, Any] = {}
    document: dict[str, Any] = {"name": name}
    for key in (*options, *spelled):
        found, meant = node.get(key), earlier.get(key, key)
        if found is None:
            continue
        if meant in values:
            raise found.complaint(f"`{meant}` must stand once, got it as `{key}` too.")
        values[meant] = document[key] = _option(found, options[meant])
    return kind(**values), document


def _extra(name: str, named: Node) -> Any:
    module, kind, extra = EXTRAS[name]
    try:
        return getattr(import_module(module), kind)
    except ModuleNotFoundError as wrong:
        raise named.complaint(
            f"Strategy `{name}` needs `{wrong.name}`, which is not installed: "
            f"pip install 'vidnas[{extra}]'."
        ) from wrong


def _option(node: Node, option: "dataclasses.Field[Any]") -> Any:
    """The value of a strategy's option, of the kind that its default has."""
    if isinstance(option.default, bool):
        return node.flag()
    if isinstance(option.default, int):
        return node.integer()
    if isinstance(option.default, str):
        return node.one_of(*option.metadata["words"])
    if "maximum" in option.metadata:
        return node.number(maximum=option.metadata["maximum"])
    return node.quantity()

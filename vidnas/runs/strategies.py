"""Who proposes? The strategy that an experiment file names, with its options."""

import dataclasses
from typing import Any

from vidnas.core.document import Node
from vidnas.core.strategies.interface import Strategy
from vidnas.core.strategies.registry import STRATEGIES


def read_strategy(node: Node) -> tuple[Strategy, dict[str, Any]]:
    """The strategy, and how the file spells it.

    Raises:
        InputError: there is no such strategy, or no such option of it.
    """
    if not isinstance(node.value, dict):
        name = node.one_of(*STRATEGIES)
        return STRATEGIES[name](), {"name": name}
    name = node.need("name").one_of(*STRATEGIES)
    kind: Any = STRATEGIES[name]
    options = {field.name: field for field in dataclasses.fields(kind)}
    node.fields("name", *options)
    values: dict[str, Any] = {}
    for key, option in options.items():
        found = node.get(key)
        if found is not None:
            values[key] = _option(found, option)
    return kind(**values), {"name": name, **values}


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

"""Which studies are seeds of one search, and what tells groups of them apart?

A setting is what a search was asked: space, recipe, strategy, budgets, rungs. Seed,
effort, workers and names are none: studies that differ in those alone form a group.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vidnas.documents.quantity import format_count, parse_quantity
from vidnas.study.history import History

Settings = Mapping[str, str]

# What a document of an experiment says of other things, or what is read elsewhere.
_NO_SETTINGS = frozenset(
    {
        "schema",
        "name",
        "space",
        "clips",
        "training",
        "baselines",
        "known",
        "latency",
        "objectives",
        "effort",
        "workers",
        "front",
        "seed",
    }
)
# What names a group by itself, where it differs: the rest would follow from it.
_LEADING = ("strategy.name", "space")
_SHOWN = 3  # settings in a label
_LARGE = 1e5  # numbers from here on get a suffix
NONE = "none"


def settings_of(history: History) -> Settings:
    """The settings of a study as texts, by names such as `strategy.population`."""
    experiment, identity = history.experiment, history.head.identity
    document = dict(experiment.document)
    told: dict[str, Any] = {
        "space": f"{experiment.space.get('name', 'space')} {identity.space}",
        "training": {
            **identity.recipe.to_document(),
            **identity.fidelity.to_document(),
        },
        "known": "yes" if history.taken_over else None,
    }
    if document.get("latency"):
        told["latency"] = Path(str(document["latency"])).name
    told |= {k: v for k, v in document.items() if k not in _NO_SETTINGS}
    return _flat(told)


def _flat(document: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Values by dotted names; what is left out or off says nothing."""
    found: dict[str, str] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{above}{key}.")
        elif value not in (None, False, "", [], ()):
            found[f"{above}{key}"] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("name", value))
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    if value is True:
        return "yes"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def differing(groups: Sequence[Settings]) -> dict[str, tuple[str, ...]]:
    """Settings in which groups differ, with the value of each group."""
    names = dict.fromkeys(name for group in groups for name in group)
    values = {name: tuple(group.get(name, NONE) for group in groups) for name in names}
    return {name: told for name, told in values.items() if len(set(told)) > 1}


def labels(groups: Sequence[Settings], names: Sequence[str]) -> tuple[str, ...]:
    """A short label for each group: what tells it from the others.

    Args:
        groups: Settings of each group, all different.
        names: Names of the groups' experiments, for what has no shorter label.
    """
    if len(groups) == 1:
        return (groups[0].get("strategy.name", names[0]),)
    differ = {k: tuple(map(short, v)) for k, v in differing(groups).items()}
    leading = {k: v for k, v in differ.items() if k in _LEADING}
    if leading:  # options of other strategies are no news
        same_strategy = "strategy.name" not in leading
        differ = {
            k: v
            for k, v in differ.items()
            if k in leading or same_strategy or not k.startswith("strategy.")
        }
    found = [
        tuple(leading.values()),
        tuple(
            tuple(_said(name, value) for value in values)
            for name, values in list(differ.items())[:_SHOWN]
        ),
        (tuple(names),),
    ]
    for columns in found:
        rows = tuple(", ".join(row) for row in zip(*columns, strict=True))
        if len(set(rows)) == len(groups):
            return rows
    return tuple(f"group {number}" for number in range(1, len(groups) + 1))


def short(value: str) -> str:
    """A value for people: large numbers with a suffix, a hash by its first digits."""
    number = parse_quantity(value)
    if number is not None:
        return format_count(number) if abs(number) >= _LARGE else value
    name, _, rest = value.rpartition(" ")
    is_hash = len(rest) >= 16 and set(rest) <= set("0123456789abcdef")
    return f"{name} {rest[:8]}" if is_hash and name else value


def _said(name: str, value: str) -> str:
    """`batch 16`, `flip yes`, or `ladder`."""
    if name in _LEADING:
        return value
    return f"{name.rpartition('.')[2].replace('_', ' ')} {value}"

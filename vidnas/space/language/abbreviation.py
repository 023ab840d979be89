"""How is a space's document written shortly? Ranges, and stages like earlier ones."""

from collections.abc import Mapping
from typing import Any

RANGE = 4  # whole numbers in a row that become `from` and `to`
ALIKE = 3  # places that two stages must share for one to be `like` the other


def abbreviate(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of the same space, as short as a person would write it.

    Args:
        document: In the form of `Space.to_document`.
    """
    short = {key: _with_ranges(value) for key, value in document.items()}
    named: dict[str, dict[str, Any]] = {}
    stages = []
    for number, stage in enumerate(short["stages"], start=1):
        stages.append(_like_another(stage, named))
        named[stage.get("name", f"stage{number}")] = stage
    return short | {"stages": stages}


def _with_ranges(value: Any) -> Any:
    if isinstance(value, list):
        whole = all(type(one) is int for one in value)
        if (
            whole
            and len(value) >= RANGE
            and value == list(range(value[0], value[-1] + 1))
        ):
            return {"from": value[0], "to": value[-1]}
        return [_with_ranges(one) for one in value]
    if not isinstance(value, dict):
        return value
    short = {key: _with_ranges(one) for key, one in value.items()}
    if isinstance(short.get("options"), dict):  # beside `per` or `when`
        return short.pop("options") | short
    return short


def _like_another(
    stage: dict[str, Any], earlier: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """The stage by what it changes in the earlier one that is most like it."""
    places = stage.keys() - {"name"}
    shared = {
        name: sum(stage[place] == other[place] for place in other.keys() & places)
        for name, other in earlier.items()
        if other.keys() - {"name"} <= places  # nothing said there can be unsaid
    }
    model = max(shared, key=lambda name: shared[name], default="")
    if not model or shared[model] < ALIKE:
        return stage
    said = {place: stage[place] for place in stage if place == "name"} | {"like": model}
    other = earlier[model]
    return said | {
        p: stage[p] for p in stage if p in places and other.get(p) != stage[p]
    }

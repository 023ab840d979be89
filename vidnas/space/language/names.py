"""Which names and paths has the language? Reserved words, labels, places."""

from keyword import kwlist

from vidnas.space.language.functions import FUNCTIONS
from vidnas.space.language.places import FACTOR, PLACES
from vidnas.space.language.value_kinds import ValueKind

Path = tuple[str | int, ...]
ANY = ValueKind("any")
FACTS = ("temporal_reach", "layers")  # of the decoded network, for rules
LAYERED = ("layer", "kernel", "expand", "expand_width")  # names of a layer
_WORDS = frozenset({*FUNCTIONS, *kwlist, *LAYERED, "inner", "excited", "true", "false"})
_STAGE_WORDS = _WORDS | {*PLACES["stage"], *PLACES["network"]}
RESERVED = frozenset(
    {
        *_STAGE_WORDS,
        *(key for part in PLACES.values() for key in part),
        *PLACES,
        *FACTS,
        "stages",
    }
)


def label_of(path: Path) -> str:
    """The place as a person writes it: `stages[1].depth`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.lstrip(".")


def place_at(path: Path) -> ValueKind:
    """What may stand under these keys of a document."""
    if "choices" in path or path[0] == "derived":
        return ANY
    if path[-1] == "multiplier":
        return FACTOR
    part = "stage" if path[0] == "stages" else path[0] if len(path) > 1 else "network"
    return PLACES[str(part)][str(path[-1])]

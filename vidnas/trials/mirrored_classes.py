"""Which classes would a mirror turn into others? Those whose names tell sides apart."""

import re
from collections.abc import Sequence

from vidnas.trials.recipe import Recipe

SIDES = frozenset(
    (
        *("left", "right", "links", "rechts", "gauche", "droite", "droit"),
        *("izquierda", "derecha", "sinistra", "destra"),
        *("clockwise", "counterclockwise", "anticlockwise", "cw", "ccw"),
    )
)
_ENDINGS = re.compile(r"(wards?|hand(ed)?|most|side)$")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SHOWN = 3


def sided_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """Classes whose names hold a word for a side or a sense of rotation.

    Args:
        classes: Names of classes, such as `turn_left`, `SwipeRight`.
    """
    return tuple(name for name in classes if any(map(_is_side, _WORD.findall(name))))


def mirror_warning(recipe: Recipe, classes: Sequence[str]) -> str:
    """What to say before clips are mirrored that may not be; empty where all may.

    Args:
        recipe: Recipe of the training.
        classes: Names of classes.
    """
    found = sided_classes(classes) if recipe.flip else ()
    if not found:
        return ""
    shown = ", ".join(f"`{name}`" for name in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (
        f"half of the clips are mirrored and keep their labels, {shown}{more} among "
        "them: a class that names a side needs `flip: false` (--no-flip)"
    )


def _is_side(word: str) -> bool:
    word = word.lower()
    return word in SIDES or _ENDINGS.sub("", word) in SIDES

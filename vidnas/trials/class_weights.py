"""How much does each class weigh in the loss? By name, or so that all weigh alike.

Weights are scaled so that the mean over the training clips is 1 (over the classes,
where clips have several): weights that are all equal are none, and the learning rate
keeps its meaning.
"""

from collections.abc import Sequence

import numpy as np

from vidnas.arrays import Floats
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError

BALANCED = "balanced"
# None, `balanced`, or weights by name; a tuple, so that a recipe can be hashed.
ClassWeights = str | tuple[tuple[str, float], ...] | None


def require_known_classes(weights: ClassWeights, classes: Sequence[str]) -> None:
    """Raises where a weight is of no class.

    Args:
        weights: Weights of a recipe.
        classes: Names of the classes.

    Raises:
        InputError: names the nearest class.
    """
    if weights is None or isinstance(weights, str):
        return
    for name, _ in weights:
        if name not in classes:
            raise InputError(
                f"`class_weights` must name classes of the clips, got `{name}`."
                f"{nearest(name, classes)}"
            )


def weights_of(
    weights: ClassWeights,
    classes: Sequence[str],
    counts: Sequence[float],
    *,
    multi_label: bool,
) -> Floats:
    """Weight of each class in the loss, `[K]`.

    Args:
        weights: Weights of a recipe; what they leave out weighs 1.
        classes: Names of the K classes.
        counts: Training clips of each class.
        multi_label: Whether a clip may have several classes, or none.

    Raises:
        InputError: a weight is of no class.
    """
    require_known_classes(weights, classes)
    if weights is None:
        return np.ones(len(classes))
    clips = np.asarray(counts, np.float64)
    if isinstance(weights, str):
        own = 1.0 / np.maximum(clips, 1.0)
    else:
        stated = dict(weights)
        own = np.array([stated.get(name, 1.0) for name in classes])
    mean = own.mean() if multi_label else (own * clips).sum() / clips.sum()
    return np.asarray(own / mean, np.float64)

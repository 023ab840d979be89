"""What does a study send to its workers? One function that loads TensorFlow there."""

import sys

from vidnas.core.architecture import Architecture
from vidnas.core.recipe import Recipe
from vidnas.core.trial import Fidelity
from vidnas.training.environment import prepare


def train_candidate(
    architecture: Architecture,
    *,
    dataset: str,
    recipe: Recipe,
    fidelity: Fidelity,
    seed: int,
    cpus: int = 1,
) -> dict[str, float]:
    """Measured numbers of an architecture; see `vidnas.training.evaluate.evaluate`.

    The first call in a process prepares the environment and imports TensorFlow.

    Args:
        architecture: What to train.
        dataset: Folder of the dataset.
        recipe: How to train it.
        fidelity: How closely to full training.
        seed: Of weights, order of clips, augmentation and dropout.
        cpus: Threads that TensorFlow may compute with.
    """
    if "tensorflow" not in sys.modules:
        prepare(cpus=cpus)
    from vidnas.training.evaluate import evaluate

    return evaluate(
        architecture, dataset=dataset, recipe=recipe, fidelity=fidelity, seed=seed
    )

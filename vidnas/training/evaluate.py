"""How good is one architecture? Trains it on clips and measures.

`evaluate` is what a worker runs. It may be called again and again in one process and
leaves nothing behind but warm caches.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from vidnas.core.architecture import Architecture
from vidnas.core.recipe import Recipe
from vidnas.core.trial import Fidelity
from vidnas.training.dataset import Dataset, batch_of, open_dataset
from vidnas.training.fit import Fit
from vidnas.training.guard import guarded
from vidnas.training.memory import AllocatorPeak

OnEpoch = Callable[[int, Mapping[str, float]], None]


def evaluate(
    architecture: Architecture,
    *,
    dataset: str,
    recipe: Recipe,
    fidelity: Fidelity,
    seed: int,
    on_epoch: OnEpoch | None = None,
) -> dict[str, float]:
    """Trains an architecture on the `train` clips and measures it on the `val` clips.

    Args:
        architecture: What to train.
        dataset: Folder of the dataset.
        recipe: How to train it.
        fidelity: Epochs, and frames and resolution where they are not the
            architecture's own.
        seed: Of weights, order of clips, augmentation and dropout.
        on_epoch: Is told after each epoch its number from 1, and `loss` and
            `train_top1` [%] over that epoch's training clips.

    Returns:
        `top1`, `top5` [%] and `loss` on `val`; `seconds` of everything,
        `build_seconds` of building and tracing and `train_seconds` of the training
        steps; `peak_bytes` of the allocator, unless it keeps no statistics; and
        `train_clips`, `val_clips`, `skipped_clips`, `epochs`.

    Raises:
        EvaluationError: memory ran out, or the loss became NaN or infinite.
        InputError: the clips or the recipe cannot be used.
    """
    began = time.perf_counter()
    architecture = architecture.at(fidelity.frames, fidelity.resolution)
    clips = open_dataset(architecture, Path(dataset), recipe)
    with guarded(precision=recipe.precision, batch=batch_of(recipe, clips)):
        measured = _measure(
            architecture, clips, recipe, fidelity.epochs, seed, on_epoch
        )
    return {**measured, "seconds": time.perf_counter() - began}


def _measure(
    architecture: Architecture,
    clips: Dataset,
    recipe: Recipe,
    epochs: int,
    seed: int,
    on_epoch: OnEpoch | None,
) -> dict[str, float]:
    memory = AllocatorPeak()
    began = time.perf_counter()
    fit = Fit(architecture, clips, recipe, epochs=epochs, seed=seed)
    built = time.perf_counter()
    for epoch in range(epochs):
        report = fit.train(epoch)
        if on_epoch is not None:
            on_epoch(epoch + 1, report)
    trained = time.perf_counter()
    score = fit.score()
    return {
        "top1": score.top1,
        "top5": score.top5,
        "loss": score.loss,
        "build_seconds": built - began,
        "train_seconds": trained - built,
        **memory.measured,
        **clips.counts,
        "epochs": float(epochs),
    }

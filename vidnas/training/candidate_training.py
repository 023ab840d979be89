"""How good is one architecture? Trains it on clips and measures.

`evaluate` is what a worker runs. It may be called again and again in one process and
leaves nothing behind but warm caches.
"""

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.datasets.source import ClipSource
from vidnas.nets.weights.weights_file import pack_weights
from vidnas.training.allocator import AllocatorPeak
from vidnas.training.dataset import batch_of, open_dataset, require_counted
from vidnas.training.failures import training_scope
from vidnas.training.fit import Fit
from vidnas.training.replicas.devices import Devices, require_multiple
from vidnas.training.watched_trial import WatchedTrial
from vidnas.trials.attempt import equal_part
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.recipe import Recipe
from vidnas.trials.watch import Unwatched, Watch


def evaluate(
    architecture: Architecture,
    *,
    dataset: str | Mapping[str, Any],
    recipe: Recipe,
    fidelity: Fidelity,
    seed: int,
    watch: Watch | None = None,
    micro_batch: int | None = None,
    counted: tuple[int, int] | None = None,
    full_epochs: int | None = None,
    threads: int | None = None,
    devices: Devices | None = None,
) -> dict[str, float]:
    """Trains an architecture on the `train` clips and measures it on the `val` clips.

    Args:
        architecture: Architecture to train.
        dataset: Class folders, or the document that names the dataset.
        recipe: Recipe of the training.
        fidelity: Epochs, and frames and resolution where they are not the
            architecture's own.
        seed: Seed of weights, order of clips, augmentation and dropout.
        watch: Watch over the training, which hears of every step and epoch: of `loss`
            and, where clips have one class each, `train_top1` [%] over its training
            clips; of `val_loss` and accuracies where the recipe's evaluation asks for
            each epoch. It keeps the state after every epoch, and what it has kept is
            gone on from. None for nobody.
        micro_batch: Clips whose activations are in memory at once; None for the batch.
        counted: Readable clips of `train` and `val` that there must be; None for any.
        full_epochs: Epochs of full training, where the fidelity has fewer and the
            recipe's schedule is one over those.
        threads: Threads that make batches, as many as the cores of this worker; None
            for one per core that this process may use.
        devices: Devices that share every batch; None for one.

    Returns:
        `top1`, `top5`, `balanced_accuracy`, `macro_f1`, `map` [%], the last three with
        their intervals (`map_low`, `map_high`), and `loss` on `val`; of clips with
        several classes `map` and `loss` alone; `seconds` of everything,
        `build_seconds` of building and tracing and `train_seconds` of the training
        steps, with what earlier tries took that it goes on from; `resumed_epochs` that
        those had trained, and `continued_epochs` that a cheaper trial of the network
        had, where there are any; `peak_bytes` of the allocator, unless it keeps no
        statistics; and `train_clips`, `val_clips`, `skipped_clips`, `still_clips`,
        `short_clips`, `damaged_clips`, `epochs`; `gpus`, where several shared a
        batch.

    Raises:
        OutOfMemoryError: memory ran out.
        EvaluationError: the loss became NaN or infinite.
        InputError: the clips or the recipe cannot be used.
    """
    began = time.perf_counter()
    architecture = architecture.at(fidelity.frames, fidelity.resolution)
    source = ClipSource.of(dataset)
    clips = open_dataset(architecture, source, recipe, threads=threads)
    if counted is not None:
        require_counted(clips, source, counted)
    batch = batch_of(recipe, clips)
    count = devices.count if devices else 1
    require_multiple(batch, count)
    part = equal_part(batch, micro_batch or batch, count)
    with training_scope(precision=recipe.precision, batch=batch, micro_batch=part):
        memory = AllocatorPeak()
        with closing(
            Fit(
                architecture,
                clips,
                recipe,
                epochs=fidelity.epochs,
                seed=seed,
                micro_batch=part,
                full_epochs=full_epochs,
                devices=devices,
            )
        ) as fit:
            trial = WatchedTrial(fit, watch or Unwatched(), fidelity.epochs, began)
            score = trial.train(each_epoch=recipe.evaluation.each_epoch)
            measured = {
                **score.accuracies,
                "loss": score.loss,
                **trial.measured,
                "epochs": float(fidelity.epochs),
                **({"gpus": float(count)} if count > 1 else {}),
                **memory.measured,
                **clips.counts,
                **clips.faults,
            }
            classes = clips.train.classes
            trial.watch.trained(lambda: pack_weights(fit.network(), classes))
        return {**measured, "seconds": trial.seconds}

"""How is one architecture trained fully? Epoch by epoch, each of which can be kept."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.errors import EvaluationError
from vidnas.nets.weights.weights_file import pack_weights
from vidnas.training.allocator import AllocatorPeak
from vidnas.training.dataset import Dataset, batch_of
from vidnas.training.failures import training_scope
from vidnas.training.fit import Fit, OnStep
from vidnas.training.replicas.devices import Devices
from vidnas.training.score import Score
from vidnas.training.session import State
from vidnas.trials.recipe import Recipe

Report = dict[str, float]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of a training as it goes on.

    Args:
        begins: Function that gets, before the first step, whether the classifier
            starts from loaded weights.
        step: Function that gets the number of each step that ends, within its epoch,
            and how many there are.
        epoch: Function that gets the number of each epoch that ends, from 1, its report
            (`loss`, `train_top1`, `val_loss`, `seconds` and every accuracy) and the
            state to go on from.
    """

    begins: Callable[[bool], None]
    step: OnStep
    epoch: Callable[[int, Report, State], None]


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """What a training ends with.

    Args:
        weights: Content of a weights file.
        peak: `peak_bytes` of the allocator in this process, where it keeps statistics.
        per_class: Numbers of each class; see `Score.per_class`.
    """

    weights: bytes
    peak: dict[str, float]
    per_class: dict[str, list[float | None]]


def train_fully(
    architecture: Architecture,
    dataset: Dataset,
    recipe: Recipe,
    listener: Listener,
    *,
    epochs: int,
    seed: int,
    weights: Path | None = None,
    state: State | None = None,
    devices: Devices | None = None,
    micro_batch: int | None = None,
) -> TrainedNetwork:
    """Trains an architecture to the end of its schedule, and measures every epoch.

    Args:
        architecture: Architecture to train, at the clip shape of the dataset.
        dataset: Clips to train and measure on.
        recipe: Recipe of the training.
        listener: Functions that hear of every step and epoch.
        epochs: Length of the schedule, epochs before `state` included.
        seed: Seed of weights, order of clips, augmentation and dropout.
        weights: File or checkpoint to start from; None for fresh weights.
        state: State after the last epoch of an earlier process, in place of `weights`.
        devices: Devices that share every batch; None for one.
        micro_batch: Clips whose activations are in memory at once, at most; None for
            the batch.

    Raises:
        EvaluationError: memory ran out, or a loss became NaN or infinite.
        InputError: `weights` or `state` belong to another training.
    """
    batch = batch_of(recipe, dataset)
    with training_scope(
        precision=recipe.precision, batch=batch, micro_batch=micro_batch or batch
    ):
        memory = AllocatorPeak()
        start = None if state else weights
        fit = Fit(
            architecture,
            dataset,
            recipe,
            epochs=epochs,
            seed=seed,
            weights=start,
            devices=devices,
            micro_batch=micro_batch,
        )
        with closing(fit):
            if state:
                fit.restore(state)
            listener.begins(fit.classifier_loaded)
            score = None
            for epoch in range(fit.epochs_done, epochs):
                report, score = _epoch(fit, epoch, listener.step)
                listener.epoch(epoch + 1, report, fit.state())
            score = score or fit.score()
        weights_content = pack_weights(fit.network(), dataset.train.classes)
        return TrainedNetwork(weights_content, memory.measured, score.per_class())


def _epoch(fit: Fit, epoch: int, on_step: OnStep) -> tuple[Report, Score]:
    began = time.perf_counter()
    report = fit.train(epoch, on_step)
    score = fit.score()
    if not np.isfinite(score.loss):
        raise EvaluationError(
            f"loss on validation clips was not finite after epoch {epoch + 1}"
        )
    measured = {
        **report,
        "val_loss": score.loss,
        **score.accuracies,
        "seconds": time.perf_counter() - began,
    }
    return measured, score

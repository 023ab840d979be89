"""How good is one architecture? Trains it on clips and measures.

`evaluate` is what a worker runs. It may be called again and again in one process and
leaves nothing behind but warm caches.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from vidnas.clips.clipset import ClipSet, open_clips
from vidnas.core.architecture import Architecture
from vidnas.core.errors import EvaluationError, InputError
from vidnas.core.recipe import PRECISIONS, Recipe
from vidnas.core.trial import Fidelity
from vidnas.nets.network import build
from vidnas.training.memory import AllocatorPeak
from vidnas.training.schedule import learning_rates, norm_momentum
from vidnas.training.session import Session

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
    train, val = (
        _clips(architecture, dataset, split, recipe) for split in ("train", "val")
    )
    with _cleared(), _precision(recipe.precision), _out_of_memory(recipe, len(train)):
        measured = _measure(architecture, train, val, recipe, fidelity, seed, on_epoch)
    return {**measured, "seconds": time.perf_counter() - began}


def _clips(
    architecture: Architecture, dataset: str, split: str, recipe: Recipe
) -> ClipSet:
    clip = architecture.clip
    return open_clips(
        Path(dataset),
        split,
        frames=clip.frames,
        frame_stride=clip.frame_stride,
        resolution=clip.resolution,
        margin=recipe.crop,
    )


def _measure(
    architecture: Architecture,
    train: ClipSet,
    val: ClipSet,
    recipe: Recipe,
    fidelity: Fidelity,
    seed: int,
    on_epoch: OnEpoch | None,
) -> dict[str, float]:
    memory = AllocatorPeak()
    began = time.perf_counter()
    batch = min(recipe.batch, len(train))
    steps = len(train) // batch * fidelity.epochs
    momentum = norm_momentum(steps)
    model = build(
        architecture,
        len(train.classes),
        dropout=recipe.dropout,
        norm_momentum=momentum,
        seed=seed,
    )
    clip = architecture.clip
    session = Session(
        model,
        recipe,
        len(train.classes),
        (batch, clip.frames, clip.resolution, clip.resolution, 3),
        norm_momentum=momentum,
    )
    built = time.perf_counter()
    rates = learning_rates(steps, peak=recipe.learning_rate, warmup=recipe.warmup)
    per_epoch = np.split(rates, fidelity.epochs)
    for epoch, epoch_rates in enumerate(per_epoch):
        report = _train_epoch(session, train, recipe, seed, epoch, epoch_rates, batch)
        if on_epoch is not None:
            on_epoch(epoch + 1, report)
    trained = time.perf_counter()
    score = session.score(
        val.batches(
            batch,
            seed=seed,
            epoch=0,
            augment=False,
            shuffle_frames=recipe.shuffle_frames,
        )
    )
    return {
        "top1": score.top1,
        "top5": score.top5,
        "loss": score.loss,
        "build_seconds": built - began,
        "train_seconds": trained - built,
        **memory.measured,
        "train_clips": float(len(train)),
        "val_clips": float(len(val)),
        "skipped_clips": float(len(train.skipped) + len(val.skipped)),
        "epochs": float(fidelity.epochs),
    }


def _train_epoch(
    session: Session,
    train: ClipSet,
    recipe: Recipe,
    seed: int,
    epoch: int,
    rates: "np.typing.NDArray[np.float32]",
    batch: int,
) -> dict[str, float]:
    batches = train.batches(
        batch,
        seed=seed,
        epoch=epoch,
        augment=True,
        flip=recipe.flip,
        reverse=recipe.reverse,
        shuffle_frames=recipe.shuffle_frames,
    )
    # Losses are read at the end, so that a GPU never waits for the next batch.
    outcomes = [
        session.train(clips, labels, rate)
        for (clips, labels), rate in zip(batches, rates, strict=True)
    ]
    losses, right = np.array(outcomes, np.float32).T
    if not np.isfinite(losses).all():
        step = epoch * len(losses) + int(np.argmin(np.isfinite(losses))) + 1
        kind = "NaN" if np.isnan(losses).any() else "infinite"
        raise EvaluationError(
            f"loss became {kind} at step {step} with learning rate "
            f"{recipe.learning_rate:g}"
        )
    return {
        "loss": float(losses.mean()),
        "train_top1": 100.0 * float(right.mean()) / batch,
    }


@contextmanager
def _out_of_memory(recipe: Recipe, clips: int) -> Iterator[None]:
    batch = min(recipe.batch, clips)
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise EvaluationError(f"out of memory at batch {batch}") from error
    except tf.errors.InternalError as error:
        # What a GPU says when a batch cannot be copied to it.
        if "Dst tensor is not initialized" not in str(error):
            raise
        raise EvaluationError(f"out of memory at batch {batch}") from error


@contextmanager
def _precision(policy: str) -> Iterator[None]:
    if policy not in PRECISIONS:
        raise InputError(
            f"`precision` must be one of {', '.join(PRECISIONS)}, got `{policy}`."
        )
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def _cleared() -> Iterator[None]:
    try:
        yield
    finally:
        keras.backend.clear_session()
        gc.collect()

"""How does a network train, epoch by epoch? One loop for trials and full training."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.subclips import subclip_lengths
from vidnas.clips.clipset import Batches
from vidnas.errors import EvaluationError, InputError
from vidnas.nets.network import VideoNetwork, build
from vidnas.nets.weights.pretrained import load_weights
from vidnas.training.dataset import (
    Dataset,
    batch_of,
    class_weights,
    transforms_of,
)
from vidnas.training.learning_rate import learning_rates, norm_momentum
from vidnas.training.replicas.devices import Devices, require_multiple
from vidnas.training.score import Score
from vidnas.training.session import Session, State
from vidnas.trials.attempt import equal_part
from vidnas.trials.recipe import CONTINUABLE, Recipe

OnStep = Callable[[int, int], None]


class Fit:
    """One architecture in training on clips, under one schedule.

    Args:
        architecture: Architecture to train, at the clip shape of the dataset.
        dataset: Clips to train and measure on.
        recipe: Recipe of the training.
        epochs: Epochs of the training.
        seed: Seed of weights, order of clips, augmentation and dropout.
        weights: File or checkpoint to start from; None for fresh weights.
        micro_batch: Clips whose activations are in memory at once, at most; None for
            the batch. A batch is taken in equal parts.
        full_epochs: Epochs of full training, of whose schedule this training is the
            beginning unless the recipe says `cosine`; None for as many as its own.
        devices: Devices that share every batch; None for one.

    Raises:
        InputError: `weights` cannot be read, or are another architecture's; or devices
            cannot share a batch equally.
    """

    def __init__(
        self,
        architecture: Architecture,
        dataset: Dataset,
        recipe: Recipe,
        *,
        epochs: int,
        seed: int,
        weights: Path | None = None,
        micro_batch: int | None = None,
        full_epochs: int | None = None,
        devices: Devices | None = None,
    ) -> None:
        self._dataset = dataset
        self._recipe = recipe
        self._seed = seed
        self.batch = batch_of(recipe, dataset)
        count = devices.count if devices else 1
        require_multiple(self.batch, count)
        # Of all devices together: each has an equal part of a micro-batch.
        self.micro_batch = equal_part(self.batch, micro_batch or self.batch, count)
        self.steps = len(dataset.train) // self.batch  # of an epoch
        classes = dataset.train.classes
        of_full = recipe.schedule in CONTINUABLE and full_epochs
        horizon = self.steps * (of_full or epochs)
        momentum = norm_momentum(horizon)
        self._network: VideoNetwork = build(
            architecture,
            len(classes),
            dropout=recipe.dropout,
            stochastic_depth=recipe.stochastic_depth,
            norm_momentum=momentum,
            rematerialise=recipe.rematerialise,
            seed=seed,
        )
        # Whether the classifier was among the weights it starts from.
        self.classifier_loaded = weights is not None and load_weights(
            self._network, weights, classes=classes
        )
        clip = architecture.clip
        self._session = Session(
            self._network,
            recipe,
            len(classes),
            (self.batch, clip.frames, clip.resolution, clip.resolution, clip.channels),
            norm_momentum=momentum,
            micro_batches=self.batch // self.micro_batch,
            subclips=subclip_lengths(architecture, recipe.subclip_frames),
            class_weights=class_weights(recipe, dataset.train),
            multi_label=dataset.multi_label,
            score_frames=dataset.val.frames,
            devices=devices,
        )
        rates = learning_rates(
            horizon,
            peak=recipe.learning_rate,
            warmup=recipe.warmup,
            schedule=recipe.schedule,
        )
        self._rates = np.split(rates[: self.steps * epochs], epochs)
        self._batches: Batches | None = None  # of all epochs that are left
        self._next_epoch = -1

    @property
    def epochs_done(self) -> int:
        """Epochs trained so far, those of an earlier process included."""
        return self._session.steps // self.steps

    def train(self, epoch: int, on_step: OnStep | None = None) -> dict[str, float]:
        """Trains one epoch.

        Args:
            epoch: Number of the epoch, from 0, in order.
            on_step: Function that gets the number of each step that ends, from 1, and
                how many there are.

        Returns:
            `loss` over the epoch's clips and, where each has one class, `train_top1`
            [%].

        Raises:
            EvaluationError: the loss became NaN or infinite.
        """
        batches = self._training_batches(epoch)
        outcomes = []
        for rate in self._rates[epoch]:
            clips, targets = next(batches)
            # Losses are read at the end: a GPU never waits for the next batch.
            outcomes.append(self._session.train(clips, targets, rate))
            if on_step is not None:
                on_step(len(outcomes), self.steps)
        losses, right = np.array(outcomes, np.float32).T
        self._require_finite(losses, epoch)
        report = {"loss": float(losses.mean())}
        if not self._dataset.multi_label:
            report["train_top1"] = 100.0 * float(right.mean()) / self.batch
        return report

    def _training_batches(self, epoch: int) -> Batches:
        """Batches of an epoch and all after it: the next epoch is made ahead too."""
        if self._batches is None or epoch != self._next_epoch:
            self.close()
            recipe = self._recipe
            self._batches = self._dataset.train.batches(
                self.batch,
                seed=self._seed,
                epoch=epoch,
                until=len(self._rates),
                augment=True,
                flip=recipe.flip,
                reverse=recipe.reverse,
                shuffle_frames=recipe.shuffle_frames,
                transforms=transforms_of(recipe),
            )
        self._next_epoch = epoch + 1
        return self._batches

    def close(self) -> None:
        """Ends the threads that make batches."""
        if self._batches is not None:
            self._batches.close()
            self._batches = None

    def score(self) -> Score:
        """How the network does on the `val` clips."""
        measured = self._recipe.evaluation
        batches = self._dataset.val.batches(
            self._session.score_shape[0],
            seed=self._seed,
            epoch=0,
            augment=False,
            shuffle_frames=self._recipe.shuffle_frames,
            moments=measured.clips,
            crops=measured.crops,
        )
        with closing(batches):
            return self._session.score(batches, views=measured.views)

    def state(self) -> State:
        """All that a later process needs to go on as if there had been no break."""
        return self._session.state()

    def restore(self, state: State) -> None:
        """Takes the state of an earlier process that trained the same.

        Raises:
            InputError: it is the state of another training, or not of the end of an
                epoch. Nothing is changed then.
        """
        steps = int(state["steps"]) if "steps" in state else 0
        if steps % self.steps or steps > self.steps * len(self._rates):
            raise InputError(
                "A state to go on from must be of the end of one of "
                f"{len(self._rates)} epochs of {self.steps} steps, got step {steps}."
            )
        self._session.restore(state)

    def network(self) -> VideoNetwork:
        """The network with its trained weights."""
        self._session.finish()
        return self._network

    def _require_finite(self, losses: NDArray[np.float32], epoch: int) -> None:
        if np.isfinite(losses).all():
            return
        step = epoch * self.steps + int(np.argmin(np.isfinite(losses))) + 1
        kind = "NaN" if np.isnan(losses).any() else "infinite"
        raise EvaluationError(
            f"loss became {kind} at step {step} with learning rate "
            f"{self._recipe.learning_rate:g}"
        )

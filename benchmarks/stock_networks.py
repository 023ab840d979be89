"""What would a user of plain Keras write? The six networks of stock layers, and `fit`.

The fastest form we know folds frames into the batch: spatial depthwise convolutions see
`[B*T, H, W, C]`, temporal ones the clip as an image of `T x (H*W)` pixels. `grouped` is
what Keras documents for a depthwise 3D convolution, `Conv3D(groups=C)`.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops

import vidnas
from vidnas.training.dataset import Dataset
from vidnas.training.learning_rate import learning_rates
from vidnas.trials import Recipe

KERAS_MOMENTUM = 0.99  # default of `keras.layers.BatchNormalization`
EPSILON = 1e-3  # of our batch norms in a MoViNet block, and Keras's default
Tensor = Any


def stock_network(
    architecture: vidnas.Architecture,
    classes: int,
    *,
    momentum: float,
    grouped: bool = False,
) -> keras.Model:
    """A functional model from clips in [0, 1] to logits, of Keras's own layers.

    Args:
        architecture: Architecture of the network, of the `movinet` block.
        classes: Number of outputs.
        momentum: Momentum of batch-norm statistics.
        grouped: Whether layers are 3D convolutions in groups of one channel, in place
            of a spatial and a temporal one.
    """
    clip = architecture.clip
    T, side = clip.frames, clip.resolution

    def norm(x: Tensor, active: bool = True, start: str = "ones") -> Tensor:
        x = layers.BatchNormalization(
            momentum=momentum, epsilon=EPSILON, gamma_initializer=start
        )(x)
        return layers.Activation("swish")(x) if active else x

    def convolve(x: Tensor, width: int, side: int = 1, stride: int = 1) -> Tensor:
        return layers.Conv2D(
            width,
            side,
            stride,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
        )(x)

    def depthwise(x: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
        return layers.DepthwiseConv2D(
            size,
            stride,
            padding="same",
            use_bias=False,
            depthwise_initializer="he_normal",
        )(x)

    def filtered(x: Tensor, layer: Any) -> Tensor:
        """The depthwise part of a layer, on `[B*T, H, W, C]`."""
        kernel, (_, H, W, C) = layer.kernel, x.shape
        if grouped and kernel.frames > 1:
            x = layers.Conv3D(
                C,
                (kernel.frames, kernel.side, kernel.side),
                (1, layer.stride, layer.stride),
                padding="same",
                groups=C,
                use_bias=False,
            )(ops.reshape(x, (-1, T, H, W, C)))
            return norm(ops.reshape(x, (-1, *x.shape[2:])))
        x = norm(depthwise(x, (kernel.side, kernel.side), layer.stride))
        if kernel.frames > 1:
            _, H, W, C = x.shape
            x = depthwise(ops.reshape(x, (-1, T, H * W, C)), (kernel.frames, 1))
            x = norm(ops.reshape(x, (-1, H, W, C)))
        return x

    def excited(x: Tensor, hidden: int) -> Tensor:
        """Squeeze-excite over the whole clip."""
        _, H, W, C = x.shape
        clip = ops.reshape(x, (-1, T * H * W, C))
        gate = layers.GlobalAveragePooling1D(keepdims=True)(clip)
        gate = layers.Dense(hidden, "swish")(gate)
        gate = layers.Dense(C, "sigmoid")(gate)
        return ops.reshape(layers.Multiply()([clip, gate]), (-1, H, W, C))

    clips = keras.Input((T, side, side, 3))
    x = ops.reshape(clips, (-1, side, side, 3))
    stem = architecture.stem
    x = norm(convolve(x, stem.width, stem.kernel.side, stem.stride))
    for place in architecture.placed_layers():
        layer, shortcut = place.layer, x
        x = norm(convolve(x, layer.expand_width))
        x = filtered(x, layer)
        if layer.squeeze_excite:
            x = excited(x, layer.squeeze_excite)
        # Each layer begins as its shortcut: ours by a scalar, stock by its last norm.
        x = norm(convolve(x, place.out_width), active=False, start="zeros")
        if not place.keeps_shape:
            if layer.stride > 1:
                shortcut = layers.AveragePooling2D(3, layer.stride, "same")(shortcut)
            shortcut = norm(convolve(shortcut, place.out_width), active=False)
        x = layers.Add()([x, shortcut])
    head = architecture.head
    x = norm(convolve(x, head.project_width))
    _, H, W, C = x.shape
    x = layers.GlobalAveragePooling1D()(ops.reshape(x, (-1, T * H * W, C)))
    x = layers.Dense(head.hidden_width, "swish", use_bias=head.hidden_bias)(x)
    return keras.Model(clips, layers.Dense(classes)(x))


class Batches(keras.utils.PyDataset):
    """The batches of one split, as our own trainings see them.

    Args:
        dataset: Clips of both splits.
        recipe: Recipe whose batch and augmentation count.
        training: Whether these are the training clips.
        seed: Seed of order and crops.
    """

    def __init__(
        self, dataset: Dataset, recipe: Recipe, *, training: bool, seed: int
    ) -> None:
        super().__init__()
        self._clips = dataset.train if training else dataset.val
        self._recipe, self._training, self._seed = recipe, training, seed
        self._epoch = 0
        self._batches = self._pass()

    def __len__(self) -> int:
        whole, rest = divmod(len(self._clips), self._recipe.batch)
        return whole + (0 if self._training else bool(rest))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if index == 0:
            self._batches = self._pass()
        return next(self._batches)

    def on_epoch_end(self) -> None:
        """Another order and other crops."""
        self._epoch += 1

    def _pass(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for clips, targets in self._clips.batches(
            self._recipe.batch,
            seed=self._seed,
            epoch=self._epoch,
            augment=self._training,
        ):
            yield clips.astype(np.float32) / 255, targets


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Our schedule, step by step.

    Args:
        recipe: Recipe with the peak and the warm-up.
        steps: Steps of the whole training.
    """

    def __init__(self, recipe: Recipe, steps: int) -> None:
        self._rates = ops.convert_to_tensor(
            learning_rates(steps, peak=recipe.learning_rate, warmup=recipe.warmup)
        )

    def __call__(self, step: Tensor) -> Tensor:
        """The learning rate of a step, from 0."""
        last = len(self._rates) - 1
        return self._rates[ops.minimum(ops.cast(step, "int32"), last)]


def compile_network(
    network: keras.Model, recipe: Recipe, steps: int, jit: bool | str = "auto"
) -> None:
    """AdamW with our decay, loss and schedule; `jit` as Keras has it."""
    optimizer = keras.optimizers.AdamW(
        Schedule(recipe, steps), weight_decay=recipe.weight_decay
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    network.compile(
        optimizer,
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=recipe.label_smoothing
        ),
        metrics=["accuracy"],
        jit_compile=jit,
    )

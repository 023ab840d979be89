"""By which recipes were published networks trained, in full? Epochs too, by name.

Only what their configurations say, on Kinetics. What vidnas does otherwise is on its
page on recipes; hardware and precision are no part of a recipe's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vidnas.trials.published_augmentation import AUGMENTATIONS
from vidnas.trials.recipe import Evaluation, Recipe


@dataclass(frozen=True, slots=True)
class PublishedRecipe:
    """How a published network was trained.

    Args:
        source: Where it is published.
        epochs: Epochs of the whole schedule.
        frames: Frames of the clips that were trained on; None for the network's own.
        recipe: Recipe of the training.
    """

    source: str
    epochs: int
    frames: int | None
    recipe: Recipe


def _movinet(
    size: str,
    side: int,
    short_side: int,
    *,
    dropout: float,
    frames: int | None = None,
    measured_frames: int | None = None,
    augmentation: str = "movinet-kinetics",
) -> PublishedRecipe:
    """That of a MoViNet: one recipe for all, but for dropout, frames and transforms."""
    recipe = Recipe(
        optimizer="rmsprop",
        learning_rate=1.8,
        warmup=0.025,  # 2,145 of 85,785 steps
        weight_decay=0.0,
        l2=3e-5,
        clip_norm=1.0,
        label_smoothing=0.1,
        batch=1024,
        dropout=dropout,
        stochastic_depth=0.2,
        crop=short_side / side - 1,
        evaluation=Evaluation(frames=measured_frames),
    )
    return PublishedRecipe(
        source=f"Model Garden, movinet/configs/yaml/movinet_{size}_k600_8x8.yaml",
        epochs=240,  # 85,785 steps of 1,024 clips out of 366,016
        frames=frames,
        recipe=AUGMENTATIONS[augmentation].applied_to(recipe),
    )


def _x3d(
    size: str, side: int, short_sides: tuple[int, int], *, epochs: int, batch: int
) -> PublishedRecipe:
    """That of an X3D; 0.1 is the learning rate of 128 clips."""
    recipe = Recipe(
        optimizer="sgd",
        learning_rate=0.1 * batch / 128,
        warmup=35 / epochs,
        weight_decay=0.0,
        l2=5e-5,
        label_smoothing=0.0,
        batch=batch,
        dropout=0.5,
        crop=short_sides[0] / side - 1,
        flip=True,
        short_side=(short_sides[0] / side, short_sides[1] / side),
        random_start=True,
        evaluation=Evaluation(clips=10, crops=3),
    )
    source = f"PySlowFast, configs/Kinetics/X3D_{size}.yaml"
    return PublishedRecipe(source, epochs, None, recipe)


_STREAM = "movinet-stream-kinetics"
PUBLISHED_RECIPES: Mapping[str, PublishedRecipe] = MappingProxyType(
    {
        "movinet-a0": _movinet("a0", 172, 192, dropout=0.2),
        "movinet-a1": _movinet("a1", 172, 192, dropout=0.5),
        "movinet-a2": _movinet("a2", 224, 256, dropout=0.5),
        "movinet-a3": _movinet(
            "a3", 256, 288, dropout=0.5, frames=64, measured_frames=120
        ),
        "movinet-a4": _movinet(
            "a4", 290, 320, dropout=0.5, frames=32, measured_frames=80
        ),
        "movinet-a5": _movinet(
            "a5", 320, 368, dropout=0.5, frames=32, measured_frames=120
        ),
        "movinet-a0-stream": _movinet(
            "a0_stream", 172, 192, dropout=0.2, augmentation=_STREAM
        ),
        "movinet-a1-stream": _movinet(
            "a1_stream", 172, 192, dropout=0.2, augmentation=_STREAM
        ),
        "movinet-a2-stream": _movinet(
            "a2_stream", 224, 256, dropout=0.5, augmentation=_STREAM
        ),
        "movinet-a3-stream": _movinet(
            "a3_stream",
            256,
            288,
            dropout=0.5,
            frames=64,
            measured_frames=120,
            augmentation=_STREAM,
        ),
        "movinet-a4-stream": _movinet(
            "a4_stream", 290, 320, dropout=0.5, frames=32, measured_frames=80
        ),
        "movinet-a5-stream": _movinet(
            "a5_stream", 320, 368, dropout=0.5, frames=32, measured_frames=115
        ),
        "x3d-s": _x3d("S", 160, (182, 228), epochs=300, batch=128),
        "x3d-m": _x3d("M", 224, (256, 320), epochs=300, batch=128),
        "x3d-l": _x3d("L", 312, (356, 446), epochs=256, batch=64),
    }
)

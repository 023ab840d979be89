"""How is `training` of an experiment file read? Its fidelity, and the recipe."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vidnas.costs.training_memory import PRECISIONS
from vidnas.documents.node import Node
from vidnas.study.experiment.defaults import EPOCHS
from vidnas.trials.class_weights import BALANCED, ClassWeights
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.published_augmentation import AUGMENTATIONS
from vidnas.trials.published_recipe import PUBLISHED_RECIPES, PublishedRecipe
from vidnas.trials.recipe import OPTIMIZERS, SCHEDULES, Evaluation, Recipe

AUGMENTATION, RECIPE = "augmentation", "recipe"
_OURS = PublishedRecipe("vidnas", EPOCHS, None, Recipe())
HUE = 0.5  # half of the colour wheel either way is all of it
MAGNITUDE = 10.0
VIEWS = 100  # clips, and crops, of a video: 30 views in all is the most published
FRAMES = 10_000  # of a clip, and between two of them


def read_training(node: Node) -> tuple[Fidelity, Recipe]:
    """The fidelity and the recipe that `training` spells.

    `recipe` names a published recipe, with its epochs and frames, and `augmentation`
    the transforms of one; what the file says of a field itself holds.

    Raises:
        InputError: a key or value is wrong; the message names file and line.
    """
    node.fields("epochs", "frames", "resolution", RECIPE, AUGMENTATION, *READERS)
    whole = node.read(RECIPE, lambda n: n.one_of(*PUBLISHED_RECIPES), None)
    usual = PUBLISHED_RECIPES[whole] if whole else _OURS
    fidelity = Fidelity(
        epochs=node.read("epochs", Node.integer, usual.epochs),
        frames=node.read("frames", Node.integer, usual.frames),
        resolution=node.read("resolution", Node.integer, None),
    )
    named = node.read(AUGMENTATION, lambda n: n.one_of(*AUGMENTATIONS), None)
    return fidelity, read_recipe(node, augmented(usual.recipe, named))


def read_recipe(node: Node, defaults: Recipe) -> Recipe:
    """The recipe of a mapping, whose other keys are left alone.

    Args:
        node: Mapping of names of fields to values.
        defaults: Recipe that says what the mapping leaves out.

    Raises:
        InputError: a value is wrong.
    """
    if node.get("short_side") and not node.get("crop_area"):
        defaults = replace(defaults, crop_area=None)  # one crop takes another's place
    values: dict[str, Any] = {
        key: node.read(key, reader, getattr(defaults, key))
        for key, reader in READERS.items()
    }
    if values["crop_area"] and values["short_side"]:
        stated = node.get("short_side") or node.child("crop_area")
        raise stated.complaint(
            "`training` must have `crop_area` or `short_side`, not both: each says "
            "which part of the frames is cropped."
        )
    if values["subclip_frames"] and values["rematerialise"]:
        stated = node.get("subclip_frames") or node.get("rematerialise") or node
        raise stated.complaint(
            "`training` must have `subclip_frames` or `rematerialise`, not both: "
            "sub-clips keep little already."
        )
    return Recipe(**values)


def augmented(recipe: Recipe, name: str | None) -> Recipe:
    """A recipe with the transforms of a published one, or as it is for None."""
    return recipe if name is None else AUGMENTATIONS[name].applied_to(recipe)


def _share(node: Node) -> float:
    return node.number(maximum=0.99)


def _numbers(
    node: Node, names: tuple[str, ...], limits: tuple[tuple[float, float], ...]
) -> tuple[float, ...]:
    """Numbers of a list, as many as there are names, each within its limits."""
    if not isinstance(node.value, list) or len(node.value) != len(names):
        raise node.error(f"`{node.label}` must be [{', '.join(names)}]")
    return tuple(
        item.number(*limit) for item, limit in zip(node.items(), limits, strict=True)
    )


def _range(low: float, high: float) -> Callable[[Node], tuple[float, ...]]:
    """A reader of a least and a largest number within limits."""

    def read(node: Node) -> tuple[float, ...]:
        least, most = _numbers(node, ("least", "largest"), ((low, high),) * 2)
        if least > most:
            raise node.error(f"`{node.label}` must rise")
        return least, most

    return read


def _colour_jitter(node: Node) -> tuple[float, ...]:
    names = ("brightness", "contrast", "saturation", "hue")
    return _numbers(node, names, ((0.0, 1.0),) * 3 + ((0.0, HUE),))


def _rand_augment(node: Node) -> tuple[float, ...]:
    names = ("operations", "magnitude")
    _, magnitude = _numbers(node, names, ((0.0, 100.0), (0.0, MAGNITUDE)))
    return node.child(0).integer(), magnitude


def _up_to(maximum: int) -> Callable[[Node], int]:
    """A reader of a whole number from 1: a slip of the hand does not run for ever."""
    return lambda node: node.integer(maximum=maximum)


def _evaluation(node: Node) -> Evaluation:
    node.fields("clips", "crops", "frames", "each_epoch")
    return Evaluation(
        clips=node.read("clips", _up_to(VIEWS), 1),
        crops=node.read("crops", _up_to(VIEWS), 1),
        frames=node.read("frames", _up_to(FRAMES), None),
        each_epoch=node.read("each_epoch", Node.flag, False),
    )


_MOST_WEIGHT = 1e6  # of a class; beyond, the others are not trained at all
_MOST_MIXED = 100.0  # Beta(100, 100) lies within 0.4 and 0.6 already


def _class_weights(node: Node) -> ClassWeights:
    if not isinstance(node.value, dict):
        if node.value != BALANCED:
            raise node.error(
                f"`{node.label}` must be `{BALANCED}` or weights by names of classes"
            )
        return BALANCED
    weights: dict[str, float] = {}
    for name in node.value:
        weights[str(name)] = node.child(name).number(maximum=_MOST_WEIGHT)
        if not weights[str(name)]:
            child = node.child(name)
            raise child.error(f"`{child.label}` must be a number above 0")
    return tuple(weights.items()) or None


READERS: dict[str, Callable[[Node], Any]] = {
    "optimizer": lambda n: n.one_of(*OPTIMIZERS),
    "learning_rate": Node.number,
    "warmup": _share,
    "weight_decay": Node.number,
    "l2": Node.number,
    "clip_norm": Node.number,
    "label_smoothing": _share,
    "batch": Node.integer,
    "dropout": _share,
    "stochastic_depth": _share,
    "crop": lambda n: n.number(maximum=1.0),
    "flip": Node.flag,
    "reverse": Node.flag,
    "shuffle_frames": Node.flag,
    "precision": lambda n: n.one_of(*PRECISIONS),
    "rematerialise": Node.flag,
    "crop_area": _range(0.01, 1.0),
    "crop_aspect": _range(0.1, 10.0),
    "short_side": _range(1.0, 10.0),
    "stride_jitter": lambda n: n.integer(minimum=0, maximum=FRAMES),
    "random_start": Node.flag,
    "colour_jitter": _colour_jitter,
    "rand_augment": _rand_augment,
    "auto_augment": Node.flag,
    "erasing": lambda n: n.number(maximum=1.0),
    "mixup": lambda n: n.number(maximum=_MOST_MIXED),
    "cutmix": lambda n: n.number(maximum=_MOST_MIXED),
    "evaluation": _evaluation,
    "class_weights": _class_weights,
    "schedule": lambda n: n.one_of(*SCHEDULES),
    "sync_norm": Node.flag,
    "subclip_frames": _up_to(FRAMES),
}

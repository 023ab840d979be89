"""Which transforms and views do the flags of `vidnas train` ask for?"""

import argparse
from argparse import ArgumentTypeError
from typing import Any

from vidnas.cli.arguments import amount, positive, whole
from vidnas.documents.node import Node, Origin
from vidnas.study.experiment.training import read_recipe
from vidnas.trials.published_augmentation import AUGMENTATIONS
from vidnas.trials.recipe import Recipe

SWITCH = argparse.BooleanOptionalAction


def number(text: str) -> float:
    """A number, whole where it is written so."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"must be a number, got `{text}`") from None


def _numbers(*names: str) -> dict[str, Any]:
    return {"type": number, "nargs": len(names), "metavar": names}


# Flag, what it takes, what it says. Their names are the recipe's own.
TRANSFORMS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("crop-area", _numbers("LEAST", "LARGEST"), "random crops: share of the frame"),
    ("crop-aspect", _numbers("LEAST", "LARGEST"), "their width over height"),
    (
        "short-side",
        _numbers("LEAST", "LARGEST"),
        "square crops of frames of a random short side, over the resolution",
    ),
    ("stride-jitter", {"type": whole, "metavar": "N"}, "frames more or fewer"),
    ("random-start", {"action": SWITCH}, "decode another moment in every epoch"),
    (
        "colour-jitter",
        _numbers("BRIGHTNESS", "CONTRAST", "SATURATION", "HUE"),
        "largest changes",
    ),
    ("rand-augment", _numbers("OPERATIONS", "MAGNITUDE"), "magnitude from 0 to 10"),
    ("auto-augment", {"action": SWITCH}, "a pair of operations of AutoAugment"),
    ("erasing", {"type": amount, "metavar": "X"}, "share of clips that lose a box"),
    ("mixup", {"type": amount, "metavar": "X"}, "parameter of the Beta distribution"),
    ("cutmix", {"type": amount, "metavar": "X"}, "parameter of the Beta distribution"),
)
VIEWS: tuple[tuple[str, str], ...] = (
    ("clips", "clips over the length of each validation video (default 1)"),
    ("crops", "crops of each of them, along the longer side (default 1)"),
    ("frames", "frames of each of them (default: as in training)"),
)


def add_transform_options(command: argparse.ArgumentParser) -> None:
    """Adds the flags that say how training clips change and what is measured on."""
    group = command.add_argument_group("transforms, off unless asked for")
    group.add_argument(
        "--augmentation",
        choices=tuple(AUGMENTATIONS),
        help="those of a published recipe",
    )
    for name, takes, says in TRANSFORMS:
        group.add_argument(f"--{name}", default=None, help=says, **takes)
    views = command.add_argument_group("evaluation")
    for name, says in VIEWS:
        views.add_argument(f"--eval-{name}", type=positive, metavar="N", help=says)


def with_transforms(recipe: Recipe, chosen: argparse.Namespace) -> Recipe:
    """The recipe with the transforms and views that the flags say.

    Raises:
        InputError: a number is out of its limits.
    """
    names = [name.replace("-", "_") for name, *_ in TRANSFORMS]
    given = {name: getattr(chosen, name) for name in names}
    views = {name: getattr(chosen, f"eval_{name}") for name, _ in VIEWS}
    evaluation = {**recipe.to_document().get("evaluation", {}), **_said(views)}
    document = {**_said(given), "evaluation": evaluation}
    return read_recipe(Node(document, Origin("vidnas train")), recipe)


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}

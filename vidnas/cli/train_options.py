"""Which training do the flags of `vidnas train` ask for? Clips, recipe, network."""

import argparse
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import CONVOLUTIONS, Architecture
from vidnas.architecture.published.catalogue import published_names
from vidnas.cli.arguments import amount, named_place, positive, share, whole
from vidnas.cli.named_source import named_source
from vidnas.cli.output import note
from vidnas.cli.transform_options import SWITCH, add_transform_options, with_transforms
from vidnas.costs.training_memory import PRECISIONS
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource
from vidnas.errors import InputError
from vidnas.files.loading import load_architecture
from vidnas.study.experiment.reader import load_experiment
from vidnas.study.experiment.training import augmented
from vidnas.training.environment import load_tensorflow
from vidnas.training.folder import weights_identity
from vidnas.trials.class_weights import BALANCED
from vidnas.trials.published_recipe import PUBLISHED_RECIPES
from vidnas.trials.recipe import OPTIMIZERS, SCHEDULES, Recipe

# arXiv 2103.11511 trains with this dropout.
FROM_SCRATCH = Recipe(dropout=0.2)
FINE_TUNING = dataclasses.replace(FROM_SCRATCH, learning_rate=1e-3)
# Flag, what it takes, what it says. Their names are the recipe's own.
FLAGS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("batch", {"type": positive, "metavar": "N"}, "clips per step"),
    (
        "learning-rate",
        {"type": amount, "metavar": "X"},
        f"peak (default {FROM_SCRATCH.learning_rate:g}, with --weights "
        f"{FINE_TUNING.learning_rate:g})",
    ),
    ("optimizer", {"choices": OPTIMIZERS}, ""),
    ("weight-decay", {"type": amount, "metavar": "X"}, "of kernels, beside the step"),
    ("l2", {"type": amount, "metavar": "X"}, "penalty of kernels, in the loss"),
    ("clip-norm", {"type": amount, "metavar": "X"}, "of each array's gradient"),
    ("warmup", {"type": share, "metavar": "X"}, "share of the steps"),
    (
        "schedule",
        {"choices": SCHEDULES},
        "what the learning rate does after that",
    ),
    ("label-smoothing", {"type": share, "metavar": "X"}, ""),
    (
        "class-weights",
        {"choices": (BALANCED,)},
        "weigh classes so that all count alike (default: as many as their clips)",
    ),
    ("dropout", {"type": share, "metavar": "X"}, "before the classifier"),
    (
        "stochastic-depth",
        {"type": share, "metavar": "X"},
        "share of layers skipped, rising with depth",
    ),
    ("crop", {"type": share, "metavar": "X"}, "share that is cropped away"),
    ("flip", {"action": SWITCH}, "mirror half of the clips"),
    ("reverse", {"action": SWITCH}, "play half of the clips backwards"),
    ("precision", {"choices": PRECISIONS}, ""),
    (
        "subclip-frames",
        {"type": positive, "metavar": "N"},
        "train a causal network on so many frames at once, buffers carried over",
    ),
    (
        "rematerialise",
        {"action": SWITCH},
        "compute what is inside layers again, and keep less",
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A training as it was asked for.

    Args:
        name: Name of the training folder.
        architecture: Architecture to train, at the clip shape to train at.
        clips: Dataset to train on.
        recipe: Recipe of the training.
        epochs: Length of the schedule.
        weights: File or checkpoint to start from; None for fresh weights.
        weights_id: Hash that tells the weights from others; None for fresh weights.
    """

    name: str
    architecture: Architecture
    clips: ClipSource
    recipe: Recipe
    epochs: int
    weights: Path | None
    weights_id: str | None


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the flags that say what to train, on what and how."""
    command.add_argument(
        "architecture",
        metavar="ARCH",
        help="published name or file, such as movinet-a0 or family/a2.yaml",
    )
    command.add_argument(
        "--clips",
        type=named_place,
        metavar="CLIPS",
        help="class folders, an index (.parquet), or a .csv or .txt with labels",
    )
    command.add_argument("--epochs", type=positive, metavar="N")
    command.add_argument(
        "--experiment",
        type=Path,
        metavar="FILE",
        help="take clips, recipe and epochs from there, where no flag says otherwise",
    )
    command.add_argument(
        "--weights",
        type=Path,
        metavar="PATH",
        help="start from an official MoViNet checkpoint or an earlier training",
    )
    command.add_argument(
        "--stream", action="store_true", help="train the causal twin, on clips"
    )
    command.add_argument(
        "--half-rate",
        action="store_true",
        help="see every other frame, as a member of a temporal ensemble does",
    )
    command.add_argument(
        "--convolution",
        choices=CONVOLUTIONS,
        help="in place of the architecture's (default: as --weights has it, for a "
        "published ARCH)",
    )
    for flag in ("--frames", "--resolution"):
        command.add_argument(
            flag, type=positive, metavar="N", help="default: the architecture's own"
        )
    command.add_argument(
        "--recipe",
        metavar="NAME",
        choices=tuple(PUBLISHED_RECIPES),
        help="a published recipe, with its epochs and frames, where no flag says "
        "otherwise: movinet-a0 to movinet-a5, each with -stream too, x3d-s, x3d-m, "
        "x3d-l",
    )
    command.add_argument("--seed", type=whole, default=0, help="default %(default)s")
    recipe = command.add_argument_group("recipe")
    for name, takes, says in FLAGS:
        default = getattr(FROM_SCRATCH, name.replace("-", "_"))
        usual = "" if "default" in says else f"default {_default_text(default)}"
        about = f"{says} ({usual})" if says and usual else says or usual
        recipe.add_argument(f"--{name}", default=None, help=about, **takes)
    add_transform_options(command)


def asked_for(chosen: argparse.Namespace) -> Asked:
    """The training that the flags, and the experiment they name, ask for.

    Raises:
        InputError: something is missing or wrong.
    """
    clips, recipe, epochs = _experiment(chosen)
    clips = named_source(chosen.clips) if chosen.clips else clips
    if chosen.recipe:
        named = PUBLISHED_RECIPES[chosen.recipe]
        recipe, epochs = named.recipe, named.epochs
        chosen.frames = chosen.frames or named.frames
    epochs = chosen.epochs or epochs
    if clips is None or epochs is None:
        load_architecture(chosen.architecture)  # an experiment says what it is
        flag = "--clips CLIPS" if clips is None else "--epochs N"
        raise InputError(f"A training needs {flag}, or --experiment FILE.")
    recipe = augmented(recipe, chosen.augmentation)
    weights_id = weights_identity(chosen.weights) if chosen.weights else None
    flags = {name.replace("-", "_") for name, *_ in FLAGS}
    given = {name: getattr(chosen, name) for name in flags}
    changes = {name: value for name, value in given.items() if value is not None}
    return Asked(
        name=_name(chosen),
        architecture=_architecture(chosen),
        clips=clips,
        recipe=with_transforms(dataclasses.replace(recipe, **changes), chosen),
        epochs=epochs,
        weights=chosen.weights,
        weights_id=weights_id,
    )


def _experiment(
    chosen: argparse.Namespace,
) -> tuple[ClipSource | None, Recipe, int | None]:
    if chosen.experiment is None:
        return None, FINE_TUNING if chosen.weights else FROM_SCRATCH, None
    experiment = load_experiment(chosen.experiment)
    clips = experiment.clips
    if experiment.score is not None:
        raise InputError(
            f"{experiment.path}: `--experiment` must be one that trains, this one "
            f"searches by `score: {experiment.score.name}`."
        )
    if clips.motion is not None and chosen.clips is None:
        write_motion(clips.place, **dataclasses.asdict(clips.motion))
    return ClipSource.of(clips.source), experiment.recipe, experiment.fidelity.epochs


def _name(chosen: argparse.Namespace) -> str:
    path = Path(chosen.architecture)
    name = chosen.architecture
    if name not in published_names():
        # A training's own file is called by its folder.
        name = path.resolve().parent.name if path.stem == "architecture" else path.stem
    name = f"{name}-stream" if chosen.stream else str(name)
    return f"{name}-half" if chosen.half_rate else name


def _architecture(chosen: argparse.Namespace) -> Architecture:
    architecture = load_architecture(chosen.architecture, stream=chosen.stream)
    convolution = chosen.convolution or _convolution_of_weights(chosen, architecture)
    at = dataclasses.replace(architecture, convolution=convolution).at(
        chosen.frames, chosen.resolution
    )
    return (
        dataclasses.replace(at, clip=at.clip.at_half_rate()) if chosen.half_rate else at
    )


def _convolution_of_weights(
    chosen: argparse.Namespace, architecture: Architecture
) -> str:
    """The convolution of the weights, for a published base network that leaves it open.

    Model Garden releases base networks in both forms under one name.
    """
    named = chosen.architecture in published_names()
    if not chosen.weights or not named or architecture.causal:
        return architecture.convolution
    load_tensorflow(cpus=chosen.cpus)
    from vidnas.nets.weights.pretrained import convolution_of

    form = convolution_of(chosen.weights)
    if form != architecture.convolution:
        note(
            f"network     {chosen.architecture} with `convolution` {form}, as in "
            f"{chosen.weights}"
        )
    return form


def _default_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)

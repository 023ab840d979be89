"""Which network do the words of `predict`, `evaluate` and `stream` mean?"""

import argparse
import dataclasses
import sys
from pathlib import Path

from vidnas.cli.arguments import positive
from vidnas.clips.opening import usable_cores
from vidnas.deploy.asking.named_network import CLIP, NamedNetwork, find_network
from vidnas.deploy.running.classes import read_labels
from vidnas.errors import InputError
from vidnas.training.environment import prepare
from vidnas.trials.recipe import Evaluation

NET_HELP = (
    "folder of a training, family file of a study, weights, or official checkpoint"
)


def add_network_options(command: argparse.ArgumentParser) -> None:
    """Adds NET, and the flags that say what it does not say itself."""
    command.add_argument("net", metavar="NET", help=NET_HELP)
    command.add_argument(
        "--weights",
        type=Path,
        metavar="PATH",
        help="weights of a NET that is a published name or an architecture file",
    )
    command.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="names of the classes, a line each, where NET has none",
    )
    command.add_argument(
        "--cpus",
        type=positive,
        metavar="N",
        default=usable_cores(),
        help="threads to compute with (default: all)",
    )


def add_view_options(command: argparse.ArgumentParser) -> None:
    """Adds the flags that say which views of a video are averaged."""
    command.add_argument(
        "--eval-clips",
        type=positive,
        metavar="N",
        help="clips over the length of a video, averaged (default: as in training)",
    )
    command.add_argument(
        "--eval-crops",
        type=positive,
        metavar="N",
        help="crops of each of them, along the longer side (default: as in training)",
    )
    command.add_argument(
        "--eval-frames",
        type=positive,
        metavar="N",
        help="frames of each of them (default: as in training)",
    )


def asked_network(chosen: argparse.Namespace) -> NamedNetwork:
    """The network that the flags name, before anything of it is built.

    Raises:
        InputError: there is no such network.
    """
    if "tensorflow" not in sys.modules:
        prepare(cpus=chosen.cpus)
    network = find_network(chosen.net, chosen.weights)
    if chosen.labels is not None:
        network = network.with_labels(read_labels(chosen.labels))
    return network


def asked_views(chosen: argparse.Namespace, network: NamedNetwork) -> Evaluation:
    """The views that the flags ask for, or those that the network was measured on.

    Raises:
        InputError: an exported file takes clips of another length.
    """
    asked = {
        name: getattr(chosen, f"eval_{name}") for name in ("clips", "crops", "frames")
    }
    known = {name: value for name, value in asked.items() if value is not None}
    views = dataclasses.replace(network.evaluation, **known)
    frames = network.architecture.clip.frames
    if network.exported == CLIP and (views.frames or frames) != frames:
        raise InputError(
            f"`--eval-frames` must be {frames}, the clips that {network.name} was "
            f"exported for, got {views.frames}."
        )
    return views


def views_text(views: Evaluation) -> str:
    """`10 x 3 views each`, or nothing for one."""
    if views.views == 1:
        return ""
    return f"{views.clips} x {views.crops} views each"

"""Which network do the words of `vidnas export` mean? Trained, or fresh."""

import argparse
import sys
from dataclasses import dataclass
from typing import Any

from vidnas.cli.network_options import asked_network
from vidnas.deploy.asking.named_network import NamedNetwork
from vidnas.deploy.exported.about import About
from vidnas.errors import InputError
from vidnas.files.loading import load_architecture
from vidnas.training.environment import prepare


@dataclass(frozen=True, slots=True)
class Wanted:
    """A network that is to be exported.

    Args:
        network: Network, with where its weights lie.
        trained: Whether it has weights; otherwise it gets fresh ones.
    """

    network: NamedNetwork
    trained: bool

    def about(self, keras_network: Any) -> About:
        """What is said of the file before its format is known.

        Args:
            keras_network: The network in Keras, a clip network or a stream.
        """
        network = self.network
        return About(
            architecture=keras_network.architecture,
            outputs=keras_network.head.outputs,
            stream=hasattr(keras_network, "initial_states"),
            classes=network.classes,
            multi_label=network.multi_label,
            margin=network.margin,
        )


def exported_network(chosen: argparse.Namespace) -> Wanted:
    """The network that the flags name, before anything of it is built.

    Raises:
        InputError: there is no such network, or it was exported before.
    """
    if not chosen.untrained:
        return Wanted(asked_network(chosen), trained=True)
    if chosen.weights is not None:
        raise InputError("A network is `--untrained` or has `--weights`, not both.")
    if "tensorflow" not in sys.modules:
        prepare(cpus=chosen.cpus)
    architecture = load_architecture(chosen.net)
    if chosen.stream:
        architecture = architecture.streaming()
    return Wanted(NamedNetwork(chosen.net, architecture, chosen.to), trained=False)


def load_exported(wanted: Wanted, *, as_clip: bool, seed: int) -> Any:
    """The network in Keras: a stream where it can be one and nothing else is asked.

    Args:
        wanted: Network that `exported_network` found.
        as_clip: Whether it is to take whole clips all the same.
        seed: Seed of fresh weights.

    Raises:
        InputError: its weights cannot be read, or are another architecture's.
    """
    from vidnas.deploy.running.keras_runner import load_network
    from vidnas.nets.network import build

    named = wanted.network
    if wanted.trained:
        network = load_network(named.architecture, named.file, None)
    else:
        classes = named.architecture.classes
        network = build(named.architecture, classes or 600, seed=seed)
    streams = named.architecture.causal and not as_clip
    return network.stream() if streams else network

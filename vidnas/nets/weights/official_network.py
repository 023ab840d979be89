"""Which published network is an official checkpoint of? Its tensors tell."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from vidnas.architecture.architecture import CONVOLUTIONS, Architecture
from vidnas.architecture.published.catalogue import published, published_names
from vidnas.errors import InputError
from vidnas.nets.weights.model_garden import read_checkpoint
from vidnas.nets.weights.pretrained import convolution_of, has_widths_of

MOVINETS = tuple(name for name in published_names() if name.startswith("movinet-"))


def official_network(path: Path, names: Sequence[str] = MOVINETS) -> Architecture:
    """The published MoViNet, base or stream, whose weights a checkpoint holds.

    Args:
        path: Checkpoint, as `load_pretrained` takes it.
        names: Published names that it may be of.

    Raises:
        InputError: it is no checkpoint, or none of theirs.
    """
    checkpoint, form = read_checkpoint(path), convolution_of(path)
    for name in (name for name in names if name in MOVINETS):
        for network in released_forms(name):
            if network.convolution == form and has_widths_of(checkpoint, network):
                return network
    raise InputError(
        f"{path} must hold weights of {' or '.join(names)} as released, its tensors "
        "are another network's."
    )


def released_forms(name: str) -> list[Architecture]:
    """A published network, base and stream, in each of its convolutions.

    Args:
        name: Published name.
    """
    forms = [published(name)]
    with suppress(InputError):  # it has no causal form
        forms.append(published(name, stream=True))
    return [replace(form, convolution=word) for form in forms for word in CONVOLUTIONS]

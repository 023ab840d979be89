"""Which published networks do we know? MoViNets, X3Ds and their baselines, by name."""

from dataclasses import replace

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.mobilenet import FRAME_BASED, mobilenet
from vidnas.architecture.published.movinet import _MOVINET_ENCODED, _MOVINETS, _movinet
from vidnas.architecture.published.resnet import RESNETS, resnet
from vidnas.architecture.published.x3d import _X3DS, _x3d
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError


def published_names() -> tuple[str, ...]:
    """Names that `published` knows, in order of family and size."""
    return (*_MOVINETS, *_X3DS, *FRAME_BASED, *RESNETS)


def published_classes(name: str) -> int:
    """Classes of the dataset that a published network's figures are for.

    Kinetics-600 for MoViNets and the MobileNets they are compared with, Kinetics-400
    for X3Ds and ResNets.
    """
    return 400 if name in (*_X3DS, *RESNETS) else 600


def published(name: str, *, stream: bool = False) -> Architecture:
    """The published network of that name, with the classes its figures are for.

    Args:
        name: Name such as `movinet-a2`, `x3d-m`, `mobilenetv3-large-tsm` or `r3d-18`.
        stream: Whether to return the causal twin that runs frame by frame (MoViNets
            and MobileNets).

    Raises:
        InputError: nothing is published under that name, or not as a stream.

    Source:
        MoViNet: TensorFlow Model Garden, official/projects/movinet, whose released
        blocks differ from the tables of arXiv 2103.11511. X3D: arXiv 2004.04730. The
        others: `vidnas.architecture.published.mobilenet`.
    """
    network = _network(name, stream)
    return replace(network, classes=published_classes(name))


def _network(name: str, stream: bool) -> Architecture:
    if name in (*_X3DS, *RESNETS):
        if stream:
            raise InputError(
                f"A stream needs a causal network, and `{name}` has no causal form. "
                "MoViNets and MobileNets have one."
            )
        return _x3d(name) if name in _X3DS else resnet(name)
    if name in FRAME_BASED:
        return mobilenet(name).streaming() if stream else mobilenet(name)
    if name in _MOVINETS:
        architecture = _movinet(name)
        if not stream:
            return architecture
        encodes = name in _MOVINET_ENCODED
        return replace(architecture.streaming(), positional_encoding=encodes)
    raise InputError(
        f"A published network must be one of {', '.join(published_names())}, "
        f"got `{name}`.{nearest(name, published_names())}"
    )

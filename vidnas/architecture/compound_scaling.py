"""How does a network become another size of itself? Wider, deeper, of larger frames."""

from dataclasses import replace
from math import floor

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.parts import Layer, Stage

STEP = 8  # channels that published widths are multiples of
PIXELS = 2  # sides of published clips are multiples of


def scaled_network(
    network: Architecture, *, width: float, depth: float, resolution: float
) -> Architecture:
    """The network with widths, depths and the clip's side times a factor, rounded.

    Widths that are multiples of 8 stay such. Layers join a stage, or leave it, at its
    end: those that join are as the last one is, without its stride. The clip's frames
    and the hidden width of the head stay.

    Args:
        network: Network of any kind.
        width: Factor of widths of stem, stages and head, inside layers too.
        depth: Factor of the layers of each stage, of which one is left at least.
        resolution: Factor of the clip's side.

    Source:
        EfficientNet, arXiv 1905.11946: compound scaling of a network.
    """
    side = _times(network.clip.resolution, resolution, PIXELS)
    stem, head = network.stem, network.head
    return replace(
        network,
        clip=replace(network.clip, resolution=side),
        stem=replace(
            stem,
            width=_wider(stem.width, width),
            factored_width=_wider(stem.factored_width, width),
        ),
        stages=tuple(_stage(stage, width, depth) for stage in network.stages),
        head=replace(head, project_width=_wider(head.project_width, width)),
    )


def _stage(stage: Stage, width: float, depth: float) -> Stage:
    count = max(1, floor(len(stage.layers) * depth + 0.5))
    last = replace(stage.layers[-1], stride=1, temporal_stride=1)
    more = (last,) * max(0, count - len(stage.layers))
    layers = (_layer(layer, width) for layer in (*stage.layers, *more)[:count])
    return Stage(_wider(stage.width, width), tuple(layers))


def _layer(layer: Layer, width: float) -> Layer:
    return replace(
        layer,
        expand_width=_wider(layer.expand_width, width),
        squeeze_excite=_wider(layer.squeeze_excite, width),
    )


def _wider(width: int, factor: float) -> int:
    return _times(width, factor, 1 if width % STEP else STEP)


def _times(number: int, factor: float, step: int) -> int:
    """A multiple of `step`, which is the least above 0; 0 stays 0."""
    if factor == 1.0 or not number:
        return number
    return max(step, floor(number * factor / step + 0.5) * step)

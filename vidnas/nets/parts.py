"""Which parts is a network made of? A stem, layers and a head, of one architecture."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.nets.bottleneck import InvertedBottleneck
from vidnas.nets.dense_pair import DensePair
from vidnas.nets.layers.construction import Construction
from vidnas.nets.stem_and_head import Head, Stem


class Parts(NamedTuple):
    """The parts of a network in order; a clip network and its stream share them."""

    stem: Stem
    blocks: list[Any]
    head: Head


def make_parts(
    architecture: Architecture,
    classes: int,
    *,
    dropout: float,
    norm_momentum: float,
    rng: np.random.Generator,
) -> Parts:
    """The parts of a network, with fresh weights; see `vidnas.nets.build`."""
    construction = Construction(architecture, rng, norm_momentum)
    stem = Stem(construction)
    places = list(architecture.placed_layers())
    layer = InvertedBottleneck if construction.rules().bottleneck else DensePair
    blocks = [layer(place, construction) for place in places]
    head = Head(construction, places[-1].out_width, classes, dropout)
    return Parts(stem, blocks, head)


def fixed_parts(model: keras.Model) -> list[str]:
    """Names of the layers that are not trained, such as `head` or `head/norm`.

    What lies inside such a layer is not trained either, and not named.
    """
    return [name for name, part in _parts_of(model) if not part.trainable]


def fix_parts(model: keras.Model, names: Sequence[str]) -> None:
    """Takes the layers of these names out of training."""
    fixed = [part for name, part in _parts_of(model) if name in names]
    for part in fixed:
        part.trainable = False


def _parts_of(model: keras.Model) -> Iterator[tuple[str, keras.layers.Layer]]:
    """Every layer by its place in a network, but those inside of one not trained."""
    for part in model.layers:
        yield part.name, part
        yield from _inside(part, part.name)


def _inside(
    layer: keras.layers.Layer, place: str
) -> Iterator[tuple[str, keras.layers.Layer]]:
    if not layer.trainable:
        return
    for attribute, part in vars(layer).items():
        if isinstance(part, keras.layers.Layer):
            yield f"{place}/{attribute}", part
            yield from _inside(part, f"{place}/{attribute}")

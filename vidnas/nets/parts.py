"""Which parts is a network made of? A stem, layers and a head, of one architecture."""

from collections.abc import Sequence
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
    """Names of the parts that are not trained."""
    return [part.name for part in model.layers if not part.trainable]


def fix_parts(model: keras.Model, names: Sequence[str]) -> None:
    """Takes the parts of these names out of training."""
    for part in model.layers:
        if part.name in names:
            part.trainable = False

"""What does an architecture compute? Its operations, with shapes, and no network built.

Every cost is a sum or a maximum over them: of one architecture, listed in order, or of
many at once.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from vidnas.core.architecture import Architecture
from vidnas.core.columns import Columns, Ints
from vidnas.core.layer_operations import layer_operations
from vidnas.core.operation import (
    Operation,
    Operations,
    convolution,
    copies_kept,
    dense,
)
from vidnas.core.placed import Heads, Layers, Stems, buffer


def operations(architecture: Architecture, classes: int) -> Iterator[Operation]:
    """What the network computes for one clip, in order."""
    columns = Columns.of([architecture])
    stems = Stems.of(columns)
    layers = Layers.of(columns, stems)
    names = [placed.name for placed in architecture.placed_layers()]
    yield from _listed(stem_operations(stems), ["stem"])
    yield from _listed(layer_operations(layers), names)
    yield from _listed(head_operations(Heads.of(columns, layers), classes), ["head"])


def _listed(kinds: Iterable[Operations], blocks: list[str]) -> Iterator[Operation]:
    placed = [each for kind in kinds for each in kind.each(blocks)]
    placed.sort(key=lambda each: each[0])
    yield from (operation for _, operation in placed)


def stem_operations(stems: Stems) -> Iterator[Operations]:
    """What stems compute for one clip, in order."""
    copies = copies_kept(stems.block, "stem")[stems.activation]
    factored, alone = stems.factored_width > 0, stems.temporal == 1
    first_frames = np.where(factored, 1, stems.kernel_frames)
    yield convolution(
        "conv",
        stems.at,
        taps=first_frames * stems.kernel_side**2,
        width_in=3,
        width_out=np.where(factored, stems.factored_width, stems.width),
        pixels_in=stems.pixels_in,
        pixels_out=stems.pixels_out,
        normed=factored | alone,
        copies=copies,
        state=buffer(stems, first_frames, stems.in_side, 3),
    )
    if some := stems.where(factored):
        yield convolution(
            "conv_temporal",
            some.at,
            taps=some.kernel_frames,
            width_in=some.factored_width,
            width_out=some.width,
            pixels_in=some.pixels_out,
            pixels_out=some.pixels_out,
            normed=some.temporal == 1,
            copies=copies[some.at],
            state=buffer(some, some.kernel_frames, some.out_side, some.factored_width),
        )
    if some := stems.where(~alone):
        yield convolution(
            "temporal",
            some.at,
            taps=some.temporal,
            width_in=some.width,
            width_out=some.width,
            pixels_in=some.pixels_out,
            pixels_out=some.pixels_out,
            depthwise=True,
            copies=copies[some.at],
            state=buffer(some, some.temporal, some.out_side, some.width),
        )


def head_operations(heads: Heads, classes: int) -> Iterator[Operations]:
    """What heads compute for one clip, in order."""
    features = np.where(heads.project, heads.project, heads.in_width)
    times = np.where(heads.per_frame, heads.in_frames, 1)
    if some := heads.where(heads.project > 0):
        yield convolution(
            "project",
            some.at,
            taps=1,
            width_in=some.in_width,
            width_out=some.project,
            pixels_in=some.pixels_in,
            pixels_out=some.pixels_in,
            copies=copies_kept(some.block, "head")[some.activation],
        )
    if some := heads.where(heads.hidden > 0):
        yield dense(
            "hidden",
            some.at,
            width_in=features[some.at],
            width_out=some.hidden,
            bias=some.hidden_bias,
            times=times[some.at],
        )
    averaged: Ints = np.where(heads.per_frame, classes, features)
    yield dense(
        "classes",
        heads.at,
        width_in=np.where(heads.hidden, heads.hidden, features),
        width_out=classes,
        bias=True,
        times=times,
        # A causal head averages over time bit by bit: features, or logits per frame.
        state=heads.causal * averaged,
    )

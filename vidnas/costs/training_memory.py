"""How much memory does a training step take? What lives through it, and its peak.

Layer by layer, the backward pass needs what the forward pass kept of this layer and of
all before it, and room for the gradients of one operation at a time; what was kept of
later layers is gone by then.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from vidnas.architecture.one_or_many import Numbers, larger
from vidnas.arrays import Ints
from vidnas.costs.operation import BYTES, Operations

ENDS = ("stem", "head")  # blocks that are no layers
# An allocator gives a piece that is free whole to whoever asks for more than half of
# it: in a worker 42 float32 trainings took 1.085 times what they ask for (median). A
# sixteenth more holds all of them within 15 %, there and elsewhere (docs/memory.md).
PIECES = 16


class Step(NamedTuple):
    """A training step whose memory is priced.

    Args:
        batch: Clips in it.
        precision: One of `vidnas.trials.recipe.PRECISIONS`.
        rematerialise: Whether a layer's inner activations are computed again in the
            backward pass, and not kept.
    """

    batch: int = 1
    precision: str = "float32"
    rematerialise: bool = False

    @property
    def value_bytes(self) -> int:
        """Bytes of an activation."""
        return BYTES if self.precision == "float32" else BYTES // 2


class Kept(NamedTuple):
    """What a stem, a layer or a head needs in the backward pass, or each of many.

    Args:
        values: Activations kept.
        marks: Bytes kept beside them, whatever the precision.
        touched: Activations whose gradients are alive at once, at most.
    """

    values: Numbers
    marks: Numbers
    touched: Numbers

    def inside(self, step: Step) -> Numbers:
        """What is kept [bytes]."""
        return self.values * step.value_bytes + self.marks

    def peak(self, step: Step) -> Numbers:
        """What is kept, and the gradients at work on it [bytes]."""
        return self.inside(step) + self.touched * step.value_bytes


def step_bytes(
    parameters: Numbers, stored: Numbers, backward: Numbers, step: Step
) -> Numbers:
    """Peak of a training step [bytes].

    Args:
        parameters: Trainable ones.
        stored: Those and the batch-norm statistics.
        backward: Peak of the backward pass of one clip, weights aside [bytes].
        step: How it trains.
    """
    # The model's own weights and the vectors of `FlatWeights`; two optimizer slots
    # (momentum and velocity); the mask of the decay.
    lasting = (2 * stored + 3 * parameters) * BYTES
    # Of each weight there is a copy, unpacked from its vector, or else its gradient.
    passing = stored * BYTES + step.batch * backward
    if step.value_bytes != BYTES:
        passing = passing + parameters * step.value_bytes  # weights in 16 bits
    # In the end there is nothing but the gradient, in parts and as one vector.
    asked = lasting + larger(passing, 2 * parameters * BYTES)
    return asked + asked // PIECES


def backward_of_one(named: Iterable[tuple[str, Operations]], step: Step) -> Numbers:
    """Peak of a clip's backward pass [bytes], weights aside.

    Args:
        named: All operations of a network in order, behind the names of their blocks.
        step: How it trains; the batch is not looked at.
    """
    before: Numbers = 0
    most: Numbers = 0
    for block, group in groupby(named, itemgetter(0)):
        kinds = [kind for _, kind in group]
        kept = Kept(
            sum(kind.kept for kind in kinds),
            sum(kind.marks for kind in kinds),
            max(kind.touched for kind in kinds),
        )
        most = larger(most, before + kept.peak(step))
        if step.rematerialise and block not in ENDS:
            before += kinds[0].reads * step.value_bytes  # a layer's input
        else:
            before += kept.inside(step)
    return most


def backward_of_many(
    stems: Kept, layers: Kept, heads: Kept, inputs: Ints, depth: Ints, step: Step
) -> Numbers:
    """[N]. `backward_of_one`, of networks whose layers follow one another.

    Args:
        stems: Each [N].
        layers: Each [M], of all networks.
        heads: Each [N].
        inputs: [M]. Values of each layer's input.
        depth: [N]. Layers of each network.
        step: See `backward_of_one`.
    """
    first = depth.cumsum() - depth
    stem = stems.inside(step)
    kept = inputs * step.value_bytes if step.rematerialise else layers.inside(step)
    before = np.cumsum(kept) - kept
    before += np.repeat(stem - before[first], depth)
    most = np.maximum.reduceat(before + layers.peak(step), first)
    behind = stem + np.add.reduceat(kept, first)
    most = np.maximum(most, stems.peak(step))
    return np.maximum(most, behind + heads.peak(step))

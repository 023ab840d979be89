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

from vidnas.architecture.one_or_many import larger
from vidnas.arrays import Ints, Numbers
from vidnas.costs.operation import BYTES, Operations

ENDS = ("stem", "head")  # blocks that are no layers
# An allocator gives a piece that is free whole to whoever asks for more than half of
# it: in a worker 42 float32 trainings took 1.085 times what they ask for (median). A
# sixteenth more holds all of them within 15 %, there and elsewhere (docs/memory.md).
PIECES = 16
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")  # of a training


class Step(NamedTuple):
    """A training step whose memory is priced.

    Args:
        batch: Clips in the step.
        precision: Precision of the training; one of `PRECISIONS`.
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


class BackwardNeeds(NamedTuple):
    """What a stem, a layer or a head needs in the backward pass, or each of many.

    Args:
        values: Activations that are kept.
        marks: Bytes that are kept as well, whatever the precision.
        gradients: Gradients of activations alive at once, at most.
    """

    values: Numbers
    marks: Numbers
    gradients: Numbers

    def inside(self, step: Step) -> Numbers:
        """What is kept [bytes]."""
        return self.values * step.value_bytes + self.marks

    def peak(self, step: Step) -> Numbers:
        """What is kept, and the gradients at work on it [bytes]."""
        return self.inside(step) + self.gradients * step.value_bytes


def step_bytes(
    parameters: Numbers, stored: Numbers, backward: Numbers, step: Step
) -> Numbers:
    """Peak of a training step [bytes].

    Args:
        parameters: Trainable parameters.
        stored: Trainable parameters and batch-norm statistics.
        backward: Peak of the backward pass of one clip, weights aside [bytes].
        step: Training step that is priced.
    """
    # The model's own weights and the vectors of `FlatWeights`; two optimizer slots
    # (momentum and velocity); the mask of the decay.
    lasting = (2 * stored + 3 * parameters) * BYTES
    # Of each weight there is a copy, unpacked from its vector, or else its gradient.
    passing = stored * BYTES + step.batch * backward
    if step.value_bytes != BYTES:
        passing = passing + parameters * step.value_bytes  # weights in 16 bits
    # In the end there is nothing but the gradient, in parts and as one vector.
    demand = lasting + larger(passing, 2 * parameters * BYTES)
    return demand + demand // PIECES


def backward_of_one(pairs: Iterable[tuple[str, Operations]], step: Step) -> Numbers:
    """Peak of a clip's backward pass [bytes], weights aside.

    Args:
        pairs: All operations of a network in order, each with the name of its block
            first.
        step: Training step that is priced; the batch is not looked at.
    """
    before: Numbers = 0
    most: Numbers = 0
    for block, group in groupby(pairs, itemgetter(0)):
        kinds = [kind for _, kind in group]
        needs = BackwardNeeds(
            sum(kind.backward_values for kind in kinds),
            sum(kind.marks for kind in kinds),
            max(kind.traffic for kind in kinds),
        )
        most = larger(most, before + needs.peak(step))
        if step.rematerialise and block not in ENDS:
            before += kinds[0].reads * step.value_bytes  # a layer's input
        else:
            before += needs.inside(step)
    return most


def backward_of_many(
    stems: BackwardNeeds,
    layers: BackwardNeeds,
    heads: BackwardNeeds,
    inputs: Ints,
    depth: Ints,
    step: Step,
) -> Numbers:
    """[N]. `backward_of_one`, of networks whose layers follow one another.

    Args:
        stems: Needs of each stem [N].
        layers: Needs of each layer [M], of all networks.
        heads: Needs of each head [N].
        inputs: Values of each layer's input [M].
        depth: Number of layers of each network [N].
        step: Training step that is priced; the batch is not looked at.
    """
    first = depth.cumsum() - depth
    stem = stems.inside(step)
    kept = inputs * step.value_bytes if step.rematerialise else layers.inside(step)
    before = np.cumsum(kept) - kept
    before += np.repeat(stem - before[first], depth)
    most = np.maximum.reduceat(before + layers.peak(step), first)
    after = stem + np.add.reduceat(kept, first)
    most = np.maximum(most, stems.peak(step))
    return np.maximum(most, after + heads.peak(step))

"""What does one convolution cost? Parameters, FLOPs and the values it reads and writes.

FLOPs are multiply-adds of convolutions and dense layers, one each, as every MoViNet and
X3D table counts them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from vidnas.architecture.architecture import ACTIVATIONS
from vidnas.architecture.block_rules import rules_for
from vidnas.architecture.one_or_many import Flags, Numbers, choose, larger
from vidnas.arrays import Ints

BYTES = 4  # float32
# A norm and the ReLU behind it are one operation in training, which marks what passed:
# in a byte where channels are a multiple of this, else in a float (oneDNN, TF 2.21).
MARKED = 8
NORM_PARAMETERS = 2  # batch norm: gamma and beta; moving statistics are not trained


@dataclass(frozen=True, slots=True)
class Operation:
    """One convolution, dense layer or pooling, with what follows it fused in.

    `live` counts values that are alive at its worst moment when nothing is trained,
    beside weights, states and the clip itself; `folded` those of its kernel with a norm
    multiplied in, which exists while it runs. `kept` are those the backward pass needs:
    the input of this operation and what the batch norm and activation behind it hold on
    to; `marks` are bytes that it needs as well, whatever the precision.
    """

    block: str  # "stem", "stage1.layer0" or "head"
    name: str
    parameters: int
    flops: int
    reads: int  # [values]
    writes: int  # [values]
    live: int = 0  # [values]
    folded: int = 0  # [values]
    kept: int = 0  # [values]
    marks: int = 0  # [bytes]
    norm_width: int = 0  # channels of the batch norm behind it
    state: int = 0  # values a stream carries from frame to frame


class Operations(NamedTuple):
    """The same operation in one or many places: layers, or stems or heads.

    Args:
        name: What it is.
        at: Numbers of the places that have it, or `slice(None)` where all do; the
            other fields are those of `Operation`, of these places.
        parameters: As the others, an array over the places or one number for all.
        flops: Multiply-adds.
        reads: [values].
        writes: [values].
        live: [values].
        folded: [values].
        kept: [values].
        marks: [bytes].
        norm_width: Channels.
        state: [values].
    """

    name: str
    at: slice | Ints
    parameters: Numbers
    flops: Numbers
    reads: Numbers
    writes: Numbers
    live: Numbers = 0
    folded: Numbers = 0
    kept: Numbers = 0
    marks: Numbers = 0
    norm_width: Numbers = 0
    state: Numbers = 0

    @property
    def touched(self) -> Numbers:
        """What it reads and writes [values]."""
        return self.reads + self.writes


def convolution(
    name: str,
    at: slice | Ints,
    *,
    taps: Numbers,
    width_in: Numbers,
    width_out: Numbers,
    pixels_in: Numbers,
    pixels_out: Numbers,
    depthwise: bool = False,
    normed: Flags = True,
    copies: Numbers = 1,
    marked: Numbers = 0,
    read: Numbers | None = None,
    results: Numbers = 1,
    waiting: Numbers = 0,
    left: Numbers = 0,
    state: Numbers = 0,
    padding: Numbers = 0,
    extra_parameters: int = 0,
) -> Operations:
    """A convolution without bias, with its batch norm and activation.

    Args:
        name: What it is.
        at: Where it is.
        taps: Weights of its kernel per pair of channels.
        width_in: Input channels.
        width_out: Output channels.
        pixels_in: Positions of the input over the clip, `T * H * W`.
        pixels_out: Positions of the output.
        depthwise: Whether each output channel sees its own input channel only.
        normed: Whether a batch norm follows; where not, the next operation keeps what
            this one writes.
        copies: Of its output that the batch norm and activation keep, where `normed`:
            1, or 2 with an activation that multiplies its input.
        marked: Whether a ReLU follows the batch norm, and keeps where it let through.
        read: Values alive as its input meanwhile, if not just those of the input.
        results: Copies of its output alive at once while it runs.
        waiting: Values alive for others meanwhile.
        left: Of the values it reads, those still alive behind it.
        state: Values a stream carries.
        padding: Zeros before a clip that are kept with it.
        extra_parameters: Learnt scalars beside weights and norm.
    """
    reads, written = width_in * pixels_in, width_out * pixels_out
    per_output = taps if depthwise else taps * width_in
    norm_width = width_out * normed
    running = (reads if read is None else read) + results * written
    activating = left + (1 + (copies - 1) * normed) * written
    input_kept: Numbers = reads + padding
    return Operations(
        name,
        at,
        parameters=per_output * width_out
        + NORM_PARAMETERS * norm_width
        + extra_parameters,
        flops=per_output * written,
        reads=reads,
        writes=written,
        live=waiting + larger(running, activating),
        folded=per_output * norm_width,
        kept=input_kept + written * (copies * normed),
        marks=_marks(written, width_out) * marked if np.any(marked) else 0,
        norm_width=norm_width,
        state=state,
    )


def _marks(values: Numbers, width: Numbers) -> Numbers:
    """Bytes that tell which values a ReLU let through."""
    return values * choose(width % MARKED == 0, 1, BYTES)


def dense(
    name: str,
    at: slice | Ints,
    *,
    width_in: Numbers,
    width_out: Numbers,
    bias: Flags,
    times: Numbers,
    state: Numbers = 0,
) -> Operations:
    """A dense layer, applied to `times` vectors of a clip."""
    weights = width_in * width_out
    return Operations(
        name,
        at,
        parameters=weights + bias * width_out,
        flops=times * weights,
        reads=times * width_in,
        writes=times * width_out,
        live=times * (width_in + width_out),
        kept=times * (width_in + width_out),
        state=state,
    )


@cache
def copies_kept(block: str, *behind: str) -> tuple[int, ...]:
    """Copies of a convolution's output that its backward pass holds on to.

    The input of the batch norm always; a swish also keeps its input (its gate it
    computes again), where a ReLU can tell from its output, which the next operation
    keeps as its input.

    Args:
        block: What a layer is.
        behind: Fields of `Rules` for what follows; the first that is not "" does.

    Returns:
        For each of `ACTIVATIONS`, where it is the network's or the layer's.
    """
    return tuple(
        2 if activated in ("swish", "hard_swish") else 1
        for activated in _behind(block, behind)
    )


@cache
def marked(block: str, *behind: str) -> tuple[int, ...]:
    """Whether a ReLU is right behind a batch norm; arguments as in `copies_kept`."""
    return tuple(int(activated == "relu") for activated in _behind(block, behind))


def _behind(block: str, fields: tuple[str, ...]) -> Iterator[str]:
    """The activation that follows, by the activation of the network or layer."""
    for activation in ACTIVATIONS:
        rules = rules_for(block, activation)
        yield next(filter(None, (getattr(rules, field) for field in fields)), "")

"""What does one operation cost? Parameters, FLOPs and values, by formulas of its shape.

FLOPs are multiply-adds of convolutions and dense layers, one each, as every MoViNet and
X3D table counts them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from vidnas.architecture.one_or_many import any_of, choose, larger, look_up
from vidnas.arrays import Flags, Ints, Numbers
from vidnas.costs.layer_shapes import FOLLOWING, Grid

BYTES = 4  # float32
# A norm and the ReLU that follows are one operation in training, which marks what
# passed: in a byte where channels are a multiple of this, else in a float (oneDNN,
# TF 2.21).
MARKED = 8
NORM_PARAMETERS = 2  # batch norm: gamma and beta; moving statistics are not trained
RELU = FOLLOWING.index("relu")
# Copies of a convolution's output that its backward pass holds on to: the input of the
# batch norm always; a swish also keeps its input (its gate it computes again), where a
# ReLU can tell from its output, which the next operation keeps as its input.
COPIES = tuple(2 if name in ("swish", "hard_swish") else 1 for name in FOLLOWING)


class Shape(NamedTuple):
    """What an operation takes and gives, in one place or in many.

    Args:
        kind: `convolution`, `pointwise`, `depthwise`, `temporal` (depthwise, over time
            alone), `squeeze_excite` or `dense`; `pooled` or `strided`, the 1x1x1
            convolution of a shortcut; or what costs nothing but time, as in
            `vidnas.costs.latency.operators.KINDS`.
        sees: Grid of its input.
        gives: Grid of its output.
        width_in: Channels of its input.
        width_out: Channels of its output; of squeeze-excite, those it has inside.
        kernel_frames: Frames of its kernel.
        kernel_side: Height and width of its kernel.
        activation: Index into `FOLLOWING` of the activation that follows.
        by_frame: bool. Whether no frame sees a later one; of squeeze-excite, whether
            every frame has its own.
    """

    kind: str
    sees: Grid
    gives: Grid
    width_in: Numbers
    width_out: Numbers
    kernel_frames: Numbers = 1
    kernel_side: Numbers = 1
    activation: Numbers = 0
    by_frame: Flags = False

    @classmethod
    def pointwise(
        cls, grid: Grid, width_in: Numbers, width_out: Numbers, activation: Numbers = 0
    ) -> "Shape":
        """The shape of a 1x1x1 convolution."""
        return cls("pointwise", grid, grid, width_in, width_out, activation=activation)

    @property
    def reads(self) -> Numbers:
        """Values of the input; what is pooled is smaller when it is read."""
        sees = self.gives if self.kind == "pooled" else self.sees
        return self.width_in * sees.pixels

    @property
    def weights(self) -> Numbers:
        """Weights of a convolution for each output channel."""
        taps = self.kernel_frames * self.kernel_side**2
        return taps if self.kind in ("depthwise", "temporal") else taps * self.width_in

    @property
    def past(self) -> Numbers:
        """Values of past frames that a causal convolution keeps between frames."""
        if self.by_frame is False:
            return 0
        past_frames = self.by_frame * (self.kernel_frames - 1)
        return past_frames * self.sees.side**2 * self.width_in


@dataclass(frozen=True, slots=True)
class Operation:
    """One convolution, dense layer or pooling, with what follows it fused in.

    `live` counts values that are alive at its worst moment when nothing is trained,
    beside weights, states and the clip itself; `kernel_copy` those of its kernel with a
    norm multiplied in, which exists while it runs. `backward_values` are those that the
    backward pass needs: the input of this operation and what the batch norm and
    activation that follow hold on to; `marks` are bytes that it needs as well, whatever
    the precision.
    """

    block: str  # "stem", "stage1.layer0" or "head"
    name: str
    parameters: int
    flops: int
    reads: int  # [values]
    writes: int  # [values]
    live: int = 0  # [values]
    kernel_copy: int = 0  # [values]
    backward_values: int = 0  # [values]
    marks: int = 0  # [bytes]
    norm_width: int = 0  # channels of the batch norm that follows
    state: int = 0  # values a stream carries from frame to frame


class Operations(NamedTuple):
    """The same operation in one or many places: layers, or stems or heads.

    Args:
        name: Name within the layer, stem or head.
        at: Numbers of the places that have it, or `slice(None)` where all do; the
            other fields are those of `Operation`, of these places.
        shape: Shape, from which the costs follow.
        parameters: Trainable parameters, as the others an array over the places or one
            number for all.
        flops: Multiply-adds.
        reads: Values of the input.
        writes: Values of the output.
        live: Values alive at the worst moment of inference.
        kernel_copy: Values of the kernel with a norm multiplied in.
        backward_values: Values that the backward pass needs.
        marks: Bytes that the backward pass needs as well, whatever the precision.
        norm_width: Channels of the batch norm that follows.
        state: Values a stream carries from frame to frame.
    """

    name: str
    at: slice | Ints
    shape: Shape
    parameters: Numbers
    flops: Numbers
    reads: Numbers
    writes: Numbers
    live: Numbers = 0
    kernel_copy: Numbers = 0
    backward_values: Numbers = 0
    marks: Numbers = 0
    norm_width: Numbers = 0
    state: Numbers = 0

    @property
    def traffic(self) -> Numbers:
        """Values that are read and written."""
        return self.reads + self.writes


def convolution(
    name: str,
    at: slice | Ints,
    shape: Shape,
    *,
    has_norm: Flags = True,
    memory_activation: Numbers | None = None,
    inputs: Numbers = 1,
    results: Numbers = 1,
    others: Numbers = 0,
    input_after: Numbers = 0,
    extra_state: Numbers = 0,
    keeps_padding: bool = False,
    extra_parameters: int = 0,
) -> Operations:
    """A convolution without bias, with its batch norm and activation.

    Args:
        name: Name within the layer or stem.
        at: Numbers of the places that have it.
        shape: Shape of the convolution.
        has_norm: Whether a batch norm follows; where not, the next operation keeps what
            this one writes.
        memory_activation: Activation for which memory is priced; None for the one that
            follows.
        inputs: Copies of its input alive at once while it runs.
        results: Copies of its output alive at once while it runs.
        others: Values alive meanwhile that later operations need.
        input_after: Values of its input that are still alive after it.
        extra_state: Values a stream carries beside the past frames of its input.
        keeps_padding: Whether zeros before a clip are kept with it.
        extra_parameters: Learnt scalars beside weights and norm.
    """
    width_out, weights, past = shape.width_out, shape.weights, shape.past
    reads, writes = shape.reads, width_out * shape.gives.pixels
    norm_width = width_out * has_norm
    activation = shape.activation if memory_activation is None else memory_activation
    copies, relu = look_up(COPIES, activation), activation == RELU
    running, padding = inputs * reads + results * writes, past if keeps_padding else 0
    return Operations(
        name,
        at,
        shape,
        weights * width_out + NORM_PARAMETERS * norm_width + extra_parameters,
        flops=weights * writes,
        reads=reads,
        writes=writes,
        live=others + larger(running, input_after + copies * writes),
        kernel_copy=weights * norm_width,
        backward_values=reads + padding + writes * (copies * has_norm),
        marks=_marks(writes, width_out) * relu if any_of(relu) else 0,
        norm_width=norm_width,
        state=past + extra_state,
    )


def _marks(values: Numbers, width: Numbers) -> Numbers:
    """Bytes that tell which values a ReLU let through."""
    return values * choose(width % MARKED == 0, 1, BYTES)


def dense(
    name: str, at: slice | Ints, shape: Shape, *, bias: Flags, state: Numbers = 0
) -> Operations:
    """A dense layer, applied to some vectors of a clip: the pixels of its grid."""
    weights, times = shape.width_in * shape.width_out, shape.gives.pixels
    reads, writes = times * shape.width_in, times * shape.width_out
    return Operations(
        name,
        at,
        shape,
        parameters=weights + bias * shape.width_out,
        flops=times * weights,
        reads=reads,
        writes=writes,
        live=reads + writes,
        backward_values=reads + writes,
        state=state,
    )

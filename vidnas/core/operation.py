"""What does one convolution cost? Parameters, FLOPs and the values it reads and writes.

FLOPs are multiply-adds of convolutions and dense layers, one each, as every MoViNet and
X3D table counts them.
"""

from dataclasses import dataclass

NORM_PARAMETERS = 2  # batch norm: gamma and beta; moving statistics are not trained


@dataclass(frozen=True, slots=True)
class Operation:
    """One convolution, dense layer or pooling, with what follows it fused in.

    `held` counts values that must stay alive meanwhile because a shortcut waits for
    them; `kept` those the backward pass needs: the input of this operation and what
    the batch norm and activation behind it hold on to.
    """

    block: str  # "stem", "stage1.layer0" or "head"
    name: str
    parameters: int
    flops: int
    reads: int  # [values]
    writes: int  # [values]
    held: int = 0  # [values]
    kept: int = 0  # [values]
    norm_width: int = 0  # channels of the batch norm behind it
    state: int = 0  # values a stream carries from frame to frame


def convolution(
    block: str,
    name: str,
    *,
    taps: int,
    width_in: int,
    width_out: int,
    pixels_in: int,
    pixels_out: int,
    depthwise: bool = False,
    activation: str = "",
    held: int = 0,
    state: int = 0,
    extra_parameters: int = 0,
) -> Operation:
    """A convolution without bias, with its batch norm and activation.

    Args:
        block: Where it stands.
        name: What it is.
        taps: Weights of its kernel per pair of channels.
        width_in: Input channels.
        width_out: Output channels.
        pixels_in: Positions of the input over the clip, `T * H * W`.
        pixels_out: Positions of the output.
        depthwise: Whether each output channel sees its own input channel only.
        activation: What follows the batch norm, or "".
        held: Values a shortcut keeps alive meanwhile.
        state: Values a stream carries.
        extra_parameters: Learnt scalars beside weights and norm.
    """
    read, written = width_in * pixels_in, width_out * pixels_out
    per_output = taps * (1 if depthwise else width_in)
    return Operation(
        block,
        name,
        parameters=(per_output + NORM_PARAMETERS) * width_out + extra_parameters,
        flops=per_output * written,
        reads=read,
        writes=written,
        held=held,
        kept=read + written * _kept_writes(activation),
        norm_width=width_out,
        state=state,
    )


def dense(
    block: str, name: str, width_in: int, width_out: int, *, bias: bool, times: int = 1
) -> Operation:
    """A dense layer, applied to `times` vectors of a clip."""
    weights = width_in * width_out
    return Operation(
        block,
        name,
        parameters=weights + bias * width_out,
        flops=times * weights,
        reads=times * width_in,
        writes=times * width_out,
        kept=times * (width_in + width_out),
    )


def _kept_writes(activation: str) -> int:
    """Copies of a convolution's output that its backward pass holds on to.

    The input of the batch norm always; a swish also keeps its input and its gate, where
    a ReLU can tell from its output, which the next operation keeps as its input.
    """
    return 3 if activation in ("swish", "hard_swish") else 1

"""What does an architecture cost? Parameters, FLOPs and memory in closed form.

No network is built: `operations` lists what the network computes, with shapes, and
everything else is a sum or a maximum over that list. FLOPs are multiply-adds of
convolutions and dense layers, one each, as every MoViNet and X3D table counts them.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from vidnas.core.architecture import Architecture, Placed, strided

BYTES = 4  # float32
NORM_PARAMETERS = 2  # batch norm: gamma and beta; moving statistics are not trained
CLASSES = 600  # Kinetics-600, which every published MoViNet figure uses


@dataclass(frozen=True, slots=True)
class Operation:
    """One convolution, dense layer or pooling, with what follows it fused in.

    `held` counts values that must stay alive meanwhile because a shortcut waits for
    them; `kept` those the backward pass needs: the inputs of this operation and of
    the batch norm and activation behind it.
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


@dataclass(frozen=True, slots=True)
class Cost:
    """What one architecture costs, for one clip at its own frames and resolution.

    Args:
        parameters: Trainable parameters.
        stored_parameters: Trainable parameters and batch-norm statistics.
        flops: Multiply-adds of one clip.
        flops_per_frame: `flops` over the clip's frames.
        weights_bytes: All stored parameters in float32.
        inference_bytes: Peak of weights and live activations, one clip (one frame
            when causal, with its stream state), float32.
        training_bytes: Peak of a training step at `batch` clips: activations kept
            for the backward pass, weights, gradients and two optimizer slots, float32.
        stream_state_values: Values carried between frames; 0 unless causal.
        batch: Clips in the training step that `training_bytes` prices.
    """

    parameters: int
    stored_parameters: int
    flops: int
    flops_per_frame: int
    weights_bytes: int
    inference_bytes: int
    training_bytes: int
    stream_state_values: int
    batch: int

    @property
    def memory(self) -> int:
        """Peak memory of inference [bytes]; another name of `inference_bytes`."""
        return self.inference_bytes

    def to_document(self) -> dict[str, int]:
        """The cost as plain data."""
        return asdict(self)


def cost(architecture: Architecture, classes: int = CLASSES, batch: int = 1) -> Cost:
    """The cost of an architecture with a classifier for `classes`.

    Args:
        architecture: What to price; causal architectures are priced as streams.
        classes: Outputs of the classifier.
        batch: Clips per training step, for `training_bytes`.
    """
    listed = list(operations(architecture, classes))
    parameters = sum(op.parameters for op in listed)
    flops = sum(op.flops for op in listed)
    state = sum(op.state for op in listed)
    stored = parameters + sum(2 * op.norm_width for op in listed)
    frames = architecture.clip.frames
    # A stream runs one frame at a time, so its activations are one frame's.
    steps = frames if architecture.causal else 1
    live = max(op.reads + op.writes + op.held for op in listed) // steps
    return Cost(
        parameters=parameters,
        stored_parameters=stored,
        flops=flops,
        flops_per_frame=flops // frames,
        weights_bytes=stored * BYTES,
        inference_bytes=(stored + live + state) * BYTES,
        training_bytes=_training_values(listed, stored, parameters, batch) * BYTES,
        stream_state_values=state,
        batch=batch,
    )


def _training_values(
    listed: list[Operation], stored: int, parameters: int, batch: int
) -> int:
    # Weights, one gradient and two optimizer slots (momentum and velocity).
    fixed = stored + 3 * parameters
    kept = sum(op.kept for op in listed)
    # While one operation is differentiated, the gradients of what it wrote and read
    # are alive beside everything kept.
    workspace = max(op.reads + op.writes for op in listed)
    return fixed + batch * (kept + workspace)


def by_block(
    architecture: Architecture, classes: int = CLASSES
) -> dict[str, dict[str, Any]]:
    """Parameters, FLOPs and output values of every block, in order."""
    blocks: dict[str, dict[str, Any]] = {}
    for op in operations(architecture, classes):
        row = blocks.setdefault(op.block, {"parameters": 0, "flops": 0, "values": 0})
        row["parameters"] += op.parameters
        row["flops"] += op.flops
        row["values"] = op.writes
    return blocks


def operations(architecture: Architecture, classes: int) -> Iterator[Operation]:
    """What the network computes for one clip, in order."""
    yield from _stem(architecture)
    for placed in architecture.placed_layers():
        yield from _layer(architecture, placed)
    yield from _head(architecture, classes)


def _stem(architecture: Architecture) -> Iterator[Operation]:
    stem, clip = architecture.stem, architecture.clip
    side = strided(clip.resolution, stem.stride)
    pixels = clip.frames * side * side
    taps = 3 * stem.kernel.taps
    normed = stem.temporal == 1
    yield Operation(
        "stem",
        "conv",
        parameters=taps * stem.width + normed * NORM_PARAMETERS * stem.width,
        flops=taps * stem.width * pixels,
        reads=3 * clip.frames * clip.resolution**2,
        writes=stem.width * pixels,
        kept=3 * clip.frames * clip.resolution**2 + 2 * normed * stem.width * pixels,
        norm_width=stem.width if normed else 0,
    )
    if stem.temporal > 1:
        yield _normed(
            "stem",
            "temporal",
            weights=stem.temporal * stem.width,
            pixels_in=pixels,
            pixels_out=pixels,
            width_in=stem.width,
            width_out=stem.width,
            taps=stem.temporal,
        )


def _layer(architecture: Architecture, placed: Placed) -> Iterator[Operation]:
    layer, block, frames = placed.layer, placed.name, architecture.clip.frames
    width, expand = placed.in_width, layer.expand_width
    pixels_in = frames * placed.in_side**2
    pixels_out = frames * placed.out_side**2
    shortcut = width * pixels_in  # held until the sum at the end of the layer
    yield _normed(
        block,
        "expand",
        weights=width * expand,
        pixels_in=pixels_in,
        pixels_out=pixels_in,
        width_in=width,
        width_out=expand,
        taps=width,
    )
    side, past = layer.kernel.side, layer.kernel.frames
    split = architecture.convolution == "2plus1d"
    spatial_taps = side * side * (1 if split else past)
    yield _normed(
        block,
        "depthwise",
        weights=spatial_taps * expand,
        pixels_in=pixels_in,
        pixels_out=pixels_out,
        width_in=expand,
        width_out=expand,
        taps=spatial_taps,
        held=shortcut,
        # A full 3D stream buffers before its stride, (2+1)D after it.
        state=0 if split else _buffer(architecture, past, placed.in_side, expand),
    )
    if split and past > 1:
        yield _normed(
            block,
            "temporal",
            weights=past * expand,
            pixels_in=pixels_out,
            pixels_out=pixels_out,
            width_in=expand,
            width_out=expand,
            taps=past,
            held=shortcut,
            state=_buffer(architecture, past, placed.out_side, expand),
        )
    if layer.squeeze_excite:
        yield _squeeze_excite(architecture, placed, pixels_out, shortcut)
    yield _normed(
        block,
        "project",
        weights=expand * placed.out_width,
        pixels_in=pixels_out,
        pixels_out=pixels_out,
        width_in=expand,
        width_out=placed.out_width,
        taps=expand,
        held=shortcut,
        extra_parameters=1 if architecture.block == "movinet" else 0,  # residual scale
        activated=False,
    )
    if placed.projects_shortcut:
        yield _normed(
            block,
            "shortcut",
            weights=width * placed.out_width,
            pixels_in=pixels_out if architecture.block == "movinet" else pixels_in,
            pixels_out=pixels_out,
            width_in=width,
            width_out=placed.out_width,
            taps=width,
            held=placed.out_width * pixels_out,
            activated=False,
        )


def _squeeze_excite(
    architecture: Architecture, placed: Placed, pixels: int, held: int
) -> Operation:
    hidden, expand = placed.layer.squeeze_excite, placed.layer.expand_width
    causal = architecture.causal
    # Causal squeeze-excite sees the cumulative mean beside the frame's own, each frame.
    squeezed = 2 * expand if causal else expand
    steps = architecture.clip.frames if causal else 1
    return Operation(
        placed.name,
        "squeeze_excite",
        parameters=squeezed * hidden + hidden + hidden * expand + expand,
        flops=steps * (squeezed * hidden + hidden * expand),
        reads=expand * pixels,
        writes=expand * pixels,
        held=held,
        kept=expand * pixels + steps * (squeezed + 2 * hidden + 2 * expand),
        state=expand if causal else 0,  # running sum; frame counters are not counted
    )


def _head(architecture: Architecture, classes: int) -> Iterator[Operation]:
    head, frames = architecture.head, architecture.clip.frames
    *_, last = architecture.placed_layers()
    pixels = frames * last.out_side**2
    yield _normed(
        "head",
        "project",
        weights=last.out_width * head.project_width,
        pixels_in=pixels,
        pixels_out=pixels,
        width_in=last.out_width,
        width_out=head.project_width,
        taps=last.out_width,
        state=head.project_width if architecture.causal else 0,
    )
    hidden = head.project_width * head.hidden_width
    yield Operation(
        "head",
        "hidden",
        parameters=hidden + head.hidden_bias * head.hidden_width,
        flops=hidden,
        reads=head.project_width,
        writes=head.hidden_width,
        kept=head.project_width + head.hidden_width,
    )
    yield Operation(
        "head",
        "classes",
        parameters=head.hidden_width * classes + classes,
        flops=head.hidden_width * classes,
        reads=head.hidden_width,
        writes=classes,
        kept=head.hidden_width + classes,
    )


def _buffer(architecture: Architecture, frames: int, side: int, width: int) -> int:
    """Values of past frames a causal convolution keeps between frames."""
    return (frames - 1) * side * side * width if architecture.causal else 0


def _normed(
    block: str,
    name: str,
    *,
    weights: int,
    pixels_in: int,
    pixels_out: int,
    width_in: int,
    width_out: int,
    taps: int,
    held: int = 0,
    state: int = 0,
    extra_parameters: int = 0,
    activated: bool = True,
) -> Operation:
    """A convolution without bias, with its batch norm and activation.

    Args:
        block: Where it stands.
        name: What it is.
        weights: Weights of the convolution.
        pixels_in: Positions of the input over the clip, `T * H * W`.
        pixels_out: Positions of the output.
        width_in: Input channels.
        width_out: Output channels.
        taps: Multiply-adds per output value.
        held: Values a shortcut keeps alive meanwhile.
        state: Values a stream carries.
        extra_parameters: Learnt scalars beside weights and norm.
        activated: Whether an activation follows, whose input is kept too.
    """
    written = width_out * pixels_out
    return Operation(
        block,
        name,
        parameters=weights + NORM_PARAMETERS * width_out + extra_parameters,
        flops=taps * written,
        reads=width_in * pixels_in,
        writes=written,
        held=held,
        # Input of the convolution, of the norm and, if any, of the activation.
        kept=width_in * pixels_in + written * (2 if activated else 1),
        norm_width=width_out,
        state=state,
    )

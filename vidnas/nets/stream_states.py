"""Which frames does a network take, and which states does its stream carry?"""

from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from vidnas.architecture.architecture import Architecture, Placed
from vidnas.architecture.block_rules import (
    SHIFTED,
    convolution_of,
    factored_width,
    rules_of,
)
from vidnas.architecture.kernel import strided
from vidnas.errors import InputError, ShapeError
from vidnas.nets.layers.tensor import Tensor

Shape = tuple[Any, ...]  # sizes of axes, None where unknown


def frame_sizes(frames: Tensor, word: str, channels: int) -> tuple[int, ...]:
    """`(T, H, W, C)` of a tensor `[B, T, H, W, C]`.

    Args:
        frames: Tensor or array of floats in [0, 1].
        word: Name of the tensor in an error: `Clips` or `Frames`.
        channels: Values of a pixel, C.

    Raises:
        InputError: it is no tensor or array, or not of floats.
        ShapeError: it has another shape, T, H or W is unknown, or an axis is empty.
    """
    check_floats(frames, word, channels)
    shape = _shape_of(frames)
    known = shape is not None and all(shape[1:]) and shape[0] != 0
    if shape is None or len(shape) != 5 or shape[4] != channels or not known:
        text = "an unknown number of axes" if shape is None else _shape_text(shape)
        raise ShapeError(
            f"{word} must be [B, T, H, W, {channels}] with known frames and size, got "
            f"{text}.{_remedy(shape or (), channels)}"
        )
    return shape[1:]


def check_floats(frames: Tensor, word: str, channels: int) -> None:
    """Refuse what is no tensor of floats; bytes from 0 to 255 are the usual mistake.

    Raises:
        InputError: it is not, with what it is.
    """
    kind = getattr(frames, "dtype", None)
    if kind is None or not hasattr(frames, "shape"):
        raise InputError(
            f"{word} must be a tensor or array [B, T, H, W, {channels}] of floats in "
            f"[0, 1], got a {type(frames).__name__}."
        )
    name = str(getattr(kind, "name", kind))
    if "float" not in name:
        remedy = " Divide what counts from 0 to 255 by 255.0." if "int" in name else ""
        raise InputError(f"{word} must be floats in [0, 1], got {name}.{remedy}")


def _shape_of(tensor: Tensor) -> Shape | None:
    """Sizes of the axes, None where unknown; None where even their number is."""
    try:
        return tuple(tensor.shape)
    except ValueError:  # TensorFlow counts no axes of a shape that it does not know
        return None


def _remedy(shape: Shape, channels: int) -> str:
    if len(shape) == 4 and shape[3] == channels:
        return " One clip is a batch too: `clips[None]`."
    if len(shape) == 4 and channels == 1:
        return " Grayscale has a last axis too: `clips[..., None]`."
    if len(shape) != 5 or shape[4] == channels:
        return ""
    if (channels, shape[4]) == (1, 3):
        return " This network takes grayscale."
    if (channels, shape[4]) == (3, 1):
        return " This network takes RGB."
    return " Channels come last." if channels in shape[1:3] else ""


def state_shapes(
    architecture: Architecture, classes: int, height: int, width: int
) -> dict[str, tuple[int, ...]]:
    """Shape of every state that a stream carries, batch axis left out, in order.

    `frames` `[1]` counts the frames seen. `BLOCK_buffer` `[kt-1, H*W, C]` holds the
    last inputs of a causal convolution, oldest first, rows of pixels one after the
    other: with the batch it has 4 axes, the most that phone runtimes take, and is what
    a convolution over time reads as it stands. Where a block has several, they are
    `BLOCK_first_buffer`, `_second_buffer`, `_conv_buffer`, and `_shift_buffer` of a
    temporal shift. `BLOCK_mean` `[C]` is the mean of all frames seen, of a
    squeeze-excite or of the head: unlike a sum it keeps its range, which integer
    arithmetic needs. Every state has a row per stream, so one stream of a batch starts
    afresh when its rows are set to zero.

    Args:
        architecture: Causal architecture of the stream.
        classes: Number of outputs of the network.
        height: Height of a frame [pixels].
        width: Width of a frame [pixels].

    Source:
        MoViNets, arXiv 2103.11511, stream buffers. A full 3D convolution buffers before
        its stride, a (2+1)D one after it.
    """
    stem = architecture.stem
    shapes: dict[str, tuple[int, ...]] = {"frames": (1,)}
    past, frame = stem.kernel.frames - 1, (height, width)
    sides = strided(height, stem.stride), strided(width, stem.stride)
    if past and stem.factored_width:
        shapes["stem_conv_buffer"] = (past, sides[0] * sides[1], stem.factored_width)
    elif past:
        channels = architecture.clip.channels
        shapes["stem_conv_buffer"] = (past, frame[0] * frame[1], channels)
    if stem.temporal > 1:
        shapes["stem_buffer"] = (stem.temporal - 1, sides[0] * sides[1], stem.width)
    for place in architecture.placed_layers():
        before = sides
        stride = place.layer.stride
        sides = strided(sides[0], stride), strided(sides[1], stride)
        block = place.name.replace(".", "_")
        for name, shape in _layer_states(
            architecture, place, before[0] * before[1], sides[0] * sides[1]
        ):
            shapes[f"{block}_{name}"] = shape
    head = architecture.head
    shapes["head_mean"] = (classes if head.per_frame else architecture.features,)
    return shapes


def _layer_states(
    architecture: Architecture, place: Placed, before: int, after: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """States of one layer, given pixels of a frame before and after it."""
    layer, rules = place.layer, rules_of(architecture, place.layer)
    split = convolution_of(architecture, layer) == "2plus1d"
    past, inner = layer.kernel.frames - 1, layer.expand_width
    if architecture.temporal_shift and place.keeps_shape and place.in_width >= SHIFTED:
        yield "shift_buffer", (1, before, place.in_width // SHIFTED)
    if past and rules.bottleneck:
        yield "buffer", (past, after if split else before, inner)
    elif past:
        middle = factored_width(place)
        first, second = (middle, middle) if split else (place.in_width, inner)
        yield "first_buffer", (past, after if split else before, first)
        yield "second_buffer", (past, after, second)
    if layer.squeeze_excite and rules.squeezed == "so_far":
        yield "mean", (inner if rules.bottleneck else place.out_width,)


def check_length(architecture: Architecture, frames: int) -> None:
    """Refuse clips so short that part of a kernel would see nothing but padding.

    To a causal network a short clip is the beginning of a longer one.

    Raises:
        ShapeError: the outer taps of a kernel never meet a frame.
    """
    if architecture.causal:
        return
    stem = architecture.stem
    kernels = [("stem", max(stem.kernel.frames, stem.temporal))]
    kernels += [(p.name, p.layer.kernel.frames) for p in architecture.placed_layers()]
    for name, kernel in kernels:
        least = kernel // 2 + 1
        if frames < least:
            raise ShapeError(
                f"Clips must have at least {least} frames, as the kernel of {name} "
                f"sees {kernel}, got {frames}."
            )


def check_states(
    states: Mapping[str, Tensor],
    shapes: Mapping[str, tuple[int, ...]],
    batch: int | None,
) -> None:
    """Refuse states that a stream of these frames did not leave.

    Args:
        states: States to look at.
        shapes: Shape of each, as `state_shapes` gives them.
        batch: Streams that the frames are of; None where unknown.

    Raises:
        InputError: they are not states by name, or not of floats as they were.
        ShapeError: a state is missing, left over or of another shape or batch.
    """
    if not isinstance(states, Mapping):
        raise InputError(
            "States must be those that `initial_states` or the last chunk gave, by "
            f"name, got a {type(states).__name__}."
        )
    for problem, names in (
        ("missing", [name for name in shapes if name not in states]),
        ("left over", [name for name in states if name not in shapes]),
    ):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise ShapeError(
                f"States must be the {len(shapes)} of this network, got "
                f"{len(states)}: `{names[0]}`{more} {problem}."
            )
    for name, shape in shapes.items():
        if not hasattr(states[name], "shape"):
            raise InputError(
                f"State `{name}` must be a tensor, got a {type(states[name]).__name__}."
            )
        _check_type(name, states[name])
        shape_given = _shape_of(states[name]) or ()
        if shape_given[1:] != shape:
            raise ShapeError(
                f"State `{name}` must be [B, {', '.join(map(str, shape))}] for this "
                f"network and frame size, got {_shape_text(shape_given)}."
            )
        if None not in (batch, shape_given[0]) and batch != shape_given[0]:
            raise ShapeError(
                f"States must be of {batch} {_streams(batch)}, as the frames are, got "
                f"`{name}` of {shape_given[0]}. Each batch of streams begins with its "
                "own `initial_states`."
            )


def _check_type(name: str, state: Tensor) -> None:
    """Refuse a state in another type than `initial_states` gives."""
    kind = str(getattr(state.dtype, "name", state.dtype))
    if name.endswith("_buffer") and kind in ("float16", "bfloat16"):
        return
    if kind != "float32":
        raise InputError(f"State `{name}` must be float32, got {kind}.")


def check_size(size: Any) -> None:
    """Refuse a size of frames that is not height and width.

    Raises:
        ShapeError: it is something else, or a side is below 1.
    """
    if not isinstance(size, Sequence) or len(size) != 2:
        raise ShapeError(f"`size` must be (height, width), got {size!r}.")
    for length in size:
        check_count("size", length)


def check_share(name: str, share: Any) -> None:
    """Refuse what is no share in [0, 1).

    Raises:
        ShapeError: it is not.
    """
    if not isinstance(share, Real) or not 0 <= float(share) < 1:
        raise ShapeError(f"`{name}` must be at least 0 and below 1, got {share!r}.")


def check_chunk(frames: Tensor, chunk: Shape) -> None:
    """Refuse frames that a stream compiled for chunks of one shape does not take.

    Raises:
        InputError: they are not of floats.
        ShapeError: they have another shape or precision.
    """
    frame_sizes(frames, "Frames", chunk[-1])
    if tuple(frames.shape) != chunk:
        raise ShapeError(
            f"Frames of this stream must be {_shape_text(chunk)}, which it was "
            f"compiled for, got {_shape_text(tuple(frames.shape))}. `frozen` takes "
            "other `batch`, `size` and `frames`."
        )
    name = str(getattr(frames.dtype, "name", frames.dtype))
    if name != "float32":
        raise InputError(f"Frames of this stream must be float32, got {name}.")


def check_count(name: str, count: Any, least: int = 1) -> None:
    """Refuse a number of streams, frames or pixels below the least.

    Raises:
        ShapeError: it is below, or no whole number.
    """
    if isinstance(count, bool) or not isinstance(count, Integral):
        raise ShapeError(f"`{name}` must be a whole number, got {count!r}.")
    if int(count) < least:
        raise ShapeError(f"`{name}` must be at least {least}, got {count}.")


def _streams(count: int | None) -> str:
    return "stream" if count == 1 else "streams"


def _shape_text(shape: Shape) -> str:
    return f"[{', '.join('?' if side is None else str(side) for side in shape)}]"

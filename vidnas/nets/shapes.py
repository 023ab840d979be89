"""Which frames does a network take, and which states does its stream carry?"""

from collections.abc import Mapping
from typing import Any

from vidnas.core.architecture import Architecture, strided
from vidnas.core.errors import ShapeError

Tensor = Any


def frame_sizes(frames: Tensor, word: str) -> tuple[int, ...]:
    """`(T, H, W, 3)` of a tensor `[B, T, H, W, 3]`.

    Args:
        frames: Anything with a shape.
        word: What it is called in an error: `Clips` or `Frames`.

    Raises:
        ShapeError: it has another shape, or T, H or W is unknown or zero.
    """
    shape = tuple(frames.shape)
    if len(shape) != 5 or shape[4] != 3 or not all(shape[1:]):
        raise ShapeError(
            f"{word} must be [B, T, H, W, 3] with known frames and size, got "
            f"{_spelled(shape)}."
        )
    return shape[1:]


def state_shapes(
    architecture: Architecture, height: int, width: int
) -> dict[str, tuple[int, ...]]:
    """Shape of every state that a stream carries, batch axis left out, in order.

    `frames` `[1]` counts the frames seen. `BLOCK_buffer` `[kt-1, H*W, C]` holds the
    last inputs of a causal convolution, oldest first, rows of pixels one after the
    other: with the batch it has 4 axes, the most that phone runtimes take, and is what
    a convolution over time reads as it stands. `BLOCK_mean` `[C]` is the mean of all
    frames seen, of a squeeze-excite or of the head: unlike a sum it keeps its range,
    which integer arithmetic needs. Every state has a row per stream, so one stream of a
    batch starts afresh when its rows are set to zero.

    Args:
        architecture: A causal one.
        height: Of a frame [pixels].
        width: Of a frame [pixels].

    Source:
        MoViNets, arXiv 2103.11511, stream buffers. A full 3D convolution buffers before
        its stride, a (2+1)D one behind it.
    """
    stem, split = architecture.stem, architecture.convolution == "2plus1d"
    shapes: dict[str, tuple[int, ...]] = {"frames": (1,)}
    sides = strided(height, stem.stride), strided(width, stem.stride)
    if stem.temporal > 1:
        shapes["stem_buffer"] = (stem.temporal - 1, sides[0] * sides[1], stem.width)
    for place in architecture.placed_layers():
        layer, block = place.layer, place.name.replace(".", "_")
        before = sides
        sides = strided(sides[0], layer.stride), strided(sides[1], layer.stride)
        if layer.kernel.frames > 1:
            H, W = sides if split else before
            past = layer.kernel.frames - 1
            shapes[f"{block}_buffer"] = (past, H * W, layer.expand_width)
        if layer.squeeze_excite:
            shapes[f"{block}_mean"] = (layer.expand_width,)
    shapes["head_mean"] = (architecture.head.project_width,)
    return shapes


def check_states(
    states: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]
) -> None:
    """Refuse states that a stream of these frames did not leave.

    Raises:
        ShapeError: a state is missing, left over or of another shape.
    """
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
        found = tuple(states[name].shape)
        if found[1:] != shape:
            raise ShapeError(
                f"State `{name}` must be [B, {', '.join(map(str, shape))}] for this "
                f"network and frame size, got {_spelled(found)}."
            )


def _spelled(shape: tuple[int | None, ...]) -> str:
    return f"[{', '.join('?' if side is None else str(side) for side in shape)}]"

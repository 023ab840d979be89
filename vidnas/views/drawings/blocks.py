"""Of which blocks is a network drawn? Stem, layers and head, in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vidnas.architecture.architecture import Architecture, Placed
from vidnas.architecture.difference import layer_words
from vidnas.architecture.kernel import Kernel, strided

ALONE = "only here"  # of a block that the other network lacks


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a network, as far as it is drawn.

    Args:
        name: Place in the network, such as `stem` or `stage2.layer0`.
        part: Part of the network that it belongs to: `stem`, `stage2` or `head`.
        width: Channels that it gives.
        frames: Frames that it gives.
        side: Height and width of what it gives [pixels].
        kernel: Kernel of its convolution; None where it sees one pooled feature.
        inner: Channels inside it; 0 where it has no inside.
        stride: Stride in space.
        temporal_stride: Stride in time.
        squeeze_excite: Hidden width of its squeeze-excite; 0 for none.
        words: What else it does.
        change: What it is beside another network: `differs`, `only here`, or "".
    """

    name: str
    part: str
    width: int
    frames: int
    side: int
    kernel: Kernel | None
    inner: int = 0
    stride: int = 1
    temporal_stride: int = 1
    squeeze_excite: int = 0
    words: str = ""
    change: str = ""

    @property
    def label(self) -> str:
        """Its kernel, `3x3x3`, or `dense`."""
        return str(self.kernel) if self.kernel else "dense"

    @property
    def title(self) -> str:
        """All of it in a line."""
        inside = f"{self.inner} channels inside, " if self.inner else ""
        seen = f", {self.frames} x {self.side} x {self.side}" if self.kernel else ""
        words = f", {self.words}" if self.words else ""
        return f"{self.name}: {self.label}, {inside}{self.width} out{seen}{words}"


def blocks_of(architecture: Architecture) -> tuple[Block, ...]:
    """The blocks of a network, in order."""
    layers = [_layer(placed) for placed in architecture.placed_layers()]
    last = layers[-1]
    return (*_stem(architecture), *layers, *_head(architecture, last))


def with_changes(
    blocks: tuple[Block, ...], others: tuple[Block, ...]
) -> tuple[Block, ...]:
    """The blocks, those marked that the other network has otherwise, or not at all.

    What a block sees does not count: one changed stride would mark all that follow.
    """
    beside = {block.name: _own(block) for block in others}
    return tuple(replace(block, change=_change(block, beside)) for block in blocks)


def _change(block: Block, beside: Mapping[str, Block]) -> str:
    if block.name not in beside:
        return ALONE
    return "differs" if beside[block.name] != _own(block) else ""


def _own(block: Block) -> Block:
    return replace(block, frames=0, side=0, change="")


def _stem(architecture: Architecture) -> Iterator[Block]:
    stem, clip = architecture.stem, architecture.clip
    side = strided(clip.resolution, stem.stride)
    words = [f"stride {stem.stride}"] * (stem.stride > 1)
    words += [f"in two, {stem.factored_width} between"] * bool(stem.factored_width)
    yield Block(
        "stem",
        "stem",
        stem.width,
        clip.frames,
        side,
        stem.kernel,
        stride=stem.stride,
        words=", ".join(words),
    )
    if stem.temporal > 1:
        kernel = Kernel(stem.temporal, 1)
        yield Block("stem.temporal", "stem", stem.width, clip.frames, side, kernel)


def _layer(placed: Placed) -> Block:
    layer = placed.layer
    return Block(
        placed.name,
        placed.name.partition(".")[0],
        placed.out_width,
        placed.out_frames,
        placed.out_side,
        layer.kernel,
        inner=layer.expand_width,
        stride=layer.stride,
        temporal_stride=layer.temporal_stride,
        squeeze_excite=layer.squeeze_excite,
        words=layer_words(layer),
    )


def _head(architecture: Architecture, last: Block) -> Iterator[Block]:
    head = architecture.head
    if head.project_width:
        yield Block(
            "head.project",
            "head",
            head.project_width,
            last.frames,
            last.side,
            Kernel(1, 1),
        )
    if head.hidden_width:
        frames = last.frames if head.per_frame else 1
        words = "each frame by itself" if head.per_frame else ""
        yield Block(
            "head.hidden", "head", head.hidden_width, frames, 1, None, words=words
        )

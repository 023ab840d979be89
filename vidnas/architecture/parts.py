"""What is a network made of? Clip, stem, layers in stages, and head, as data."""

from dataclasses import dataclass, replace
from typing import Any

from vidnas.architecture.fields import part_document
from vidnas.architecture.kernel import Kernel

STEM_KERNEL = Kernel(1, 3)  # of every MoViNet and X3D


@dataclass(frozen=True, slots=True)
class Clip:
    """The network's input: `frames` of `resolution` x `resolution` pixels.

    Args:
        frames: Frames of a clip.
        resolution: Height and width [pixels].
        frame_stride: Source frames from one frame to the next; 1 where `fps` says it.
        fps: Frames a second of video, by its own clock, whatever the rate of the source
            [1/s]; 0 where frames are counted by `frame_stride`. A stream takes so many.
        channels: Values of a pixel: 3 for RGB, 1 for grayscale.
    """

    frames: int
    resolution: int
    frame_stride: int = 1
    fps: float = 0
    channels: int = 3

    def at_half_rate(self) -> "Clip":
        """Every other frame of this clip: as long, of half as many frames a second."""
        frames = (self.frames + 1) // 2
        if self.fps:
            return replace(self, frames=frames, fps=self.fps / 2)
        return replace(self, frames=frames, frame_stride=2 * self.frame_stride)

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it, with what says how frames follow one another."""
        document = part_document("clip", self)
        if self.fps:
            del document["frame_stride"]
        return document


@dataclass(frozen=True, slots=True)
class Stem:
    """First convolution, dense, from the clip's channels to `width`, strided in space.

    `factored_width` > 0 factors it: a spatial convolution to that width, then a
    temporal one (R(2+1)D). `temporal` > 1 adds a depthwise convolution over that many
    frames (X3D).
    """

    width: int
    kernel: Kernel = STEM_KERNEL
    stride: int = 2
    temporal: int = 1
    factored_width: int = 0

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it, without what is left out."""
        return part_document("stem", self)


@dataclass(frozen=True, slots=True)
class Layer:
    """One block with a shortcut: an inverted bottleneck, or two dense convolutions.

    Args:
        expand_width: Channels inside the layer: of the depthwise convolution, or
            between the two dense ones.
        kernel: Kernel of the depthwise convolution, or of both dense ones.
        stride: Stride in space.
        squeeze_excite: Hidden width of the squeeze-excite; 0 when there is none.
        temporal_stride: Stride in time. Frames 0, 2, 4 ... stay where it is 2.
        activation: Activation of the layer; "" for the network's.
        convolution: Convolution of the layer; "" for the network's.
    """

    expand_width: int
    kernel: Kernel
    stride: int = 1
    squeeze_excite: int = 0
    temporal_stride: int = 1
    activation: str = ""
    convolution: str = ""

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it, without what is the network's."""
        return part_document("layer", self)


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers that share an output width."""

    width: int
    layers: tuple[Layer, ...]

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it."""
        layers = [layer.to_document() for layer in self.layers]
        return {**part_document("stage", self), "layers": layers}


@dataclass(frozen=True, slots=True)
class Head:
    """1x1x1 project, global average pool, dense hidden, dense classes.

    A width of 0 leaves that part out. With `per_frame` every frame is classified by
    itself and the logits are averaged over time.
    """

    project_width: int
    hidden_width: int
    hidden_bias: bool = True
    per_frame: bool = False

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it, without what is left out."""
        return part_document("head", self)

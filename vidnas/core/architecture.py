"""What is an architecture? A resolved video network as data, with its identity.

Widths are rounded, every layer is listed and the clip shape is fixed, so two spaces
that lead to the same network lead to the same `arch_id`.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from vidnas.core.errors import ShapeError

ARCHITECTURE_SCHEMA = "vidnas.architecture/v1"
BLOCKS = ("movinet", "x3d")
CONVOLUTIONS = ("3d", "2plus1d")
ACTIVATIONS = ("swish", "hard_swish", "relu6")


def round8(value: float) -> int:
    """Nearest multiple of 8, at least 8, and never below 0.9 of `value`.

    Source:
        The rule of every published MobileNet, MoViNet and X3D width.
    """
    rounded = nearest8(value)
    return rounded + 8 if rounded < 0.9 * value else rounded


def nearest8(value: float) -> int:
    """Nearest multiple of 8 (halves go up), at least 8."""
    return max(8, int(value + 4) // 8 * 8)


class Kernel(NamedTuple):
    """A convolution kernel of `frames x side x side` taps, written `5x3x3`."""

    frames: int
    side: int

    @classmethod
    def parse(cls, text: str) -> "Kernel":
        """The kernel that `text` spells.

        Raises:
            ShapeError: `text` is not odd `FRAMESxSIDExSIDE`, such as `5x3x3`.
        """
        match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", text)
        sides = tuple(int(side) for side in match.groups()) if match else ()
        if not sides or sides[1] != sides[2] or any(side % 2 == 0 for side in sides):
            raise ShapeError(
                "A kernel must be odd FRAMESxSIDExSIDE with equal sides, such as "
                f"`5x3x3`, got `{text}`."
            )
        return cls(sides[0], sides[1])

    @property
    def taps(self) -> int:
        """Number of weights per channel pair."""
        return self.frames * self.side * self.side

    def __str__(self) -> str:
        return f"{self.frames}x{self.side}x{self.side}"


STEM_KERNEL = Kernel(1, 3)  # of every MoViNet and X3D


@dataclass(frozen=True, slots=True)
class Clip:
    """The network's input: `frames` of `resolution` x `resolution` RGB.

    `frame_stride` is the number of source frames from one to the next.
    """

    frames: int
    resolution: int
    frame_stride: int = 1


@dataclass(frozen=True, slots=True)
class Stem:
    """First convolution, 3 -> `width` channels, spatially strided.

    `temporal` > 1 adds a depthwise convolution over that many frames (X3D).
    """

    width: int
    kernel: Kernel = STEM_KERNEL
    stride: int = 2
    temporal: int = 1


@dataclass(frozen=True, slots=True)
class Layer:
    """Inverted bottleneck: 1x1x1 expand, depthwise `kernel`, 1x1x1 project.

    `stride` is spatial. `squeeze_excite` is the hidden width of the squeeze-excite,
    0 when there is none.
    """

    expand_width: int
    kernel: Kernel
    stride: int = 1
    squeeze_excite: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers that share an output width."""

    width: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """1x1x1 project, global average pool, dense hidden, dense classes."""

    project_width: int
    hidden_width: int
    hidden_bias: bool = True


class Placed(NamedTuple):
    """A layer with what surrounds it: where it stands and what it takes and gives."""

    name: str  # "stage2.layer0"
    layer: Layer
    in_width: int
    out_width: int
    in_side: int  # height and width of the input [pixels]
    out_side: int

    @property
    def projects_shortcut(self) -> bool:
        """Whether the shortcut needs a 1x1x1 convolution of its own."""
        return self.layer.stride != 1 or self.in_width != self.out_width


@dataclass(frozen=True, slots=True)
class Architecture:
    """A video network: clip shape, stem, stages of inverted bottlenecks, head.

    Args:
        clip: Input frames and resolution.
        stem: First convolution.
        stages: At least one stage.
        head: Classifier, without the number of classes.
        block: Rules of a layer: `movinet` (a learnt residual scale that starts at
            zero, average pooling in strided shortcuts, `activation` after expand and
            depthwise) or `x3d` (ReLU after expand and sum, swish after
            squeeze-excite).
        activation: `swish`, `hard_swish` or `relu6`.
        convolution: `3d`, or `2plus1d` (spatial, then temporal, each with batch norm).
        causal: No layer sees a later frame; pooling over time is cumulative.
        positional_encoding: Frame position is added before squeeze-excite (causal).

    Raises:
        ShapeError: a size is below 1, or a word is none of those named here.
    """

    clip: Clip
    stem: Stem
    stages: tuple[Stage, ...]
    head: Head
    block: str = "movinet"
    activation: str = "swish"
    convolution: str = "3d"
    causal: bool = False
    positional_encoding: bool = False

    def __post_init__(self) -> None:
        for name, word, words in (
            ("block", self.block, BLOCKS),
            ("activation", self.activation, ACTIVATIONS),
            ("convolution", self.convolution, CONVOLUTIONS),
        ):
            if word not in words:
                raise ShapeError(
                    f"`{name}` must be one of {', '.join(words)}, got `{word}`."
                )
        sizes = {
            "clip.frames": self.clip.frames,
            "clip.resolution": self.clip.resolution,
            "clip.frame_stride": self.clip.frame_stride,
            "stem.width": self.stem.width,
            "stem.stride": self.stem.stride,
            "stem.temporal": self.stem.temporal,
            "number of stages": len(self.stages),
            "head.project_width": self.head.project_width,
            "head.hidden_width": self.head.hidden_width,
        }
        for number, stage in enumerate(self.stages, start=1):
            sizes[f"stage {number} width"] = stage.width
            sizes[f"stage {number} depth"] = len(stage.layers)
            for n, layer in enumerate(stage.layers):
                place = f"stage {number} layer {n}"
                sizes[f"{place} expand_width"] = layer.expand_width
                sizes[f"{place} stride"] = layer.stride
        for name, size in sizes.items():
            if size < 1:
                raise ShapeError(f"`{name}` must be at least 1, got {size}.")

    @property
    def arch_id(self) -> str:
        """Identity of the network: 16 hexadecimal digits of SHA-256.

        It covers what changes the computation: not stage boundaries, and not the
        number of classes.
        """
        facts = self.to_document()
        facts["stages"] = [
            {"width": stage["width"], **layer}
            for stage in facts["stages"]
            for layer in stage["layers"]
        ]
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def depth(self) -> int:
        """Number of inverted bottlenecks."""
        return sum(len(stage.layers) for stage in self.stages)

    def placed_layers(self) -> Iterator[Placed]:
        """Every layer in order, with its input and output sizes."""
        width = self.stem.width
        side = strided(self.clip.resolution, self.stem.stride)
        for s, stage in enumerate(self.stages, start=1):
            for n, layer in enumerate(stage.layers):
                out = strided(side, layer.stride)
                name = f"stage{s}.layer{n}"
                yield Placed(name, layer, width, stage.width, side, out)
                width, side = stage.width, out

    def at(
        self, frames: int | None = None, resolution: int | None = None
    ) -> "Architecture":
        """The same network for another clip shape (a cheaper fidelity)."""
        clip = replace(
            self.clip,
            frames=frames or self.clip.frames,
            resolution=resolution or self.clip.resolution,
        )
        return replace(self, clip=clip)

    def streaming(self) -> "Architecture":
        """The causal twin that can run frame by frame.

        (2+1)D causal convolutions, hard swish, and squeeze-excite over the cumulative
        mean beside the present frame, whose hidden width is `round8(expand / 2)`.

        Source:
            MoViNets, arXiv 2103.11511; released stream configurations.
        """
        if self.causal:
            return self
        stages = tuple(
            replace(
                stage,
                layers=tuple(
                    replace(
                        layer,
                        squeeze_excite=(
                            round8(0.5 * layer.expand_width)
                            if layer.squeeze_excite
                            else 0
                        ),
                    )
                    for layer in stage.layers
                ),
            )
            for stage in self.stages
        )
        return replace(
            self,
            stages=stages,
            activation="hard_swish",
            convolution="2plus1d",
            causal=True,
        )

    def to_document(self) -> dict[str, Any]:
        """The architecture as plain data, in the order a person reads it."""
        stem: dict[str, Any] = {
            "width": self.stem.width,
            "kernel": str(self.stem.kernel),
            "stride": self.stem.stride,
        }
        if self.stem.temporal > 1:
            stem["temporal"] = self.stem.temporal
        head: dict[str, Any] = {
            "project": self.head.project_width,
            "hidden": self.head.hidden_width,
        }
        if not self.head.hidden_bias:
            head["hidden_bias"] = False
        document: dict[str, Any] = {
            "block": self.block,
            "clip": {
                "frames": self.clip.frames,
                "resolution": self.clip.resolution,
                "frame_stride": self.clip.frame_stride,
            },
            "stem": stem,
            "stages": [
                {
                    "width": stage.width,
                    "layers": [_layer_document(layer) for layer in stage.layers],
                }
                for stage in self.stages
            ],
            "head": head,
            "activation": self.activation,
            "convolution": self.convolution,
        }
        if self.causal:
            document["causal"] = True
        if self.positional_encoding:
            document["positional_encoding"] = True
        return document


def strided(side: int, stride: int) -> int:
    """Output side of a SAME-padded convolution [pixels]: ceil(side / stride)."""
    return -(-side // stride)


def _layer_document(layer: Layer) -> Mapping[str, Any]:
    return {
        "expand": layer.expand_width,
        "kernel": str(layer.kernel),
        "stride": layer.stride,
        "squeeze_excite": layer.squeeze_excite,
    }

"""What is an architecture? A resolved video network as data, with its identity.

Widths are rounded, every layer is listed and the clip shape is fixed, so two spaces
that lead to the same network lead to the same `arch_id`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from vidnas.architecture.fields import (
    ACTIVATIONS,
    BLOCKS,
    CONVOLUTIONS,
    LAYER_WORDS,
    PARTS,
    part_document,
)
from vidnas.architecture.kernel import round8, strided
from vidnas.architecture.one_or_many import frames_seen
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem
from vidnas.architecture.plain_values import field_value
from vidnas.documents.rich_display import Displayed
from vidnas.errors import ShapeError

__all__ = [
    "ACTIVATIONS",
    "ARCHITECTURE_SCHEMA",
    "BLOCKS",
    "CONVOLUTIONS",
    "Architecture",
    "Placed",
]
ARCHITECTURE_SCHEMA = "vidnas.architecture/v1"
RATE_OR_STRIDE = "A clip must have `fps` or a `frame_stride` above 1, not both"


class Placed(NamedTuple):
    """A layer with what surrounds it: where it stands and what it takes and gives."""

    name: str  # "stage2.layer0"
    layer: Layer
    in_width: int
    out_width: int
    in_side: int  # height and width of the input [pixels]
    out_side: int
    in_frames: int
    out_frames: int

    @property
    def keeps_shape(self) -> bool:
        """Whether input and output can be added as they are."""
        strides = self.layer.stride, self.layer.temporal_stride
        return strides == (1, 1) and self.in_width == self.out_width


@dataclass(frozen=True)  # without slots: its identity is kept
class Architecture(Displayed):
    """A video network: clip shape, stem, stages of layers, head.

    Args:
        clip: Input frames and resolution.
        stem: First convolution.
        stages: Stages of layers, at least one.
        head: Classifier, without the number of classes.
        block: Kind of all layers, by the rules of `vidnas.architecture.block_rules`:
            `movinet`, `x3d` and `mobilenet` are inverted bottlenecks, `resnet` two
            dense convolutions.
        activation: Activation of every layer that chooses none: `swish`, `hard_swish`,
            `relu` or `relu6`.
        convolution: Convolution of every layer that chooses none: `3d`, or
            `2plus1d` (spatial, then temporal, each with batch norm).
        causal: Whether no layer sees a later frame; pooling over time is cumulative.
        positional_encoding: Whether the frame position is added before squeeze-excite
            (causal).
        temporal_shift: Whether layers with an identity shortcut exchange an eighth of
            their channels with each neighbouring frame (with the past only, if causal).
        classes: Outputs of the classifier that prices and networks take where nothing
            else is said: those it was trained or published for, None where nobody
            knows. It is no part of `arch_id`, of documents or of equality.

    Raises:
        ShapeError: a size is below its least, a word is none of those named here, the
            clip has `fps` and a `frame_stride`, or a causal network skips frames.
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
    temporal_shift: bool = False
    classes: int | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        self._check_counts()
        self._check_fields()
        self._check_clip()
        # Equal networks are equal data: a layer says only what differs.
        if any(getattr(layer, n) for n in LAYER_WORDS for layer in self.layers):
            object.__setattr__(self, "stages", self._without_repetition())
        for place in self.placed_layers() if self.causal else ():
            if place.layer.temporal_stride > 1:
                raise ShapeError(
                    "A causal network must keep every frame, got a `temporal_stride` "
                    f"in {place.name}."
                )

    def _check_counts(self) -> None:
        counts = {"number of stages": len(self.stages)}
        for number, stage in enumerate(self.stages, start=1):
            counts[f"stage {number} depth"] = len(stage.layers)
        for name, count in counts.items():
            if count < 1:
                raise ShapeError(f"`{name}` must be at least 1, got {count}.")

    def _check_fields(self) -> None:
        for part, label, holder in self._parts():
            for known in PARTS[part]:
                value = getattr(holder, known.name)
                usual = type(value) is int or type(value) is bool  # nearly all are
                plain = value if usual else field_value(known.kind, value)
                if plain is not value:  # such as a number of numpy
                    object.__setattr__(holder, known.name, plain)
                fault = known.fault(plain)
                if fault:
                    raise ShapeError(f"`{label}{known.name}` must be {fault}.")
        if self.classes is not None and self.classes < 1:
            raise ShapeError(f"`classes` must be at least 1, got {self.classes}.")

    def _check_clip(self) -> None:
        stride, fps = self.clip.frame_stride, self.clip.fps
        if fps and stride != 1:
            raise ShapeError(
                f"{RATE_OR_STRIDE}, got {fps:g} frames a second and a stride of "
                f"{stride}."
            )

    def _parts(self) -> Iterator[tuple[str, str, Any]]:
        """Every part: which one, what stands before its fields' names, and itself."""
        yield "network", "", self
        for part in ("clip", "stem", "head"):
            yield part, f"{part}.", getattr(self, part)
        for number, stage in enumerate(self.stages, start=1):
            yield "stage", f"stage {number} ", stage
            for n, layer in enumerate(stage.layers):
                yield "layer", f"stage {number} layer {n} ", layer

    def _without_repetition(self) -> tuple[Stage, ...]:
        def bare(layer: Layer) -> Layer:
            usual: dict[str, Any] = {
                name: ""
                for name in LAYER_WORDS
                if getattr(layer, name) == getattr(self, name)
            }
            return replace(layer, **usual) if usual else layer

        return tuple(
            replace(stage, layers=tuple(bare(layer) for layer in stage.layers))
            for stage in self.stages
        )

    @cached_property
    def arch_id(self) -> str:
        """Identity of the network: 16 hexadecimal digits of SHA-256.

        It covers what changes the computation: not stage boundaries, and not the
        number of classes.
        """
        document = self.to_document()
        layers = [
            {"width": stage["width"], **layer}
            for stage in document["stages"]
            for layer in stage["layers"]
        ]
        # Where there is no time to split off, both convolutions are the same.
        is_spatial = all(layer.kernel.frames == 1 for layer in self.layers)
        text = identity_text(document, layers, is_spatial=is_spatial)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of all stages, in order."""
        return tuple(layer for stage in self.stages for layer in stage.layers)

    @property
    def depth(self) -> int:
        """Number of layers, stem and head not counted."""
        return len(self.layers)

    @property
    def features(self) -> int:
        """Channels that the head averages."""
        return self.head.project_width or self.stages[-1].width

    @property
    def temporal_reach(self) -> int:
        """Frames of the clip that one feature before the head depends on."""
        shifts = self.temporal_shift
        layers = [
            (p.layer.kernel.frames, p.layer.temporal_stride, shifts and p.keeps_shape)
            for p in self.placed_layers()
        ]
        reach = frames_seen(
            self.stem.kernel.frames + self.stem.temporal - 1,
            layers,
            1 if self.causal else 2,
            twice=self.block == "resnet",
        )
        return int(reach)

    def placed_layers(self) -> Iterator[Placed]:
        """Every layer in order, with its input and output sizes."""
        width, frames = self.stem.width, self.clip.frames
        side = strided(self.clip.resolution, self.stem.stride)
        for s, stage in enumerate(self.stages, start=1):
            for n, layer in enumerate(stage.layers):
                before = width, side, frames
                width, side = stage.width, strided(side, layer.stride)
                frames = strided(frames, layer.temporal_stride)
                yield Placed(
                    name=f"stage{s}.layer{n}",
                    layer=layer,
                    in_width=before[0],
                    out_width=width,
                    in_side=before[1],
                    out_side=side,
                    in_frames=before[2],
                    out_frames=frames,
                )

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

        Convolutions are (2+1)D and causal, swish is hard swish. Squeeze-excite over the
        clip becomes one over the cumulative mean beside the present frame, whose hidden
        width is `round8(expand / 2)`; over a frame (`mobilenet`) it stays.

        Raises:
            ShapeError: a layer has a temporal stride.

        Source:
            MoViNets, arXiv 2103.11511; released stream configurations.
        """
        if self.causal:
            return self
        stages = self.stages
        if self.block != "mobilenet":
            stages = tuple(
                replace(
                    stage, layers=tuple(_stream_layer(layer) for layer in stage.layers)
                )
                for stage in stages
            )
        return replace(
            self,
            stages=stages,
            activation=_STREAM_ACTIVATIONS.get(self.activation, self.activation),
            convolution="2plus1d",
            causal=True,
        )

    def to_document(self) -> dict[str, Any]:
        """The architecture as plain data, in the order a person reads it."""
        network = part_document("network", self)
        return {
            "block": network.pop("block"),
            "clip": self.clip.to_document(),
            "stem": self.stem.to_document(),
            "stages": [stage.to_document() for stage in self.stages],
            "head": self.head.to_document(),
            **network,
        }


def identity_text(
    document: dict[str, Any], layers: list[Any], *, is_spatial: bool = False
) -> str:
    """The text whose hash is the identity of a network.

    Args:
        document: The network as plain data.
        layers: Its layers as plain data, each with its width.
        is_spatial: Whether no layer sees a second frame.
    """
    facts = {**document, "stages": layers}
    if is_spatial:
        facts["convolution"] = "3d"
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))


def require_architecture(value: object) -> None:
    """Checks that a value is an architecture.

    Raises:
        ShapeError: it is something else, such as the name of one.
    """
    if isinstance(value, Architecture):
        return
    told, hint = f"a `{type(value).__name__}`", ""
    if isinstance(value, str) or hasattr(value, "__fspath__"):
        told = f"`{value}`"
        hint = " `vidnas.load_architecture` gives that of a published name or a file."
    raise ShapeError(f"`architecture` must be an Architecture, got {told}.{hint}")


_STREAM_ACTIVATIONS = {"swish": "hard_swish"}


def _stream_layer(layer: Layer) -> Layer:
    return replace(
        layer,
        squeeze_excite=round8(0.5 * layer.expand_width) if layer.squeeze_excite else 0,
        activation=_STREAM_ACTIVATIONS.get(layer.activation, layer.activation),
        convolution="",
    )

"""Which fields has a network? One table, which documents, columns and spaces read.

A new field stands here and in its part. What it changes is said where layers are
described (`block_rules`), priced (`vidnas.costs`) and built (`vidnas.nets`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidnas.architecture.kernel import Kernel

BLOCKS = ("movinet", "x3d", "mobilenet", "resnet")
CONVOLUTIONS = ("3d", "2plus1d")
ACTIVATIONS = ("swish", "hard_swish", "relu", "relu6")
MOST_TAPS = 99  # of a kernel along one axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a network.

    Args:
        part: Part that has the field: `network`, `clip`, `stem`, `stage`, `layer` or
            `head`.
        name: Attribute of the part.
        kind: Kind of its values: `whole`, `flag`, `kernel` or `word`.
        default: Value where a space says nothing; None where it must say something.
            The default "" of a layer's word stands for the network's word.
        least: Smallest whole number; 0 where the thing may be left out.
        most: Largest whole number that a space may hold.
        words: Words that may stand there.
        key: Key in the document of an architecture.
        spelled: `needed` where the document must have the key, `always` where it is
            written but need not be there, `unusual` where defaults are not written.
        place: Key in the document of a space; "" where no space decides the field.
        value: Name of the value in the program of a space; that of a stage or a layer
            follows the name of the stage or the layer.
        per: Whether a choice is one per `layer`, per `stage` or, "", per network.
        first_only: Whether a stage's value is that of its first layer alone.
        columns: Names of its arrays in `Columns`.
        about: Line that an editor shows beside the key of a space.
    """

    part: str
    name: str
    kind: str = "whole"
    default: Any = None
    least: int = 1
    most: int = 100_000
    words: tuple[str, ...] = ()
    key: str
    spelled: str
    place: str
    value: str
    per: str
    first_only: bool = False
    columns: tuple[str, ...]
    about: str = ""

    def fault(self, value: Any) -> str:
        """What a value of an architecture must be, or "" for one that may stand."""
        if self.kind == "whole" and value < self.least:
            return f"at least {self.least}, got {value}"
        if self.kind == "word" and value not in self.words and value != self.default:
            return f"one of {', '.join(self.words)}, got `{value}`"
        return ""


def _field(part: str, name: str, **facts: Any) -> Field:
    """A field, with what follows from its names where nothing else is said."""
    key = facts.setdefault("key", name)
    place = facts.setdefault("place", name)
    needed = facts.get("default") is None
    facts.setdefault("spelled", "needed" if needed else "always")
    inside = part in ("clip", "stem", "head")
    facts.setdefault("value", f"{part}.{place}" if inside else place)
    facts.setdefault("per", "stage" if part in ("stage", "layer") else "")
    prefix = f"{part}_" if part in ("stem", "head") else ""
    facts.setdefault("columns", (f"{prefix}{key}",))
    return Field(part=part, name=name, **facts)


def _flag(part: str, name: str, *, default: bool = False, **facts: Any) -> Field:
    """A field that is true or false, written where it is not the default."""
    facts = {"kind": "flag", "default": default, "spelled": "unusual", **facts}
    return _field(part, name, **facts)


FIELDS = (
    _field(
        "network",
        "block",
        kind="word",
        default="movinet",
        words=BLOCKS,
        place="",
        columns=(),
    ),
    _field(
        "network",
        "activation",
        kind="word",
        default="swish",
        words=ACTIVATIONS,
        about="Of the network, or of a stage.",
    ),
    _field(
        "network",
        "convolution",
        kind="word",
        default="3d",
        words=CONVOLUTIONS,
        columns=(),  # layers have it
        about="3d, or 2plus1d: in space, then in time.",
    ),
    _flag("network", "causal", about="Whether no layer sees a later frame."),
    _flag(
        "network",
        "positional_encoding",
        about="Frame position before squeeze-excite, if causal.",
    ),
    _flag("network", "temporal_shift", about="Channels exchanged between frames."),
    _field("clip", "frames", most=10_000, about="Frames of a clip."),
    _field("clip", "resolution", most=10_000, about="Height and width [pixels]."),
    _field(
        "clip",
        "frame_stride",
        default=1,
        most=10_000,
        about="Source frames from one frame to the next.",
    ),
    _field("stem", "width", about="Output channels."),
    _field(
        "stem",
        "kernel",
        kind="kernel",
        default=Kernel(1, 3),
        spelled="needed",
        columns=("stem_frames", "stem_side"),
        about="FRAMESxSIDExSIDE, all odd.",
    ),
    _field(
        "stem",
        "stride",
        default=2,
        most=100,
        spelled="needed",
        about="In space, of the first layer.",
    ),
    _field(
        "stem",
        "temporal",
        default=1,
        most=MOST_TAPS,
        spelled="unusual",
        about="Frames of a depthwise convolution behind the stem (X3D); 1 for none.",
    ),
    _field(
        "stem",
        "factored_width",
        default=0,
        least=0,
        spelled="unusual",
        about="Channels between space and time in the stem; 0 for one piece.",
    ),
    _field("stage", "width"),
    _field(
        "layer",
        "expand_width",
        key="expand",
        value="inner",
        per="layer",
        columns=("expand_width",),
        about="Channels inside a layer, in place of `expand`.",
    ),
    _field(
        "layer",
        "kernel",
        kind="kernel",
        per="layer",
        columns=("kernel_frames", "kernel_side"),
    ),
    _field("layer", "stride", default=1, most=100, first_only=True),
    _field(
        "layer",
        "temporal_stride",
        default=1,
        most=100,
        spelled="unusual",
        first_only=True,
        about="In time, of the first layer.",
    ),
    _field(
        "layer",
        "squeeze_excite",
        default=0,
        least=0,
        value="excited",
        about="Whether layers have one.",
    ),
    _field(
        "layer",
        "activation",
        kind="word",
        default="",
        words=ACTIVATIONS,
        spelled="unusual",
        columns=("layer_activation",),
    ),
    _field(
        "layer",
        "convolution",
        kind="word",
        default="",
        words=CONVOLUTIONS,
        spelled="unusual",
        columns=("layer_convolution",),
    ),
    _field("head", "project_width", least=0, key="project", place="width"),
    _field(
        "head",
        "hidden_width",
        least=0,
        key="hidden",
        place="hidden",
        about="Channels of the hidden layer; 0 for none.",
    ),
    _flag(
        "head",
        "hidden_bias",
        default=True,
        about="Whether the hidden layer has a bias.",
    ),
    _flag(
        "head",
        "per_frame",
        about="Whether frames are classified one by one, then averaged.",
    ),
)

PARTS: Mapping[str, tuple[Field, ...]] = {
    part: tuple(field for field in FIELDS if field.part == part)
    for part in dict.fromkeys(field.part for field in FIELDS)
}
# What a space decides: all but the block.
DECIDED: Mapping[str, tuple[Field, ...]] = {
    part: tuple(field for field in fields if field.place)
    for part, fields in PARTS.items()
}
# A layer's words stand in for the network's.
LAYER_WORDS = tuple(field.name for field in PARTS["layer"] if field.kind == "word")
# A document says first what it always says.
DOCUMENTED: Mapping[str, tuple[Field, ...]] = {
    part: tuple(sorted(fields, key=lambda field: field.spelled == "unusual"))
    for part, fields in PARTS.items()
}
# By part: attribute, key, and the value that is not written, None where all are.
_WRITTEN = {
    part: [(f.name, f.key, f.default if f.spelled == "unusual" else None) for f in some]
    for part, some in DOCUMENTED.items()
}


def part_document(part: str, holder: Any) -> dict[str, Any]:
    """The fields of a part as YAML spells them, without what is usual."""
    document: dict[str, Any] = {}
    for name, key, usual in _WRITTEN[part]:
        value = getattr(holder, name)
        if value != usual:
            document[key] = str(value) if type(value) is Kernel else value
    return document

"""Which fields has a network? One table, which documents, columns and spaces read.

A new field stands here, in its part and in `Columns`, and where spaces are declared if
they decide it. What it changes is said where layers are described (`block_rules`),
priced (`vidnas.costs`) and built (`vidnas.nets`).
"""

import math
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
        kind: Kind of its values: `whole`, `number`, `flag`, `kernel` or `word`.
        default: Value where a space says nothing; None where it must say something.
            The default "" of a layer's word stands for the network's word.
        least: Smallest number; 0 where the thing may be left out.
        most: Largest number that a space may hold.
        only: Whole numbers that may stand there; none for all of them.
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
    """

    part: str
    name: str
    kind: str = "whole"
    default: Any = None
    least: int = 1
    most: int = 100_000
    only: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    key: str
    spelled: str
    place: str
    value: str
    per: str
    first_only: bool = False
    columns: tuple[str, ...]

    def fault(self, value: Any) -> str:
        """What a value of an architecture must be, or "" for one that may stand."""
        if self.kind == "whole" and type(value) is not int:
            return f"a whole number, got `{value}`"
        if self.kind == "whole" and value < self.least:
            return f"at least {self.least}, got {value}"
        if self.only and value not in self.only:
            return f"{one_of(self.only)}, got {value}"
        if self.kind == "number" and not _is_number(value, self.least):
            return f"a number of at least {self.least}, got {value}"
        if self.kind == "word" and value not in self.words and value != self.default:
            return f"one of {', '.join(self.words)}, got `{value}`"
        return ""


def one_of(numbers: tuple[int, ...]) -> str:
    """`1 or 3`: what may stand in a place of a few numbers."""
    return " or ".join(map(str, numbers))


def _is_number(value: Any, least: int) -> bool:
    return type(value) in (int, float) and least <= value < math.inf


def _field(part: str, name: str, default: Any = None, **facts: Any) -> Field:
    """A field, with what follows from its names where nothing else is said."""
    key = facts.setdefault("key", name)
    place = facts.setdefault("place", name)
    facts.setdefault("spelled", "needed" if default is None else "always")
    inside = part in ("clip", "stem", "head")
    facts.setdefault("value", f"{part}.{place}" if inside else place)
    facts.setdefault("per", "stage" if part in ("stage", "layer") else "")
    prefix = f"{part}_" if part in ("stem", "head") else ""
    facts.setdefault("columns", (f"{prefix}{key}",))
    return Field(part=part, name=name, default=default, **facts)


def _flag(part: str, name: str, default: bool = False) -> Field:
    """A field that is true or false, written where it is not the default."""
    return _field(part, name, default, kind="flag", spelled="unusual")


def _word(
    part: str, name: str, words: tuple[str, ...], default: str, **facts: Any
) -> Field:
    """A field that is one of some words."""
    return _field(part, name, default, kind="word", words=words, **facts)


def _own_word(name: str, words: tuple[str, ...]) -> Field:
    """A word of a layer, written where it is not the network's."""
    return _word(
        "layer", name, words, "", spelled="unusual", columns=(f"layer_{name}",)
    )


def _kernel(part: str, default: Kernel | None, prefix: str, **facts: Any) -> Field:
    """The kernel of a part."""
    columns = f"{prefix}_frames", f"{prefix}_side"
    return _field(part, "kernel", default, kind="kernel", columns=columns, **facts)


FIELDS = (
    _word("network", "block", BLOCKS, "movinet", place="", columns=()),
    _word("network", "activation", ACTIVATIONS, "swish"),
    _word("network", "convolution", CONVOLUTIONS, "3d", columns=()),  # layers have it
    _flag("network", "causal"),
    _flag("network", "positional_encoding"),
    _flag("network", "temporal_shift"),
    _field("clip", "frames", most=10_000),
    _field("clip", "resolution", most=10_000),
    _field("clip", "frame_stride", 1, most=10_000),
    _field("clip", "fps", 0, kind="number", least=0, most=1000, spelled="unusual"),
    _field("clip", "channels", 3, only=(1, 3), spelled="unusual"),
    _field("stem", "width"),
    _kernel("stem", Kernel(1, 3), "stem", spelled="needed"),
    _field("stem", "stride", 2, most=100, spelled="needed"),
    _field("stem", "temporal", 1, most=MOST_TAPS, spelled="unusual"),
    _field("stem", "factored_width", 0, least=0, spelled="unusual"),
    _field("stage", "width"),
    _field(
        "layer",
        "expand_width",
        key="expand",
        value="inner",
        per="layer",
        columns=("expand_width",),
    ),
    _kernel("layer", None, "kernel", per="layer"),
    _field("layer", "stride", 1, most=100, first_only=True),
    _field("layer", "temporal_stride", 1, most=100, spelled="unusual", first_only=True),
    _field("layer", "squeeze_excite", 0, least=0, value="excited"),
    _own_word("activation", ACTIVATIONS),
    _own_word("convolution", CONVOLUTIONS),
    _field("head", "project_width", least=0, key="project", place="width"),
    _field("head", "hidden_width", least=0, key="hidden", place="hidden"),
    _flag("head", "hidden_bias", True),
    _flag("head", "per_frame"),
)
# What an editor shows beside the place of a field.
DESCRIPTIONS: Mapping[str, str] = {
    "activation": "Of the network, or of a stage.",
    "convolution": "3d, or 2plus1d: in space, then in time.",
    "causal": "Whether no layer sees a later frame.",
    "positional_encoding": "Frame position before squeeze-excite, if causal.",
    "temporal_shift": "Channels exchanged between frames.",
    "frames": "Frames of a clip.",
    "resolution": "Height and width [pixels].",
    "frame_stride": "Source frames from one frame to the next.",
    "fps": "Frames a second, in place of `frame_stride`; 0 for none.",
    "channels": "3 for RGB, 1 for grayscale.",
    "width": "Output channels.",
    "kernel": "FRAMESxSIDExSIDE, all odd.",
    "stride": "In space, of the first layer.",
    "temporal": "Frames of a depthwise convolution behind the stem (X3D); 1 for none.",
    "factored_width": "Channels between space and time in the stem; 0 for one piece.",
    "temporal_stride": "In time, of the first layer.",
    "squeeze_excite": "Whether layers have one.",
    "expand_width": "Channels inside a layer, in place of `expand`.",
    "hidden": "Channels of the hidden layer; 0 for none.",
    "hidden_bias": "Whether the hidden layer has a bias.",
    "per_frame": "Whether frames are classified one by one, then averaged.",
}

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

"""How are spaces and architectures written? Documents to objects, errors with lines."""

from vidnas.core.architecture import (
    ACTIVATIONS,
    ARCHITECTURE_SCHEMA,
    BLOCKS,
    CONVOLUTIONS,
    Architecture,
)
from vidnas.core.choices import ClipSpace, HeadSpace, StageSpace, StemSpace, Width
from vidnas.core.document import Node
from vidnas.core.errors import ShapeError
from vidnas.core.kernel import Kernel
from vidnas.core.parts import STEM_KERNEL, Clip, Head, Layer, Stage, Stem
from vidnas.core.space import SPACE_SCHEMA, Space

_ABOUT = ("cost", "measured", "found")  # what a family file adds to an architecture


def read_space(node: Node) -> Space:
    """The space that a document describes.

    Raises:
        SpaceError: an unknown key, a value out of its domain or an empty list; the
            message names the line.
    """
    node.fields("schema", "name", "clip", "stem", "stages", "head", "activation")
    node.need("schema").one_of(SPACE_SCHEMA)
    return Space(
        name=node.need("name").text(),
        clip=_clip_space(node.need("clip")),
        stem=_stem_space(node.need("stem")),
        stages=tuple(_stage_space(stage) for stage in node.need("stages").items()),
        head=_head_space(node.need("head")),
        activation=node.read("activation", lambda n: n.one_of(*ACTIVATIONS), "swish"),
    )


def _clip_space(node: Node) -> ClipSpace:
    node.fields("frames", "resolution", "frame_stride")
    return ClipSpace(
        frames=node.need("frames").options(Node.integer),
        resolution=node.need("resolution").options(Node.integer),
        frame_stride=node.read("frame_stride", Node.integer, 1),
    )


def _stem_space(node: Node) -> StemSpace:
    node.fields("width", "kernel", "stride")
    return StemSpace(
        width=_width(node.need("width")),
        kernel=node.read("kernel", _stem_kernel, STEM_KERNEL),
        stride=node.read("stride", Node.integer, 2),
    )


def _stage_space(node: Node) -> StageSpace:
    node.fields("width", "depth", "stride", "kernel", "expand", "squeeze_excite")
    return StageSpace(
        width=_width(node.need("width")),
        depth=_depth(node.need("depth")),
        stride=node.read("stride", Node.integer, 1),
        kernel=node.need("kernel").options(_kernel),
        expand=node.need("expand").options(_factor),
        squeeze_excite=node.read(
            "squeeze_excite", lambda n: n.options(Node.flag), (True,)
        ),
    )


def _head_space(node: Node) -> HeadSpace:
    node.fields("width", "hidden")
    return HeadSpace(_width(node.need("width")), node.need("hidden").integer())


def _width(node: Node) -> Width:
    if isinstance(node.value, list):
        raise node.error(
            f"`{node.label}` must be a whole number or a mapping such as "
            "{base: 24, multiplier: [0.75, 1.0, 1.25]}"
        )
    if not isinstance(node.value, dict):
        return Width(node.integer())
    node.fields("base", "multiplier", "round_to")
    return Width(
        base=node.need("base").integer(),
        multipliers=node.need("multiplier").options(_factor),
        round_to=node.read("round_to", Node.integer, 8),
    )


def _depth(node: Node) -> tuple[int, ...]:
    if not isinstance(node.value, dict):
        return node.options(Node.integer)
    node.fields("from", "to")
    first = node.need("from").integer()
    return tuple(range(first, node.need("to").integer(minimum=first) + 1))


def _stem_kernel(node: Node) -> Kernel:
    kernel = _kernel(node)
    if kernel.frames != 1:
        raise node.error(f"`{node.label}` must see one frame, such as `1x3x3`")
    return kernel


def _factor(node: Node) -> float:
    value = node.number()
    if value == 0:
        raise node.error(f"`{node.label}` must be above 0")
    return value


def _kernel(node: Node) -> Kernel:
    try:
        return Kernel.parse(node.text())
    except ShapeError as wrong:
        raise node.complaint(str(wrong)) from wrong


def read_architecture(node: Node) -> Architecture:
    """The architecture that a document describes; its `arch_id`, if any, must agree.

    Raises:
        InputError: a key or value is wrong, or `arch_id` belongs to another network;
            the message names the line.
    """
    node.fields(
        "schema",
        "arch_id",
        "block",
        "clip",
        "stem",
        "stages",
        "head",
        "activation",
        "convolution",
        "causal",
        "positional_encoding",
        "temporal_shift",
        *_ABOUT,
    )
    node.need("schema").one_of(ARCHITECTURE_SCHEMA)
    try:
        architecture = Architecture(
            clip=_clip(node.need("clip")),
            stem=_stem(node.need("stem")),
            stages=tuple(_stage(stage) for stage in node.need("stages").items()),
            head=_head(node.need("head")),
            block=node.read("block", lambda n: n.one_of(*BLOCKS), "movinet"),
            activation=node.read(
                "activation", lambda n: n.one_of(*ACTIVATIONS), "swish"
            ),
            convolution=node.read(
                "convolution", lambda n: n.one_of(*CONVOLUTIONS), "3d"
            ),
            causal=node.read("causal", Node.flag, False),
            positional_encoding=node.read("positional_encoding", Node.flag, False),
            temporal_shift=node.read("temporal_shift", Node.flag, False),
        )
    except ShapeError as wrong:
        raise node.complaint(str(wrong)) from wrong
    _check_identity(node, architecture)
    return architecture


def _check_identity(node: Node, architecture: Architecture) -> None:
    stated = node.get("arch_id")
    if stated is not None and stated.value != architecture.arch_id:
        raise stated.error(
            f"`arch_id` must be {architecture.arch_id}, the network described here",
            hint=" Was the file edited? Then remove the line.",
        )


def _clip(node: Node) -> Clip:
    node.fields("frames", "resolution", "frame_stride")
    return Clip(
        node.need("frames").integer(),
        node.need("resolution").integer(),
        node.read("frame_stride", Node.integer, 1),
    )


def _stem(node: Node) -> Stem:
    node.fields("width", "kernel", "stride", "temporal", "factored_width")
    return Stem(
        node.need("width").integer(),
        _kernel(node.need("kernel")),
        node.need("stride").integer(),
        node.read("temporal", Node.integer, 1),
        node.read("factored_width", _omissible, 0),
    )


def _omissible(node: Node) -> int:
    """A width of which 0 means that the part is left out."""
    return node.integer(minimum=0)


def _stage(node: Node) -> Stage:
    node.fields("width", "layers")
    return Stage(
        node.need("width").integer(),
        tuple(_layer(layer) for layer in node.need("layers").items()),
    )


def _layer(node: Node) -> Layer:
    node.fields(
        "expand",
        "kernel",
        "stride",
        "squeeze_excite",
        "temporal_stride",
        "activation",
        "convolution",
    )
    return Layer(
        expand_width=node.need("expand").integer(),
        kernel=_kernel(node.need("kernel")),
        stride=node.read("stride", Node.integer, 1),
        squeeze_excite=node.read("squeeze_excite", _omissible, 0),
        temporal_stride=node.read("temporal_stride", Node.integer, 1),
        activation=node.read("activation", lambda n: n.one_of(*ACTIVATIONS), ""),
        convolution=node.read("convolution", lambda n: n.one_of(*CONVOLUTIONS), ""),
    )


def _head(node: Node) -> Head:
    node.fields("project", "hidden", "hidden_bias", "per_frame")
    return Head(
        project_width=_omissible(node.need("project")),
        hidden_width=_omissible(node.need("hidden")),
        hidden_bias=node.read("hidden_bias", Node.flag, True),
        per_frame=node.read("per_frame", Node.flag, False),
    )

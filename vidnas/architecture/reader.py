"""How is an architecture written? A document becomes an object; errors name a line."""

from vidnas.architecture.architecture import (
    ACTIVATIONS,
    ARCHITECTURE_SCHEMA,
    BLOCKS,
    CONVOLUTIONS,
    Architecture,
)
from vidnas.architecture.kernel import Kernel
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem
from vidnas.documents.node import Node
from vidnas.errors import ShapeError

_ABOUT = ("cost", "measured", "found")  # what a family file adds to an architecture


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
        kernel_of(node.need("kernel")),
        node.need("stride").integer(),
        node.read("temporal", Node.integer, 1),
        node.read("factored_width", _omissible, 0),
    )


def _omissible(node: Node) -> int:
    """A width, where 0 leaves the part out."""
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
        kernel=kernel_of(node.need("kernel")),
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


def kernel_of(node: Node) -> Kernel:
    """The kernel that a document spells."""
    try:
        return Kernel.parse(node.text())
    except ShapeError as wrong:
        raise node.complaint(str(wrong)) from wrong

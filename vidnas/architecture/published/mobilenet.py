"""Which published networks are searched ones compared with? MobileNetV3 and ResNets.

A MobileNetV3 classifies frames one by one and averages its predictions; with temporal
shift (`-tsm`) its frames exchange channels, at no FLOPs. R3D-18 and R(2+1)D-18 are
plain residual networks of dense convolutions.
"""

from itertools import groupby

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.kernel import Kernel, round8
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem

# arXiv 1905.02244, tables 1 and 2: layers as kernel, expanded width, width, stride,
# `s` with squeeze-excite, `h` with hard swish (else ReLU); projection and hidden width.
_MOBILENETS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "mobilenetv3-small": (
        (
            "3 16 16 2 s",
            "3 72 24 2",
            "3 88 24 1",
            "5 96 40 2 sh",
            "5 240 40 1 sh",
            "5 240 40 1 sh",
            "5 120 48 1 sh",
            "5 144 48 1 sh",
            "5 288 96 2 sh",
            "5 576 96 1 sh",
            "5 576 96 1 sh",
        ),
        576,
        1024,
    ),
    "mobilenetv3-large": (
        (
            "3 16 16 1",
            "3 64 24 2",
            "3 72 24 1",
            "5 72 40 2 s",
            "5 120 40 1 s",
            "5 120 40 1 s",
            "3 240 80 2 h",
            "3 200 80 1 h",
            "3 184 80 1 h",
            "3 184 80 1 h",
            "3 480 112 1 sh",
            "3 672 112 1 sh",
            "5 672 160 2 sh",
            "5 960 160 1 sh",
            "5 960 160 1 sh",
        ),
        960,
        1280,
    ),
}
_SHIFT = "-tsm"
_MOBILENET_CLIP = Clip(frames=50, resolution=224, frame_stride=5)  # arXiv 2103.11511


FRAME_BASED = tuple(f"{name}{kind}" for name in _MOBILENETS for kind in ("", _SHIFT))


def mobilenet(name: str) -> Architecture:
    """A network of `FRAME_BASED`: MobileNetV3 on every frame.

    Source:
        arXiv 1905.02244; temporal shift: TSM, arXiv 1811.08383, an eighth of the
        channels each way in every layer with an identity shortcut.
    """
    rows, project, hidden = _MOBILENETS[name.removesuffix(_SHIFT)]
    layers = [_mobilenet_layer(*row.split()) for row in rows]
    return Architecture(
        clip=_MOBILENET_CLIP,
        stem=Stem(16),
        stages=tuple(
            Stage(width, tuple(layer for _, layer in group))
            for width, group in groupby(layers, key=lambda row: row[0])
        ),
        head=Head(project, hidden, per_frame=True),
        block="mobilenet",
        activation="hard_swish",
        temporal_shift=name.endswith(_SHIFT),
    )


def _mobilenet_layer(
    side: str, expand: str, width: str, stride: str, marks: str = ""
) -> tuple[int, Layer]:
    return int(width), Layer(
        int(expand),
        Kernel(1, int(side)),
        int(stride),
        squeeze_excite=round8(0.25 * int(expand)) if "s" in marks else 0,
        activation="" if "h" in marks else "relu",
    )

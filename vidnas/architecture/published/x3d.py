"""What are the X3Ds? XS to XL, as published."""

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.kernel import Kernel, round8
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem

# arXiv 2004.04730; PySlowFast configs/Kinetics/X3D_*.yaml: frames, frame stride, size,
# widths, depths.
_X3DS: dict[
    str, tuple[int, int, int, tuple[int, int, int, int], tuple[int, int, int, int]]
] = {
    "x3d-xs": (4, 12, 160, (24, 48, 96, 192), (3, 5, 11, 7)),
    "x3d-s": (13, 6, 160, (24, 48, 96, 192), (3, 5, 11, 7)),
    "x3d-m": (16, 5, 224, (24, 48, 96, 192), (3, 5, 11, 7)),
    "x3d-l": (16, 5, 312, (24, 48, 96, 192), (5, 10, 25, 15)),
    "x3d-xl": (16, 5, 312, (32, 72, 136, 280), (5, 10, 25, 15)),
}


_X3D_BOTTLENECK = 2.25


_X3D_SQUEEZE = 0.0625


def _x3d(name: str) -> Architecture:
    frames, frame_stride, size, widths, depths = _X3DS[name]
    stages = []
    for width, depth in zip(widths, depths, strict=True):
        inner = int(_X3D_BOTTLENECK * width)
        hidden = round8(_X3D_SQUEEZE * inner)
        stages.append(
            Stage(
                width,
                tuple(
                    Layer(
                        inner,
                        Kernel(3, 3),
                        2 if n == 0 else 1,
                        # Squeeze-excite stands in every other layer.
                        hidden if n % 2 == 0 else 0,
                    )
                    for n in range(depth)
                ),
            )
        )
    return Architecture(
        clip=Clip(frames, size, frame_stride),
        stem=Stem(widths[0], temporal=5),
        stages=tuple(stages),
        head=Head(int(_X3D_BOTTLENECK * widths[-1]), 2048, hidden_bias=False),
        block="x3d",
    )

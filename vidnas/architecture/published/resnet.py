"""What are the 3D ResNets? R3D-18 and R(2+1)D-18, as published."""

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.kernel import Kernel
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem

# arXiv 1711.11248 and torchvision: convolution, channels between the halves of the
# stem (45 is torchvision's).
_RESNETS = {"r3d-18": ("3d", 0), "r2plus1d-18": ("2plus1d", 45)}


_RESNET_CLIP = Clip(frames=16, resolution=112, frame_stride=2)  # torchvision, 15 fps


_RESNET_WIDTHS = (64, 128, 256, 512)


RESNETS = tuple(_RESNETS)


def resnet(name: str) -> Architecture:
    """A network of `RESNETS`: two layers of two 3x3x3 convolutions a stage.

    Source:
        arXiv 1711.11248; strides and clip as in torchvision.
    """
    convolution, factored = _RESNETS[name]
    stages = []
    for width in _RESNET_WIDTHS:
        stride = 1 if width == _RESNET_WIDTHS[0] else 2
        first = Layer(width, Kernel(3, 3), stride, temporal_stride=stride)
        stages.append(Stage(width, (first, Layer(width, Kernel(3, 3)))))
    return Architecture(
        clip=_RESNET_CLIP,
        stem=Stem(_RESNET_WIDTHS[0], Kernel(3, 7), factored_width=factored),
        stages=tuple(stages),
        head=Head(project_width=0, hidden_width=0),
        block="resnet",
        activation="relu",
        convolution=convolution,
    )

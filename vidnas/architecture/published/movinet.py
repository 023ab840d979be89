"""What are the MoViNets? T0 and A0 to A5, as published."""

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.kernel import Kernel, round8
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem

# TensorFlow Model Garden, official/projects/movinet: frames, frame stride and size of
# the clip, stem width, blocks, head projection and hidden width. A block is its width,
# then `expand` or `expand:kernel`; a layer without a kernel has 3x3x3.
_MOVINETS: dict[str, tuple[tuple[int, int, int], int, tuple[str, ...], int, int]] = {
    "movinet-t0": (
        (25, 10, 160),
        8,
        (
            "8 | 16:1x5x5",
            "32 | 72 72:1x5x5",
            "56 | 112:5x3x3 112:1x5x5 112",
            "56 | 184:5x3x3 184:1x5x5 184 184",
            "104 | 344:5x3x3 344:1x5x5 344:1x5x5 344",
        ),
        240,
        1024,
    ),
    "movinet-a0": (
        (50, 5, 172),
        8,
        (
            "8 | 24:1x5x5",
            "32 | 80 80 80",
            "56 | 184:5x3x3 112 184",
            "56 | 184:5x3x3 184 184 184",
            "104 | 384:5x3x3 280:1x5x5 280:1x5x5 344:1x5x5",
        ),
        480,
        2048,
    ),
    "movinet-a1": (
        (50, 5, 172),
        16,
        (
            "16 | 40:1x5x5 40",
            "40 | 96 120 96 96",
            "64 | 216:5x3x3 128 216 168 216",
            "64 | 216:5x3x3 216 216 128 128:1x5x5 216",
            "136 | 456:5x3x3 360:1x5x5 360:1x5x5 360:1x5x5 456:1x5x5 456 544:1x3x3",
        ),
        600,
        2048,
    ),
    "movinet-a2": (
        (50, 5, 224),
        16,
        (
            "16 | 40:1x5x5 40 64",
            "40 | 96 120 96 96 120",
            "72 | 240:5x3x3 160 240 192 240",
            "72 | 240:5x3x3 240 240 240 144:1x5x5 240",
            "144 | 480:5x3x3 384:1x5x5 384:1x5x5 480:1x5x5 480:1x5x5 480 576:1x3x3",
        ),
        640,
        2048,
    ),
    "movinet-a3": (
        (120, 2, 256),
        16,
        (
            "16 | 40:1x5x5 40 64 40",
            "48 | 112 144 112 112:1x5x5 144 144",
            "80 | 240:5x3x3 152 240 192 240",
            "88 | 264:5x3x3 264 264 264 160:1x5x5 264 264 264",
            "168 | 560:5x3x3 448:1x5x5 448:1x5x5 560:1x5x5 560:1x5x5 560 "
            "448:1x5x5 448:1x5x5 560 672:1x3x3",
        ),
        744,
        2048,
    ),
    "movinet-a4": (
        (80, 3, 290),
        24,
        (
            "24 | 64:1x5x5 64 96 64 96 64",
            "56 | 168 168 136 136 168 168 168 136:1x5x5 136",
            "96 | 320:5x3x3 160 320 192 320 160 320 256 320",
            "96 | 320:5x3x3 320 320 320 192:1x5x5 320 320 192 320 320",
            "192 | 640:5x3x3 512:1x5x5 512:1x5x5 640:1x5x5 640:1x5x5 640 "
            "512:1x5x5 512:1x5x5 640:1x5x5 768:1x5x5 640:1x5x5 640 768",
        ),
        856,
        2048,
    ),
    "movinet-a5": (
        (120, 2, 320),
        24,
        (
            "24 | 64:1x5x5 64:1x5x5 96 64 96 64",
            "64 | 192:5x3x3 152 152 152 192 192 192 152 152 192 192",
            "112 | 376:5x3x3 224 376 376 296 376 224 376 376 296 376 376 376",
            "120 | 376:5x3x3 376 376 376 224:1x5x5 376 376 224 376 376 376",
            "224 | 744:5x3x3 744 600:1x5x5 600:1x5x5 744:1x5x5 744:1x5x5 744 "
            "896:1x5x5 600:1x5x5 600:1x5x5 896:1x5x5 744:1x5x5 744 896:1x5x5 "
            "600:1x5x5 600:1x5x5 744:1x5x5 744",
        ),
        992,
        2048,
    ),
}


_MOVINET_STRIDES = (2, 2, 2, 1, 2)


_MOVINET_ENCODED = ("movinet-a3", "movinet-a4", "movinet-a5")  # in their stream form


def _movinet(name: str) -> Architecture:
    (frames, frame_stride, size), stem, blocks, project, hidden = _MOVINETS[name]
    stages = []
    for text, stride in zip(blocks, _MOVINET_STRIDES, strict=True):
        width, _, layers = text.partition(" | ")
        stages.append(
            Stage(
                int(width),
                tuple(
                    _movinet_layer(word, stride if n == 0 else 1)
                    for n, word in enumerate(layers.split())
                ),
            )
        )
    return Architecture(
        clip=Clip(frames, size, frame_stride),
        stem=Stem(stem),
        stages=tuple(stages),
        head=Head(project, hidden),
    )


def _movinet_layer(word: str, stride: int) -> Layer:
    expand, _, kernel = word.partition(":")
    return Layer(
        int(expand),
        Kernel.parse(kernel or "3x3x3"),
        stride,
        squeeze_excite=round8(0.25 * int(expand)),
    )

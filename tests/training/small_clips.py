"""A few clips in memory, whose class can only be told by motion or by nothing."""

import numpy as np

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.clips.clipset import ClipSet
from vidnas.datasets.index import ClipEntry

CLASSES = ("down", "right", "still", "up")
STEPS = {"down": (2, 0), "right": (0, 2), "still": (0, 0), "up": (-2, 0)}
FRAMES, SIDE = 4, 16


def open_small(count=16):
    """What stands for `open_clips`: `count` clips of a noise that moves."""

    def open_clips(
        root,
        split,
        *,
        frames,
        frame_stride,
        resolution,
        margin=0.0,
        fps=None,
        channels=3,
        **_,
    ):
        side = round(resolution * (1 + margin))
        rng = np.random.default_rng(0)
        decoded = np.empty((count, frames, side, side, 3), np.uint8)
        for n in range(count):
            noise = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
            down, right = STEPS[CLASSES[n % 4]]
            for t in range(frames):
                decoded[n, t] = np.roll(noise, (down * t, right * t), (0, 1))
        return ClipSet(
            classes=CLASSES,
            files=tuple(ClipEntry(f"{n}.mp4", (n % 4,)) for n in range(count)),
            skip_reasons=("x.mp4 is not a video.",) if split == "train" else (),
            frames=frames,
            frame_stride=frame_stride,
            resolution=resolution,
            side=side,
            threads=1,
            clips_in_memory=decoded,
            fps=fps,
            channels=channels,
        )

    return open_clips


def small_architecture(kernel="3x3x3", width=16):
    """Two layers on clips of 4 frames of 16 x 16."""
    layer = Layer(2 * width, Kernel.parse(kernel), squeeze_excite=8)
    return Architecture(
        clip=Clip(FRAMES, SIDE),
        stem=Stem(width),
        stages=(Stage(width, (layer, layer)),),
        head=Head(32, 32),
    )

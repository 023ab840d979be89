"""What memory does training on sub-clips take, and is it what was predicted?

Run:     python benchmarks/subclips.py
Cost:    some two minutes on one core; clips of noise, in a process for each row.
"""

import subprocess
import sys

import numpy as np

import vidnas
from vidnas.budgets import Pricing
from vidnas.training.environment import load_tensorflow
from vidnas.trials import Recipe

# Network, frames, side, batch, frames of a sub-clip (0 for whole clips), optimizer.
ROWS = (
    ("movinet-a0", 16, 64, 8, 0, "sgd"),
    ("movinet-a0", 16, 64, 8, 8, "sgd"),
    ("movinet-a0", 16, 64, 8, 4, "sgd"),
    ("movinet-a0", 32, 96, 4, 8, "adamw"),
    ("movinet-a2", 24, 96, 4, 8, "sgd"),
)
CLASSES = 4
MIB = 2**20


def measure(
    name: str, frames: int, side: int, batch: int, most: int, optimizer: str
) -> str:
    """A row of the table: peak, its ratio to the prediction, whole clips' prediction.

    Args:
        name: Name of a published network, whose stream is trained.
        frames: Frames of a clip.
        side: Side of a frame [pixels].
        batch: Clips of a step.
        most: Frames of a sub-clip, at most; 0 for whole clips.
        optimizer: Name of the optimizer.
    """
    load_tensorflow(cpus=1)
    from vidnas.architecture.subclips import subclip_lengths
    from vidnas.nets import build
    from vidnas.training.allocator import AllocatorPeak
    from vidnas.training.session import Session

    architecture = vidnas.published(name, stream=True).at(frames, side)
    recipe = Recipe(optimizer=optimizer, batch=batch, subclip_frames=most or None)
    memory = AllocatorPeak()
    shape = (batch, frames, side, side, 3)
    session = Session(
        build(architecture, CLASSES),
        recipe,
        CLASSES,
        shape,
        norm_momentum=0.9,
        subclips=subclip_lengths(architecture, recipe.subclip_frames),
    )
    clips = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    targets = np.eye(CLASSES, dtype=np.float32)[np.arange(batch) % CLASSES]
    for _ in range(2):
        session.train(clips, targets, 0.01)
    peak = memory.measured["peak_bytes"]
    predicted, whole = (
        Pricing(CLASSES, batch, subclip_frames=some).cost(architecture).training_bytes
        for some in (most or None, None)
    )
    return (
        f"| {name}, {frames}, {side}, {batch} | {most or '-'} | {peak / MIB:.0f} MiB | "
        f"{peak / predicted:.2f} | {whole / MIB:.0f} MiB |"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measure(*ROWS[int(sys.argv[1])]))
    else:
        for number in range(len(ROWS)):
            subprocess.run([sys.executable, __file__, str(number)], check=True)

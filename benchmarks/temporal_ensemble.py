"""Is a temporal ensemble better than one network of equal FLOPs, on motion clips?

Two causal networks at half the frame rate, offset by a frame, against the same network
at full rate: FLOPs of a clip, epochs and recipe are the same.

Run:     python benchmarks/temporal_ensemble.py --seeds 0 1 2
Cost:    some minutes on one core.
"""

import argparse
import json
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.arrays import Floats
from vidnas.costs import cost
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource
from vidnas.training.environment import load_tensorflow
from vidnas.trials import Recipe

FRAMES, STRIDE, SIDE, CLASSES = 8, 2, 16, 8
RECIPE = Recipe(batch=16, learning_rate=0.01)


def network(frames: int, stride: int) -> Architecture:
    """The network that is compared, on clips of so many frames, so far apart."""
    layers = [Layer(32, Kernel(3, 3), stride=stride) for stride in (1, 2, 2)]
    stages = tuple(
        Stage(width, (layer, Layer(2 * width, Kernel(3, 3))))
        for width, layer in zip((16, 24, 32), layers, strict=True)
    )
    clip = Clip(frames, SIDE, frame_stride=stride)
    stem = Stem(16, Kernel(1, 3), stride=2)
    return Architecture(clip, stem, stages, Head(64, 64)).streaming()


def logits_of(
    architecture: Architecture, source: ClipSource, epochs: int, seed: int, parts: int
) -> tuple[list[Floats], Floats]:
    """Logits `[N, K]` of a trained network for frames 0, `parts`, ... and 1, ... .

    Args:
        architecture: Network to train, at its rate.
        source: Clips to train and measure on.
        epochs: Epochs of the training.
        seed: Seed of the training.
        parts: How many clips of its rate a clip of the full rate holds.

    Returns:
        Logits of each offset, and the targets.
    """
    from vidnas.clips.opening import open_clips
    from vidnas.training.dataset import open_dataset
    from vidnas.training.failures import training_scope
    from vidnas.training.fit import Fit

    dataset = open_dataset(architecture, source, RECIPE, threads=1)
    every = open_clips(
        source, "val", frames=FRAMES, frame_stride=STRIDE, resolution=SIDE, threads=1
    )
    with training_scope(precision="float32", batch=RECIPE.batch):
        fit = Fit(architecture, dataset, RECIPE, epochs=epochs, seed=seed)
        with closing(fit):
            for epoch in range(epochs):
                fit.train(epoch)
        trained = fit.network()
        found: list[list[Floats]] = [[] for _ in range(parts)]
        targets = []
        for clips, classes in every.batches(64, seed=0, epoch=0, augment=False):
            targets.append(classes)
            for offset, rows in enumerate(found):
                frames = np.asarray(clips[:, offset::parts], np.float32) / 255.0
                rows.append(np.asarray(trained(frames, training=False)))
    return [np.concatenate(rows) for rows in found], np.concatenate(targets)


def top1(logits: Floats, targets: Floats) -> float:
    """Share of clips whose class is named first [%]."""
    return 100.0 * float((logits.argmax(1) == targets.argmax(1)).mean())


def compared(source: ClipSource, epochs: int, seed: int) -> dict[str, float]:
    """Accuracies of one seed, and the FLOPs of a clip."""
    full, half = network(FRAMES, STRIDE), network(FRAMES // 2, 2 * STRIDE)
    (one,), targets = logits_of(full, source, epochs, seed, 1)
    members = [
        logits_of(half, source, epochs, 100 * seed + n + 1, 2)[0] for n in range(2)
    ]
    return {
        "seed": seed,
        "clips": len(targets),
        "flops": cost(full, CLASSES).flops,
        "flops_of_ensemble": 2 * cost(half, CLASSES).flops,
        "one": top1(one, targets),
        "ensemble": top1((members[0][0] + members[1][1]) / 2, targets),
        "member": top1(members[0][0], targets),
        "same_frames": top1((members[0][0] + members[1][0]) / 2, targets),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--clips", type=Path, help="folder to generate clips in")
    chosen = parser.parse_args()
    load_tensorflow(cpus=1)
    with tempfile.TemporaryDirectory() as folder:
        clips = write_motion(
            chosen.clips or Path(folder) / "motion",
            seed=0,
            train_per_class=100,
            val_per_class=150,
            size=2 * SIDE,
        )
        for number in chosen.seeds:
            found = compared(ClipSource.of(clips), chosen.epochs, number)
            print(json.dumps(found), flush=True)

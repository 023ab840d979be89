"""What does it cost to keep the state of a training after each of its epochs?

Run:     python benchmarks/checkpoints.py [FOLDER]
Cost:    about a minute on two cores; writes some 100 MB to FOLDER (default: temporary).
Expect:  12 bytes a parameter with AdamW; a few hundredths of a second a copy.

`copy` stops the training, and so does `write` where nothing else writes; with workers
`write`, which packs and flushes to the disk, goes on beside it.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from vidnas.architecture.published import published
from vidnas.nets import build
from vidnas.study.workers.assignment import Assignment
from vidnas.study.workers.checkpoints import STATE_FILE, Checkpoint
from vidnas.training.replicas.flat_weights import FlatWeights
from vidnas.training.replicas.optimizer import FlatOptimizer
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.watch import State

NETWORKS = ("x3d-xs", "movinet-a0", "movinet-a2")
REPEATS = 9
CLASSES = 600


def main(folder: Path) -> None:
    """Prints a row a network: size of the state, and median times."""
    print("network       parameters      state    copy   write    read")
    for name in NETWORKS:
        print(f"{name:12}{measured(name, folder)}")


def measured(name: str, folder: Path) -> str:
    """Parameters, bytes and times of one network."""
    architecture = published(name)
    weights = FlatWeights(build(architecture, CLASSES, seed=0))
    optimizer = FlatOptimizer(Recipe(), weights.trained_vector, weights.decay_mask())

    def state() -> State:
        return {**weights.state(), **optimizer.state()}

    place, recipe = str(folder / name), Recipe()
    assignment = Assignment(
        0, architecture, Fidelity(9), recipe, "clips", 0, "", checkpoint=place
    )
    checkpoint, arrays = Checkpoint(assignment), state()
    copy = seconds(state)
    write = seconds(lambda: checkpoint.write(1, arrays))
    read = seconds(checkpoint.read)
    size = (folder / name / STATE_FILE).stat().st_size
    return (
        f"{arrays['trained'].size:12,d}{size / 1e6:8.1f} MB"
        f"{copy:6.3f} s{write:6.3f} s{read:6.3f} s"
    )


def seconds(work: Callable[[], object]) -> float:
    """Median time of some runs [s]."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else scratch))

"""Do the motion clips need motion? A network that cannot see it stays near chance."""

from dataclasses import replace

import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.datasets.motion.generate import write_motion
from vidnas.training import evaluate
from vidnas.trials import Fidelity, Recipe

pytestmark = [pytest.mark.keras, pytest.mark.slow, pytest.mark.real]

RECIPE = Recipe(batch=16, learning_rate=0.01)
FIDELITY = Fidelity(epochs=6)


def network(frames: int) -> Architecture:
    """A small network whose depthwise kernels look at that many frames."""
    kernel = Kernel(frames, 3)
    stages = [
        Stage(width, (Layer(2 * width, kernel, stride), Layer(2 * width, kernel)))
        for width, stride in ((16, 1), (24, 2), (32, 2))
    ]
    return Architecture(Clip(8, 24, 2), Stem(16), tuple(stages), Head(64, 64))


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> str:
    root = tmp_path_factory.mktemp("motion") / "clips"
    return str(write_motion(root, seed=1, train_per_class=80, val_per_class=32))


def test_motion_is_seen_along_time_only(clips):
    def top1(architecture: Architecture, recipe: Recipe) -> float:
        measured = evaluate(
            architecture, dataset=clips, recipe=recipe, fidelity=FIDELITY, seed=0
        )
        return measured["top1"]

    seeing = top1(network(frames=3), RECIPE)
    blind = top1(network(frames=1), replace(RECIPE, shuffle_frames=True))
    # Chance is 12.5 %, give or take 4 points (95 %) on 256 clips.
    assert blind < 25.0
    assert seeing > 70.0

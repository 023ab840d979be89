"""How many promotions find the state that they are to go on from?

Run:     python benchmarks/checkpoint_retention.py
Cost:    about 3 minutes on one core; nothing is trained.
Expect:  nearly all, since the states kept are those that are next in turn.

Searches of the quickstart space with two rungs that are continued; what a network
reaches is a formula of its size with luck, of which a rung shows a part.
"""

import dataclasses
import hashlib
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from vidnas.costs import cost
from vidnas.strategies import Evolution, LadderSearch
from vidnas.study import Dataset, Inline, Study, load_experiment
from vidnas.study.experiment.rungs import Rungs
from vidnas.study.run.retention import WAITING
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.effort import Effort
from vidnas.trials.watch import Watch

ROOT = Path(__file__).parents[1]
RUNGS = (Fidelity(1), Fidelity(3))
FULL = Fidelity(9)
CLASSES = tuple("abcdefgh")


def evaluate(
    architecture, *, fidelity: Fidelity, seed: int, watch: Watch, **_: object
) -> Mapping[str, float]:
    """Keeps a state as a training does; the accuracy is a formula."""
    kept = watch.kept()
    watch.keep(fidelity.epochs, {"epoch": np.array(fidelity.epochs)})
    taste = hashlib.sha256(architecture.arch_id.encode()).digest()[0] / 255
    flops = cost(architecture, classes=len(CLASSES)).flops
    luck = np.random.default_rng([seed, fidelity.epochs]).normal(scale=2.0)
    share = 1 - 0.7 ** (fidelity.epochs + 2)
    top1 = share * (30 + 8 * np.log10(flops) * taste) + luck
    continued = {"continued_epochs": float(kept.epoch)} if kept else {}
    return {"top1": float(np.clip(top1, 0, 100)), **continued}


def main(candidates: int) -> None:
    """Prints a row a strategy."""
    print(f"{WAITING} states a rung; of the promotions of {candidates} candidates")
    experiment = load_experiment(ROOT / "experiments" / "quickstart.yaml")
    for strategy in (Evolution(), LadderSearch()):
        asked = dataclasses.replace(
            experiment,
            strategy=strategy,
            recipe=Recipe(schedule="constant"),
            fidelity=FULL,
            rungs=Rungs(RUNGS, continues=True),
            baselines=(),
            effort=Effort(trials=candidates),
        )
        dataset = Dataset("clips", CLASSES, train_clips=640, val_clips=256)
        with (
            tempfile.TemporaryDirectory() as folder,
            Study(asked, dataset, Path(folder)) as study,
        ):
            trials = study.run(Inline(), evaluate, lambda trial: None).trials
        promoted = [trial for trial in trials if trial.continues is not None]
        found = sum(trial.continued_from is not None for trial in promoted)
        print(f"{type(strategy).__name__:14}{found} of {len(promoted)} went on")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)

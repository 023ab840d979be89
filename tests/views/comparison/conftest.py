"""Studies of a planted truth: a recipe that is better by 20 points, and one by none."""

import hashlib
import itertools
import textwrap

import pytest

from vidnas.costs import cost
from vidnas.study import Dataset, Inline, Study, load_experiment, load_history
from vidnas.views.comparison.compared_study import ComparedStudy

SPACE = """
schema: vidnas.space/v1
name: small
clip: {frames: 4, resolution: 16}
stem: {width: 8}
stages:
  - width: {base: 8, multiplier: [1.0, 2.0, 3.0]}
    depth: [1, 2]
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [1.0, 2.0, 3.0]
head: {width: 16, hidden: 16}
"""
EXPERIMENT = """
schema: vidnas.experiment/v1
name: {name}
space: space.yaml
clips: {{folder: clips}}
training: {{epochs: 2, batch: {batch}}}
strategy: {{name: random}}
effort: {{trials: {trials}}}
workers: {{count: 1, cpus: 1}}
front: {{reference: {{{point}}}}}
seed: {seed}
{more}
"""
DATASET = Dataset("clips", ("left", "right"), 20, 100, val_counts=(50, 50))


def luck(architecture, seed):
    """A number in [0, 1) that architecture and seed decide."""
    text = f"{architecture.arch_id} {seed}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32


class Studies:
    """Studies by what they differ in, each searched once."""

    def __init__(self, folder):
        self._folder = folder
        self._made = {}
        (folder / "space.yaml").write_text(textwrap.dedent(SPACE))

    def __call__(
        self,
        seed=0,
        *,
        name="small",
        batch=8,
        lift=0.0,
        trials=6,
        point="flops: 1 M, top1: 0",
        more="",
        dataset=DATASET,
        copy=0,
    ):
        """Folder of a study with these settings."""
        told = (seed, name, batch, lift, trials, point, more, str(dataset), copy)
        if told not in self._made:
            self._made[told] = self._searched(
                self._folder / f"study{len(self._made)}",
                EXPERIMENT.format(
                    name=name,
                    batch=batch,
                    trials=trials,
                    point=point,
                    seed=seed,
                    more=more,
                ),
                lift,
                dataset,
            )
        return self._made[told]

    def _searched(self, folder, text, lift, dataset):
        file = self._folder / f"{folder.name}.yaml"
        file.write_text(text)
        experiment = load_experiment(file)
        began = 1_700_000_000.0 + 1000.0 * len(self._made)
        ticks = itertools.count(began, 5.0)

        def train(architecture, *, seed, **_):
            flops = cost(architecture, classes=2).flops
            top1 = 50.0 + lift + flops / 1e5 + 4.0 * luck(architecture, seed)
            measured = {"val_clips": 100.0, "seconds": 3600.0}
            accuracy = experiment.objectives.accuracy.name
            return {"top1": top1, "top5": 99.0, accuracy: top1, **measured}

        study = Study(experiment, dataset, folder, clock=lambda: next(ticks))
        with study:
            study.run(Inline(), train, lambda trial: None)
        return folder


@pytest.fixture(scope="session")
def studies(tmp_path_factory):
    return Studies(tmp_path_factory.mktemp("compared"))


@pytest.fixture(scope="session")
def opened():
    """A study as it is compared."""

    def open_one(folder, place=""):
        return ComparedStudy.of(place or str(folder), load_history(folder))

    return open_one


@pytest.fixture(scope="session")
def three_groups(studies):
    """Folders of three seeds each: plain, 20 points better, and equal to plain."""
    plain = [studies(seed) for seed in range(3)]
    better = [studies(seed, batch=16, lift=20.0) for seed in range(3)]
    equal = [studies(seed, batch=4) for seed in range(3, 6)]
    return {"plain": plain, "better": better, "equal": equal}

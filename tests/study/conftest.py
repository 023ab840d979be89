"""A small experiment on disk, and clips that nobody has to decode."""

import textwrap
from pathlib import Path

import pytest

from vidnas.study import Dataset, Experiment, load_experiment

SPACE = """
schema: vidnas.space/v1
name: small
clip: {frames: 8, resolution: [16, 32]}
stem: {width: {base: 16, multiplier: [0.5, 1.0]}}
stages:
  - width: {base: 16, multiplier: [0.5, 1.0, 1.5]}
    depth: [1, 2, 3]
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [1.0, 2.0]
    squeeze_excite: [false, true]
head: {width: 32, hidden: 32}
"""

EXPERIMENT = """
schema: vidnas.experiment/v1
name: small
space: space.yaml
clips: {folder: clips}
training: {epochs: 2, batch: 8}
budgets: {flops: 2 M}
strategy: {name: evolution, start: 4}
effort: {trials: 10}
workers: {count: 2, cpus: 1}
front: {reference: {flops: 2 M, top1: 0}}
family: {ladder: spread}
seed: 3
"""


@pytest.fixture
def experiment_file(tmp_path: Path) -> Path:
    """An experiment with its space beside it."""
    (tmp_path / "space.yaml").write_text(textwrap.dedent(SPACE))
    path = tmp_path / "experiment.yaml"
    path.write_text(textwrap.dedent(EXPERIMENT))
    return path


@pytest.fixture
def experiment(experiment_file: Path) -> Experiment:
    return load_experiment(experiment_file)


@pytest.fixture
def dataset() -> Dataset:
    return Dataset("clips", ("left", "right"), train_clips=20, val_clips=10)

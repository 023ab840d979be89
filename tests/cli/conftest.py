"""Files that a user would have: clips, a space, an experiment, a finished study."""

import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from vidnas.cli import search_results, study_run
from vidnas.cli.main import main
from vidnas.costs import cost
from vidnas.datasets.motion.generate import write_motion
from vidnas.study import Dataset, Inline, Study, load_experiment

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
name: small
space: space.yaml
clips: {folder: clips}
training: {epochs: 1, batch: 8}
budgets: {flops: 2 M}
strategy: {name: random}
effort: {trials: 4}
workers: {count: 2, cpus: 1}
front: {reference: {flops: 2 M, top1: 0}}
family: {ladder: spread}
seed: 1
"""


@pytest.fixture(scope="session")
def clips(tmp_path_factory) -> Path:
    """Three videos of each motion."""
    root = tmp_path_factory.mktemp("data") / "clips"
    return write_motion(root, seed=0, train_per_class=2, val_per_class=1, size=32)


@pytest.fixture
def folder(tmp_path, clips, monkeypatch) -> Path:
    """A working directory with an experiment, its space and its clips."""
    (tmp_path / "space.yaml").write_text(textwrap.dedent(SPACE))
    (tmp_path / "experiment.yaml").write_text(textwrap.dedent(EXPERIMENT))
    (tmp_path / "clips").symlink_to(clips)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def accuracy(architecture, *, seed, **rest):
    """A stand-in for training."""
    flops = cost(architecture, classes=8).flops
    luck = np.random.default_rng(seed).normal()
    return {"top1": 90 * (1 - np.exp(-flops / 3e5)) + luck, "val_clips": 100.0}


@pytest.fixture
def inline(monkeypatch):
    """Searches train nothing, start no Ray and draw nothing."""
    monkeypatch.setattr(study_run, "_executor", lambda *_: Inline())
    monkeypatch.setattr(study_run, "train_in_group", accuracy)
    monkeypatch.setattr(
        search_results, "write_page", lambda history, path: path.touch()
    )


@pytest.fixture
def study(folder) -> Path:
    """A finished study whose training was a stand-in."""

    experiment = load_experiment(folder / "experiment.yaml")
    dataset = Dataset(str(folder / "clips"), tuple("abcdefgh"), 16, 8)
    run = folder / "runs" / "small"
    with Study(experiment, dataset, run, trials=16) as study:
        study.run(Inline(), accuracy, lambda trial: None)
    return run


@pytest.fixture
def running(folder):
    """A search in a thread; `running()` lets one more trial end, and waits for it."""
    may_go, has_ended = threading.Semaphore(0), threading.Semaphore(0)

    def evaluate(architecture, *, seed, **rest):
        may_go.acquire()
        return {"top1": 50.0 + seed % 40, "val_clips": 64.0}

    def hear(trial):
        if trial.state != "running":
            has_ended.release()

    def search():
        experiment = load_experiment(folder / "experiment.yaml")
        dataset = Dataset(str(folder / "clips"), tuple("abcdefgh"), 16, 64)
        with Study(experiment, dataset, folder / "runs" / "small", trials=3) as study:
            began.set()
            study.run(Inline(), evaluate, hear)

    began = threading.Event()
    thread = threading.Thread(target=search)
    thread.start()
    assert began.wait(60)

    def go_on():
        may_go.release()
        assert has_ended.acquire(timeout=60)
        if not thread.is_alive() or ended.append(1) or len(ended) == 3:
            thread.join(60)

    ended = []
    yield go_on
    for _ in range(3):
        may_go.release()
    thread.join(60)


@pytest.fixture
def vidnas(capsys):
    """Runs a command; gives exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run

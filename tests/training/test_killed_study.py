"""A study of real trainings whose process is killed at writes of states."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vidnas.study import load_history

pytestmark = [pytest.mark.keras, pytest.mark.real]
HERE = Path(__file__).parent
SPACE = """
schema: vidnas.space/v1
name: small
clip: {frames: 4, resolution: 16}
stem: {width: 16}
stages:
  - {width: 16, depth: 1, stride: 2, kernel: [1x3x3, 3x3x3], expand: [1.0, 2.0]}
head: {width: 32, hidden: 32}
"""
EXPERIMENT = """
schema: vidnas.experiment/v1
name: small
space: space.yaml
clips: {folder: clips}
training:
  {epochs: 3, batch: 8, dropout: 0.3, mixup: 0.4, schedule: cosine_of_full}
rungs: {epochs: [1, 2], keep: 2, probe: 0, continue: true}
strategy: {name: random}
effort: {trials: 3}
seed: 3
"""
# What went by in another way may take another time and memory.
LEARNED = ("top1", "top5", "loss", "map", "macro_f1", "balanced_accuracy")


def run(folder: Path, name: str, write: int = 0) -> int:
    experiment = folder / "experiment.yaml"
    return subprocess.run(
        [
            sys.executable,
            HERE / "killed_study.py",
            experiment,
            folder / name,
            str(write),
        ],
        env={**os.environ, "VIDNAS_NODE_FOLDER": "off"},
        check=False,
    ).returncode


def told(folder: Path) -> list[tuple[object, ...]]:
    history = load_history(folder)
    return [
        (
            t.number,
            t.arch_id,
            str(t.fidelity),
            t.seed,
            t.state,
            t.continued_from,
            *(t.measured[name] for name in LEARNED),
        )
        for t in history.trials
    ]


def test_a_study_killed_at_writes_of_states_ends_as_if_it_were_not(tmp_path):
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "experiment.yaml").write_text(EXPERIMENT)
    assert run(tmp_path, "unbroken") == 0
    for write in (2, 1, 1):
        assert run(tmp_path, "killed", write) == -signal.SIGKILL
    assert run(tmp_path, "killed") == 0
    unbroken, killed = (load_history(tmp_path / n) for n in ("unbroken", "killed"))
    assert told(unbroken.folder) == told(killed.folder)
    assert unbroken.curves == killed.curves
    assert any(t.continued_from is not None for t in killed.trials)
    front = [f"{t.number:05d}" for t in unbroken.front().trials]
    assert front
    for name in front:
        weights = [
            (tmp_path / study / "checkpoints" / name / "weights.npz").read_bytes()
            for study in ("unbroken", "killed")
        ]
        assert weights[0] == weights[1]

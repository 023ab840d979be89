"""A real search that must fit into little memory: Ray, TensorFlow, real clips."""

import os
import subprocess
import sys

import pytest

from vidnas.budgets.memory_margin import MARGIN
from vidnas.files.journal import read_journal
from vidnas.study import load_history
from vidnas.study.memory_record import study_pairs

LIMIT = 32 * 2**20
pytestmark = [pytest.mark.slow, pytest.mark.keras, pytest.mark.real]

SPACE = """
schema: vidnas.space/v1
name: memory
clip: {frames: 4, resolution: [16, 32]}
stem: {width: 16}
stages:
  - width: {base: 16, multiplier: [1.0, 2.0, 4.0]}
    depth: [1, 2, 3]
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [2.0, 4.0]
head: {width: 32, hidden: 32}
"""

# More FLOPs, more accuracy: what is asked here is what trainings take, and the family
# should not hang on four epochs of luck.
DRIVER = """
import math, sys
from functools import partial
from pathlib import Path

from vidnas.cli import study_run
from vidnas.cli.main import main
from vidnas.budgets import memory_margin
from vidnas.costs import cost
from vidnas.training.worker import train_in_group

memory_margin.PRIOR = float(sys.argv[1])


def trained(architecture, *, group, watch, **rest):
    measured = train_in_group(architecture, group=group, watch=watch, **rest)
    flops = cost(architecture, classes=8).flops
    return {**measured, "top1": 90 * (1 - math.exp(-flops / 2e6))}


study_run.train_in_group = trained
sys.exit(main(["search", "experiment.yaml"]))
"""


def test_a_search_keeps_within_little_memory_and_ends_in_a_family(folder):
    text = (folder / "experiment.yaml").read_text()
    text = text.replace("budgets: {flops: 2 M}\n", "")
    text = text.replace("flops: 2 M, top1: 0", "flops: 9 M, top1: 0")
    text = text.replace("{trials: 4}", "{trials: 6}")
    text = text.replace("seed: 1", "seed: 7")
    text = text.replace("batch: 8", "batch: 16")
    text = text.replace("{count: 2, cpus: 1}", "{count: 1, cpus: 2, memory: 32 MiB}")
    (folder / "experiment.yaml").write_text(text)
    (folder / "space.yaml").write_text(SPACE)
    (folder / "driver.py").write_text(DRIVER)
    # Predictions are taken to be half of what they are: some candidates will not fit.
    done = subprocess.run(
        [sys.executable, "driver.py", "0.5"],
        cwd=folder,
        env={**os.environ, "RAY_AUTH_MODE": "disabled"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "(workers.memory): " in done.stderr
    assert "by workers.memory" in done.stdout

    study = folder / "runs" / "small"
    history = load_history(study)
    assert [trial.state for trial in history.trials] == ["done"] * 6
    # It was predicted to take more than there is, and taken to take half of that.
    first = history.trials[0]
    assert first.costs["training_bytes"] > LIMIT
    assert first.measured["micro_batch"] < 16
    assert first.measured["retries"] >= 1
    for trial in history.trials:
        assert trial.measured["peak_bytes"] <= LIMIT
    journal = read_journal(study / "journal.jsonl")
    causes = {r["cause"] for r in journal if r["event"] == "retried"}
    assert causes <= {"memory", "killed"}
    # The first trial tells how far off predictions are: the next ones all fit.
    corrected = LIMIT / (MARGIN * study_pairs(history)[0].ratio)
    assert all(t.costs["training_bytes"] <= corrected for t in history.trials[1:])
    # What is refused has no record, so it took no worker's time.
    assert history.refused["workers.memory"] > 0
    assert sum(r["event"] == "started" for r in journal) == 6

    files = sorted(path.name for path in (study / "family").glob("*.yaml"))
    assert files == [f"a{n}.yaml" for n in range(6)]

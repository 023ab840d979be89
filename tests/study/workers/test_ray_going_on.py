"""Trials of real Ray workers go on after the death of a worker and of the driver."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from vidnas.study import load_history

pytestmark = [pytest.mark.real]
EPOCHS = 24  # of half a second: a worker outlives its driver by some of them

DRIVER = """
import os, sys, time
from pathlib import Path

import numpy as np

from vidnas.study import Dataset, Study, load_experiment
from vidnas.study.workers.ray_tune import RayTune

folder = Path(sys.argv[1])


def evaluate(architecture, *, dataset, recipe, fidelity, seed, watch):
    kept = watch.kept()
    total, done = (float(kept.state["total"]), kept.epoch) if kept else (0.0, 0)
    for epoch in range(done, fidelity.epochs):
        time.sleep(0.5)
        total += (seed + epoch) % 17
        watch.keep(epoch + 1, {"total": np.array(total)})
        with (Path(dataset) / "trained.txt").open("a") as file:
            file.write(f"{os.getpid()} {epoch + 1}\\n")
    return {"top1": total / 100, "val_clips": 10.0, "resumed_epochs": float(done)}


dataset = Dataset(str(folder), ("left", "right"), 20, 10)
experiment = load_experiment(folder / "experiment.yaml")
with Study(experiment, dataset, folder / "run") as study:
    study.run(RayTune(1, gpus=0.0), evaluate, lambda trial: None)
"""


def start(folder: Path) -> subprocess.Popen:
    (folder / "driver.py").write_text(textwrap.dedent(DRIVER))
    with (folder / "stderr.txt").open("a") as errors:
        return subprocess.Popen(
            [sys.executable, str(folder / "driver.py"), str(folder)],
            env={**os.environ, "RAY_AUTH_MODE": "disabled"},
            stderr=errors,
        )


def trained(folder: Path) -> list[tuple[int, int]]:
    """Process and number of every epoch, in order."""
    path = folder / "trained.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(pid), int(epoch)) for pid, epoch in (line.split() for line in lines)]


def wait_for_epoch(folder: Path, epoch: int, driver: subprocess.Popen) -> int:
    """The process that has trained an epoch, once it has."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for pid, number in trained(folder):
            if number == epoch:
                return pid
        assert driver.poll() is None, (folder / "stderr.txt").read_text()[-2000:]
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def test_a_trial_goes_on_after_the_death_of_worker_and_driver(experiment_file):
    folder = experiment_file.parent
    text = experiment_file.read_text().replace("epochs: 2", f"epochs: {EPOCHS}")
    experiment_file.write_text(text.replace("trials: 10", "trials: 1"))
    with start(folder) as driver:
        os.kill(wait_for_epoch(folder, 2, driver), signal.SIGKILL)
        worker = wait_for_epoch(folder, 5, driver)
        driver.kill()
    until = time.monotonic() + 90
    while Path(f"/proc/{worker}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    with start(folder) as driver:
        assert driver.wait(timeout=240) == 0, (folder / "stderr.txt").read_text()
    (trial,) = load_history(folder / "run").trials
    assert trial.state == "done"
    total = sum((trial.seed + epoch) % 17 for epoch in range(EPOCHS))
    assert trial.measured["top1"] == total / 100
    assert trial.measured["resumed_epochs"] >= 4
    # At most the epoch that was running, and one not yet written, are trained again.
    epochs = [number for _, number in trained(folder)]
    assert set(epochs) == set(range(1, EPOCHS + 1))
    assert len(epochs) <= EPOCHS + 2 * 2
    assert len({pid for pid, _ in trained(folder)}) == 3

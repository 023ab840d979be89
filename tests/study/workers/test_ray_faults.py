"""Workers that hang, stop and die, in two groups of a real Ray."""

import os
import re
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from vidnas.files.journal import read_journal
from vidnas.study import load_history

pytestmark = [pytest.mark.slow, pytest.mark.real]

DRIVER = """
import os, signal, sys, time
from dataclasses import replace
from pathlib import Path

from vidnas.study import Dataset, Study, load_experiment
from vidnas.study.experiment.workers import WorkerGroup, Workers
from vidnas.study.workers.ray_tune import RayTune

folder = Path(sys.argv[1])
FAULTS = {2: "stop", 3: "hang", 4: "die", 5: "notice", 6: "long"}


def evaluate(architecture, *, dataset, recipe, fidelity, seed, watch, group):
    seeds = (Path(dataset) / "seeds.txt").read_text().split()
    fault = FAULTS.get(seeds.index(str(seed)) if str(seed) in seeds else None)
    with (Path(dataset) / "trained.txt").open("a") as file:
        file.write(f"{group} {fault} {os.getpid()} {time.time()}\\n")
    watch.step()
    watch.epoch(1, {"loss": 1.0})
    if fault == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if fault == "hang":
        time.sleep(3600)
    if fault == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "notice" and not (Path(dataset) / "noticed").exists():
        (Path(dataset) / "noticed").touch()
        os.kill(os.getpid(), signal.SIGTERM)
        fault = "long"
    until = time.time() + (3600 if fault == "long" else 0.5)
    while time.time() < until:
        time.sleep(0.05)
        watch.step()
    return {"top1": 50.0 + seed % 40, "val_clips": 10.0}


dataset = Dataset(str(folder), ("left", "right"), 20, 10)
experiment = load_experiment(folder / "experiment.yaml")
groups = (WorkerGroup("first", 1, resources={"here": 1}), WorkerGroup("second", 1))
workers = Workers(groups, trial_hours=30 / 3600, stalled_minutes=0.15)
with Study(replace(experiment, workers=workers), dataset, folder / "run") as study:
    study.run(RayTune(workers), evaluate, lambda trial: None)
"""


def test_each_fault_ends_its_own_trial_only(experiment_file):
    folder = experiment_file.parent
    from vidnas.study import load_experiment
    from vidnas.study.run.next_trial import _trial_seed

    seed = load_experiment(experiment_file).seed
    seeds = [str(_trial_seed(seed, number)) for number in range(10)]
    (folder / "seeds.txt").write_text(" ".join(seeds))
    driver = folder / "driver.py"
    driver.write_text(textwrap.dedent(DRIVER))
    ended = subprocess.run(
        [sys.executable, str(driver), str(folder)],
        env={**os.environ, "RAY_AUTH_MODE": "disabled"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    history = load_history(folder / "run")
    failed = {t.number: t.reason for t in history.trials if t.state == "failed"}
    assert failed == {
        2: "no step for 0.15 min, stalled",
        3: "no step for 0.15 min, stalled",
        4: "the worker died 3 times: the worker was killed",
        6: "longer than 0.00833333 h, timed out",
    }
    assert sum(trial.state == "done" for trial in history.trials) == 6
    records = read_journal(folder / "run" / "journal.jsonl")
    (notice,) = (r for r in records if r["event"] == "interrupted")
    assert (notice["trial"], notice["cause"]) == (5, "preempted")
    lines = [line.split() for line in (folder / "trained.txt").read_text().splitlines()]
    assert Counter(line[1] for line in lines) == {
        "None": 5,
        "stop": 1,
        "hang": 1,
        "die": 3,
        "notice": 2,
        "long": 1,
    }
    assert {line[0] for line in lines} == {"first", "second"}
    # A worker is heard of before it trains, though it may stop or die at once.
    placed = [r["trial"] for r in records if r["event"] == "placed"]
    assert Counter(placed) == {**dict.fromkeys(range(10), 1), 4: 3, 5: 2}
    for process in {int(line[2]) for line in lines}:
        assert not Path(f"/proc/{process}").exists() or re.search(
            r"State:\s+Z", Path(f"/proc/{process}/status").read_text()
        )

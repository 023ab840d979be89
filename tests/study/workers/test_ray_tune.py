"""Real Ray workers, real SIGKILLs; only the training is a stand-in."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest

from vidnas.files.journal import read_journal
from vidnas.study import load_history

pytestmark = pytest.mark.slow

DRIVER = """
import os, sys, time
from pathlib import Path

from vidnas.errors import ClipError
from vidnas.study import load_experiment
from vidnas.study.workers.ray_tune import RayTune
from vidnas.study import Dataset, Study

folder = Path(sys.argv[1])
address = sys.argv[2] if len(sys.argv) > 2 else None


def is_head():
    import ray

    here = ray.get_runtime_context().get_node_id()
    (node,) = (node for node in ray.nodes() if node["NodeID"] == here)
    return "node:__internal_head__" in node["Resources"]


def begun_by():
    lines = (folder / "trained.txt").read_text().splitlines()
    return len({line.split()[2] for line in lines})


def evaluate(architecture, *, dataset, recipe, fidelity, seed):
    def leave(event):
        with (Path(dataset) / "trained.txt").open("a") as file:
            line = [event, architecture.arch_id, os.getpid(), time.time()]
            file.write(" ".join(map(str, line)) + "\\n")

    leave("begin")
    if (Path(dataset) / "head_has_no_clips").exists() and is_head():
        raise ClipError("The clip folder must exist, found nothing there: clips.")
    until = time.time() + 30
    while begun_by() < 2 and time.time() < until:  # nobody trains before both are there
        time.sleep(0.05)
    time.sleep(0.7)
    leave("end")
    return {"top1": 50.0 + seed % 40, "val_clips": 10.0}


dataset = Dataset(str(folder), ("left", "right"), 20, 10)
experiment = load_experiment(folder / "experiment.yaml")
workers = RayTune(2, gpus=experiment.workers.groups[0].gpus, address=address)
with Study(experiment, dataset, folder / "run") as study:
    study.run(workers, evaluate, lambda trial: None)
"""


def start(folder: Path, *arguments: str) -> subprocess.Popen:
    driver = folder / "driver.py"
    driver.write_text(textwrap.dedent(DRIVER))
    with (folder / "stderr.txt").open("a") as errors:
        return subprocess.Popen(
            [sys.executable, str(driver), str(folder), *arguments],
            env={**os.environ, "RAY_AUTH_MODE": "disabled"},
            stderr=errors,
        )


def trained(folder: Path) -> list[list[str]]:
    """`[event, arch_id, pid, time]` of all that the workers did."""
    path = folder / "trained.txt"
    return (
        [line.split() for line in path.read_text().splitlines()]
        if (path.exists())
        else []
    )


def wait_until(condition, process: subprocess.Popen, seconds: float = 150.0):
    """The first true value of `condition`, while the driver lives."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        assert process.poll() is None, "the driver ended early"
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def records(folder: Path, event: str) -> list[dict]:
    path = folder / "run" / "journal.jsonl"
    return (
        [r for r in read_journal(path) if r["event"] == event]
        if (path.exists())
        else []
    )


def just_begun(folder: Path) -> list[str]:
    """The last line of the workers, if a trial began there and some have ended."""
    lines = trained(folder)
    return lines[-1] if len(lines) > 4 and lines[-1][0] == "begin" else []


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_trial_whose_worker_is_killed_is_trained_again(experiment_file):
    folder = experiment_file.parent
    with start(folder) as driver:
        # Kill a worker in the middle of a trial, once others have ended.
        victim = wait_until(lambda: just_begun(folder), driver)
        os.kill(int(victim[2]), signal.SIGKILL)
        assert driver.wait(timeout=240) == 0, (folder / "stderr.txt").read_text()[
            -2000:
        ]

    history = load_history(folder / "run")
    assert [trial.state for trial in history.trials] == ["done"] * 10
    logs = {one["process"]: Path(one["log"]) for one in records(folder, "placed")}
    assert all(log.stem.endswith(f"-{pid}") for pid, log in logs.items())
    assert all(log.is_file() for log in logs.values())
    again = [trial for trial in history.trials if "retries" in trial.measured]
    assert [trial.arch_id for trial in again] == [victim[1]]
    assert again[0].measured["retries"] == 1
    retried = records(folder, "retried")
    assert [record["reason"] for record in retried] == [
        "the worker was killed; tried again"
    ]

    # Two workers trained side by side, warm from trial to trial.
    ends = Counter(line[2] for line in trained(folder) if line[0] == "end")
    assert len({line[2] for line in trained(folder)}) >= 2
    assert max(ends.values()) > 2
    spans = {}
    for event, arch_id, _, moment in trained(folder):
        spans.setdefault(arch_id, {})[event] = float(moment)
    whole = [span for span in spans.values() if "end" in span]
    assert any(
        a is not b and a["begin"] < b["begin"] < a["end"] for a in whole for b in whole
    )


def test_a_killed_driver_loses_no_finished_trial_and_repeats_none(experiment_file):
    folder = experiment_file.parent
    experiment_file.write_text(experiment_file.read_text() + "baselines: [x3d-xs]\n")
    with start(folder) as driver:
        wait_until(lambda: len(records(folder, "done")) >= 3, driver)
        driver.kill()
    workers = {int(line[2]) for line in trained(folder)}
    until = time.monotonic() + 90
    while any(alive(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(alive(pid) for pid in workers), "workers outlived their driver"
    kept = {record["trial"] for record in records(folder, "done")}
    # What a crash in the middle of a write would have left behind.
    with (folder / "run" / "journal.jsonl").open("a") as file:
        file.write('{"event":"done","trial":9,"measured":{"top1":99')

    with start(folder) as driver:
        assert driver.wait(timeout=240) == 0, (folder / "stderr.txt").read_text()
    history = load_history(folder / "run")
    assert [trial.state for trial in history.trials] == ["done"] * 10
    assert all(trial.value("top1") < 99 for trial in history.trials)
    begun = Counter(line[1] for line in trained(folder) if line[0] == "begin")
    everything = {t.number: t for t in (*history.trials, *history.baselines)}
    assert all(begun[everything[number].arch_id] == 1 for number in kept)
    done = [record["trial"] for record in records(folder, "done")]
    assert sorted(done) == list(range(-1, 10))


def test_gpus_that_the_machine_lacks_are_named(experiment_file):
    folder = experiment_file.parent
    text = experiment_file.read_text()
    experiment_file.write_text(text.replace("cpus: 1}", "cpus: 1, gpus: 99}"))
    with start(folder) as driver:
        assert driver.wait(timeout=120) == 1
    last = (folder / "stderr.txt").read_text().splitlines()[-1]
    says = r"`workers\.gpus` must be at most the \d+ GPUs of this machine, got 99\."
    assert re.search(says, last)


CLUSTER = """
import subprocess, sys
from ray.cluster_utils import Cluster

cluster = Cluster(head_node_args={"num_cpus": 1}, initialize_head=True)
cluster.add_node(num_cpus=1)
try:
    command = [sys.executable, sys.argv[1], sys.argv[2], cluster.address]
    code = subprocess.run(command, timeout=240).returncode
finally:
    cluster.shutdown()
sys.exit(code)
"""


def test_of_two_nodes_the_one_without_clips_fails_no_trial(experiment_file):
    folder = experiment_file.parent
    (folder / "head_has_no_clips").touch()
    (folder / "driver.py").write_text(textwrap.dedent(DRIVER))
    (folder / "cluster.py").write_text(textwrap.dedent(CLUSTER))
    ended = subprocess.run(
        [sys.executable, "cluster.py", "driver.py", str(folder)],
        cwd=folder,
        env={**os.environ, "RAY_AUTH_MODE": "disabled"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    history = load_history(folder / "run")
    assert [trial.state for trial in history.trials] == ["done"] * 10
    # One core a node, so both were used, and the head was soon avoided.
    broken = records(folder, "interrupted")
    assert 1 <= len(broken) <= 4
    assert all("ClipError: The clip folder" in record["reason"] for record in broken)
    assert not records(folder, "failed")


def test_an_address_without_a_cluster_is_named(experiment_file):
    folder = experiment_file.parent
    with start(folder, "127.0.0.1:1") as driver:
        assert driver.wait(timeout=60) == 1
    last = (folder / "stderr.txt").read_text().splitlines()[-1]
    assert "`--address` must be a running Ray cluster, 127.0.0.1:1 does not" in last


def test_another_ray_on_this_machine_is_left_alone(monkeypatch):
    from vidnas.study.workers import ray_session

    asked = {}
    ray = ray_session.ray
    monkeypatch.setattr(ray, "init", lambda **options: asked.update(options))
    monkeypatch.setattr(ray, "cluster_resources", dict)
    monkeypatch.setattr(ray_session, "machine_cores", lambda: 8)
    with ray_session.Session({"": ray_session.Needs(1, 0.0, None, count=2)}, None):
        pass
    # Ray would join one that it finds, and refuse to be told its size.
    assert (asked["address"], asked["num_cpus"]) == ("local", 2)

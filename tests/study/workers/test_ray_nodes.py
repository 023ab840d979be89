"""A search on nodes of a real Ray that are killed, drained and join half-way."""

from collections import Counter

import pytest

from vidnas.files.journal import read_journal
from vidnas.study import load_history

pytestmark = [pytest.mark.slow, pytest.mark.real]

DRIVER = """
import os, sys, time
from pathlib import Path

import numpy as np

from vidnas.study import Dataset, Study, load_experiment
from vidnas.study.workers.ray_tune import RayTune

folder = Path(sys.argv[1])


def evaluate(architecture, *, dataset, recipe, fidelity, seed, watch):
    kept = watch.kept()
    done = kept.epoch if kept else 0
    trained, until = Path(dataset) / "trained.txt", time.monotonic() + 40
    with trained.open("a") as file:
        file.write(f"{seed} {done} {os.getpid()}\\n")
    lines = trained.read_text().splitlines()
    # A node that joins on a busy machine takes its time; the last trials wait for it.
    while len(lines) > 24 and time.monotonic() < until:
        time.sleep(0.2)
        lines = trained.read_text().splitlines()
        if len({line.split()[2] for line in lines}) > 2:
            break
    for epoch in range(done + 1, fidelity.epochs + 1):
        time.sleep(0.4)
        watch.step()
        watch.epoch(epoch, {"loss": 1.0 / epoch})
        watch.keep(epoch, {"weights": np.full(3, epoch)})
    return {"top1": 50.0 + seed % 40, "val_clips": 10.0}


dataset = Dataset(str(folder), ("left", "right"), 20, 10)
experiment = load_experiment(folder / "experiment.yaml")
with Study(experiment, dataset, folder / "run") as study:
    study.run(RayTune(2, address=sys.argv[2]), evaluate, lambda trial: None)
"""

CLUSTER = """
cluster = Cluster(head_node_args={"num_cpus": 1}, initialize_head=True)
second = cluster.add_node(num_cpus=1)
command = [sys.executable, str(folder / "driver.py"), str(folder), cluster.address]
driver = subprocess.Popen(command)



try:
    wait_for(3)
    cluster.remove_node(second, allow_graceful=False)
    wait_for(5)
    cluster.add_node(num_cpus=1)
    code = driver.wait(timeout=200)
finally:
    cluster.shutdown()
sys.exit(code)
"""


def test_a_node_is_lost_and_another_joins_and_nothing_is_lost_or_repeated(
    experiment_file, on_cluster
):
    folder = experiment_file.parent
    text = experiment_file.read_text().replace("trials: 10", "trials: 30")
    experiment_file.write_text(text.replace("epochs: 2", "epochs: 6"))
    ended = on_cluster(DRIVER, CLUSTER)
    assert ended.returncode == 0, ended.stderr[-2000:]
    history = load_history(folder / "run")
    assert [trial.state for trial in history.trials] == ["done"] * 30
    records = read_journal(folder / "run" / "journal.jsonl")
    done = Counter(r["trial"] for r in records if r["event"] == "done")
    assert set(done.values()) == {1}
    lines = [line.split() for line in (folder / "trained.txt").read_text().splitlines()]
    begun = Counter(seed for seed, _, _ in lines)
    seeds = {str(trial.seed): trial.number for trial in history.trials}
    interrupted = {r["trial"] for r in records if r["event"] == "interrupted"}
    assert {seeds[seed] for seed, times in begun.items() if times > 1} == interrupted
    # What was interrupted goes on from its last whole state, one epoch back at most.
    epochs = {(r["trial"], r["epoch"]) for r in records if r["event"] == "epoch"}
    assert epochs == {(number, epoch) for number in range(30) for epoch in range(1, 7)}
    assert len({process for _, _, process in lines}) == 3  # the third node worked too


TAKEN_AWAY = """
cluster = Cluster(head_node_args={"num_cpus": 0}, initialize_head=True)
node = cluster.add_node(num_cpus=1)
command = [sys.executable, str(folder / "driver.py"), str(folder), cluster.address]
driver = subprocess.Popen(command)



def drain(node):
    reason = "DRAIN_NODE_REASON_PREEMPTION"
    ray = Path(sys.executable).with_name("ray")
    subprocess.run(
        [ray, "drain-node", "--address", cluster.address, "--node-id", node.node_id,
         "--reason", reason, "--reason-message", "spot",
         "--deadline-remaining-seconds", "600"],
        check=True,
    )


try:
    for tries in (1, 2, 3):
        wait_for(tries, "trained.txt", "\\n")
        time.sleep(0.6)
        cluster.remove_node(node, allow_graceful=False)
        node = cluster.add_node(num_cpus=1)
    wait_for(4, "trained.txt", "\\n")
    drain(node)
    last = cluster.add_node(num_cpus=1)
    code = driver.wait(timeout=200)
finally:
    driver.kill()
    cluster.shutdown()
sys.exit(code)
"""


def test_a_trial_whose_nodes_are_taken_away_again_and_again_goes_on(
    experiment_file, on_cluster
):
    folder = experiment_file.parent
    text = experiment_file.read_text().replace("trials: 10", "trials: 1")
    experiment_file.write_text(text.replace("epochs: 2", "epochs: 20"))
    ended = on_cluster(DRIVER, TAKEN_AWAY)
    assert ended.returncode == 0, ended.stderr[-2000:]
    (trial,) = load_history(folder / "run").trials
    assert trial.state == "done"
    assert "retries" not in trial.measured
    records = read_journal(folder / "run" / "journal.jsonl")
    broken = [r["reason"] for r in records if r["event"] == "interrupted"]
    assert [reason.split(" on ")[0].split(";")[0] for reason in broken] == [
        "its node was lost",
        "its node was lost",
        "its node was lost",
        "its node is drained",
    ]
    lines = [line.split() for line in (folder / "trained.txt").read_text().splitlines()]
    begun = [int(epoch) for _, epoch, _ in lines]
    assert begun == sorted(begun)  # each try goes on from what the last one kept
    assert begun[-1] > 0
    assert len({process for _, _, process in lines}) == 5

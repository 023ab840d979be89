"""A real cluster whose head pauses, is restarted, or goes with its whole machine."""

from collections import Counter

import pytest

from vidnas.files.journal import read_journal
from vidnas.study import load_history

pytestmark = [pytest.mark.slow, pytest.mark.real]

DRIVER = """
import sys, time
from pathlib import Path

import numpy as np

from vidnas.errors import VidnasError
from vidnas.study import Dataset, Study, load_experiment
from vidnas.study.workers.ray_tune import RayTune

# isort: split
from ray._private import services

folder = Path(sys.argv[1])
found = services.get_node_to_connect_for_driver
services.get_node_to_connect_for_driver = lambda client, **stated: found(
    client, **{**stated, "node_name": sys.argv[3]}
)


def evaluate(architecture, *, dataset, recipe, fidelity, seed, watch):
    kept = watch.kept()
    for epoch in range((kept.epoch if kept else 0) + 1, fidelity.epochs + 1):
        time.sleep(0.3)
        watch.step()
        watch.keep(epoch, {"weights": np.full(3, epoch)})
    with (Path(dataset) / "trained.txt").open("a") as file:
        file.write(f"{seed}\\n")
    return {"top1": 50.0 + seed % 40, "val_clips": 10.0}


dataset = Dataset(str(folder), ("left", "right"), 20, 10)
experiment = load_experiment(folder / "experiment.yaml")
try:
    with Study(experiment, dataset, folder / "run") as study:
        study.run(RayTune(1, address=sys.argv[2]), evaluate, lambda trial: None)
except VidnasError as wrong:
    print(f"error: {wrong}", file=sys.stderr)
    sys.exit(1)
"""

CLUSTER = """
place, fault = sys.argv[2], sys.argv[3]
cluster = Cluster()
first = cluster.add_node(num_cpus=0, node_name="first")
second = cluster.add_node(num_cpus=1, node_name="second")
command = [sys.executable, "driver.py", str(folder), cluster.address, place]
driver = subprocess.Popen(command, cwd=folder)



try:
    if fault != "none":
        wait_for(1)
    if fault == "restart":
        process = first.all_processes["gcs_server"][0].process
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(6)
        os.kill(process.pid, signal.SIGCONT)
        wait_for(3)
        first.kill_gcs_server(check_alive=False)
        time.sleep(2)
        first.start_gcs_server()
    elif fault == "machine":
        first.kill_all_processes(check_alive=False, allow_graceful=False)
    began = time.monotonic()
    code = driver.wait(timeout=240)
    print(f"ended after {time.monotonic() - began:.1f} s")
finally:
    driver.kill()
    for node in (second, first):
        node.kill_all_processes(check_alive=False, allow_graceful=False)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("place", "fault", "why"),
    [
        ("second", "restart", "it was restarted and knows no worker of before"),
        ("first", "machine", "it has not answered for 3"),
    ],
)
def test_a_lost_head_ends_the_search_with_one_line_and_the_next_goes_on(
    experiment_file, on_cluster, place, fault, why
):
    folder = experiment_file.parent
    text = experiment_file.read_text().replace("trials: 10", "trials: 8")
    experiment_file.write_text(text.replace("epochs: 2", "epochs: 5"))
    ended = on_cluster(DRIVER, CLUSTER, place, fault, seconds=300)
    assert ended.returncode == 1, ended.stderr[-2000:]
    lines = [s for s in ended.stderr.splitlines() if s.startswith("error: ")]
    assert len(lines) == 1, ended.stderr[-4000:]
    (line,) = lines
    assert f"must stay up, {why}" in line
    assert line.endswith("the same command goes on once a cluster is up.")
    assert "Check failed" not in ended.stderr
    journal = folder / "run" / "journal.jsonl"
    before = [r["trial"] for r in read_journal(journal) if r["event"] == "done"]
    assert before
    assert read_journal(journal)[-1]["event"] == "left"
    ended = on_cluster(DRIVER, CLUSTER, place, "none", seconds=300)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert [t.state for t in load_history(folder / "run").trials] == ["done"] * 8
    records = read_journal(journal)
    done = Counter(r["trial"] for r in records if r["event"] == "done")
    assert set(done.values()) == {1}
    assert not [r for r in records if r["event"] in ("retried", "failed")]

"""A trial as a worker receives it; a cluster of this machine to run a driver on."""

import os
import subprocess
import sys
import textwrap

import pytest

from vidnas.study.workers.assignment import Assignment
from vidnas.trials import Fidelity, Recipe


@pytest.fixture
def assignment(small, tmp_path):
    return Assignment(
        number=3,
        architecture=small,
        fidelity=Fidelity(4),
        recipe=Recipe(),
        dataset="clips",
        seed=7,
        outbox="outbox",
        checkpoint=str(tmp_path / "00003"),
        study="0123456789abcdef",
    )


# What a script begins with that makes a cluster and starts `driver` on it.
BEGINS = """
import os, signal, subprocess, sys, time
from pathlib import Path

from ray.cluster_utils import Cluster

folder = Path(sys.argv[1])


def wait_for(count, name="run/journal.jsonl", text='"event":"done"'):
    path = folder / name
    while driver.poll() is None:
        if path.exists() and path.read_text().count(text) >= count:
            return
        time.sleep(0.05)
"""


@pytest.fixture
def on_cluster(experiment_file):
    """Runs scripts as `driver.py` and `cluster.py`, which has `folder`, `wait_for`."""
    folder = experiment_file.parent

    def run(driver, cluster, *words, seconds=300):
        (folder / "driver.py").write_text(textwrap.dedent(driver))
        (folder / "cluster.py").write_text(BEGINS + textwrap.dedent(cluster))
        return subprocess.run(
            [sys.executable, "cluster.py", str(folder), *words],
            cwd=folder,
            env={**os.environ, "RAY_AUTH_MODE": "disabled"},
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    return run

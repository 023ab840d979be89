"""A study sent to a real job server, and a doctor on a real cluster."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real]
ROOT = Path(__file__).parents[2]
TOKEN = "ab" * 32


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def head(tmp_path_factory):
    """A head with a job server on loopback, behind a token; it ends by its process."""
    pytest.importorskip("aiohttp", reason="`ray[default]` is not installed")
    programs = tmp_path_factory.mktemp("bin")
    vidnas = programs / "vidnas"
    vidnas.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vidnas "$@"\n')
    vidnas.chmod(0o755)
    scratch = Path(tempfile.mkdtemp(prefix="vn-", dir="/tmp"))  # sockets: short paths
    board, port = free_port(), free_port()
    environment = {
        **os.environ,
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
        ),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    words = ["start", "--head", "--block", "--node-ip-address=127.0.0.1"]
    words += [f"--port={port}", f"--dashboard-port={board}", f"--temp-dir={scratch}"]
    words += ["--dashboard-host=127.0.0.1", "--num-cpus=2", "--num-gpus=0"]
    words += ["--object-store-memory=134217728", "--memory=8000000000"]
    words += ["--min-worker-port=20100", "--max-worker-port=20400"]
    words += [f"--dashboard-agent-listen-port={free_port()}"]
    command = [sys.executable, "-m", "ray.scripts.scripts", *words]
    with (scratch / "log").open("wb") as log:
        ray = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield environment, f"http://127.0.0.1:{board}", f"127.0.0.1:{port}"
        finally:
            ray.terminate()  # `--block` ends what it started
            ray.wait(timeout=60)
    shutil.rmtree(scratch, ignore_errors=True)


def typed(environment, folder, *words, timeout=400):
    return subprocess.run(
        [sys.executable, "-m", "vidnas", *map(str, words)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def wait_for(environment, url, folder):
    for _ in range(60):
        told = typed(environment, folder, "doctor", "--address", url, "--json")
        checks = json.loads(told.stdout)["checks"]
        (ray,) = (c for c in checks if c["name"] == "Ray")
        if ray["verdict"] == "ok":
            return
    raise AssertionError(ray)


def test_a_study_is_sent_found_stopped_and_gone_on_with(head, folder):
    environment, url, _ = head
    wait_for(environment, url, folder)
    send = ("submit", "ray", "experiment.yaml", "--address", url)

    # Nobody without the token, and nobody with another.
    for token, says in (("", "it wants a token"), ("cd" * 32, "its token is another")):
        other = {**environment, "RAY_AUTH_TOKEN": token, "HOME": str(folder)}
        told = typed(other, folder, *send)
        assert told.returncode == 2
        assert says in told.stderr
        assert len(told.stderr.splitlines()) == 1

    # Sent twice, and there is one; stopped as by Ctrl-C, and gone on with to the end.
    first = typed(environment, folder, *send, "--no-follow", "--json")
    again = typed(environment, folder, *send, "--no-follow", "--json")
    assert json.loads(first.stdout)["id"] == json.loads(again.stdout)["id"]
    assert "runs already" in again.stderr
    stopped = typed(environment, folder, *send, "--stop", "--json")
    assert json.loads(stopped.stdout)["status"] == "STOPPED"
    whole = typed(environment, folder, *send, "--trials", "2", "--json")
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)["status"] == "SUCCEEDED"
    assert json.loads(whole.stdout)["id"].endswith("-2")
    assert (folder / "runs" / "small" / "report.html").is_file()
    status = typed(environment, folder, *send, "--status", "--json")
    states = [one["status"] for one in json.loads(status.stdout)["jobs"]]
    assert states == ["STOPPED", "SUCCEEDED"]


def test_a_doctor_finds_what_is_planted_on_a_real_node(head, folder):
    environment, url, address = head
    wait_for(environment, url, folder)
    sound = typed(
        environment, folder, "doctor", "experiment.yaml", "--address", address
    )
    assert sound.returncode == 0, sound.stdout + sound.stderr
    (folder / "experiment.yaml").write_text(
        (folder / "experiment.yaml")
        .read_text()
        .replace("count: 2, cpus: 1", "count: 1, cpus: 1, memory: 900 GiB")
    )
    (folder / "closed").write_text("a file where a folder must be")
    words = ("doctor", "experiment.yaml", "--study", "closed/x", "--json")
    told = typed(environment, folder, *words, "--address", address)
    failed = {
        c["name"] for c in json.loads(told.stdout)["checks"] if c["verdict"] == "fail"
    }
    assert told.returncode == 1
    assert failed == {"memory", "study folder"}
    other = {**environment, "RAY_AUTH_TOKEN": "cd" * 32}
    told = typed(other, folder, "doctor", "--address", address, "--json")
    assert told.returncode == 1
    assert any(
        c["name"] == "Ray" and c["verdict"] == "fail"
        for c in json.loads(told.stdout)["checks"]
    )

"""The whole way, nothing replaced: videos, Ray, TensorFlow, a SIGKILL, a family."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from vidnas.files.journal import read_journal
from vidnas.files.loading import load_architecture
from vidnas.study import load_history

pytestmark = [pytest.mark.slow, pytest.mark.keras]


def command(folder: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "vidnas", "search", "experiment.yaml", *arguments],
        cwd=folder,
        env={**os.environ, "RAY_AUTH_MODE": "disabled"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(folder: Path, *arguments: str) -> str:
    """What the command printed, once it has ended well."""
    with command(folder, *arguments) as search:
        out, err = search.communicate(timeout=240)
    assert search.returncode == 0, err[-3000:]
    return out


def events(folder: Path, name: str) -> list[int]:
    path = folder / "runs" / "small" / "journal.jsonl"
    records = read_journal(path) if path.exists() else []
    return [record["trial"] for record in records if record["event"] == name]


TINY = """
schema: vidnas.architecture/v1
clip: {frames: 2, resolution: 16, frame_stride: 1}
stem: {width: 8, kernel: 1x3x3, stride: 2}
stages: [{width: 8, layers: [{expand: 8, kernel: 3x3x3, stride: 2}]}]
head: {project: 16, hidden: 16}
"""


def test_a_search_survives_its_death_and_ends_in_a_family(folder):
    (folder / "tiny.yaml").write_text(TINY)
    with (folder / "experiment.yaml").open("a") as file:
        file.write("baselines: [tiny.yaml]\n")
    with command(folder) as search:
        until = time.monotonic() + 120
        while not events(folder, "done") and time.monotonic() < until:
            assert search.poll() is None, search.stderr.read()[-3000:]
            time.sleep(0.02)
        search.kill()
    kept = set(events(folder, "done"))
    assert kept

    out = finished(folder)
    history = load_history(folder / "runs" / "small")
    assert [trial.state for trial in history.trials] == ["done"] * 4
    started = Counter(events(folder, "started"))
    assert all(started[number] == 1 for number in kept)
    assert sorted(events(folder, "done")) == [-1, 0, 1, 2, 3]
    assert [t.baseline for t in history.baselines] == ["tiny"]
    assert history.baselines[0].measured["train_clips"] == 16
    for trial in history.trials:
        assert 0 <= trial.measured["top1"] <= trial.measured["top5"] <= 100
        assert trial.measured["peak_bytes"] > 0
        assert trial.measured["train_clips"] == 16

    assert "4 trials: 4 done, 0 failed" in out
    assert "baselines beside them: 1 done, 0 failed" in out
    for rung in history.family():
        path = folder / "runs" / "small" / "family" / f"{rung.name}.yaml"
        assert path.exists() == (rung.trial is not None)
        if rung.trial is not None:
            assert load_architecture(str(path)).arch_id == rung.trial.arch_id
    assert (folder / "runs" / "small" / "report.html").exists()

    # A finished study is extended by the same command with more trials.
    assert "5 trials: 5 done" in finished(folder, "--trials", "5")

"""A search over a folder of which a tenth is damaged, as somebody has it who types it.

Ten files of a hundred are broken, each in another way (`tests/clips/odd_files.py`).
"""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.real
PER_CLASS = 50
SPACE = """
schema: vidnas.space/v1
name: clips
clip: {frames: [4, 8], resolution: 16, fps: 8, channels: [1, 3]}
stem: {width: 8}
stages:
  - {width: 8, depth: [1, 2], stride: 2, kernel: 3x3x3, expand: 2}
head: {width: 16, hidden: 16}
"""
EXPERIMENT = """
schema: vidnas.experiment/v1
name: damaged
space: space.yaml
clips: {folder: videos}
training: {epochs: 1, batch: 8, learning_rate: 0.01}
budgets: {flops: 12 M}
strategy: random
effort: {trials: 3}
workers: {count: 1, cpus: 1}
front: {reference: {flops: 12 M, top1: 0}}
family: {ladder: spread}
seed: 7
"""


@pytest.fixture(scope="module")
def searched(tmp_path_factory, odd_files, root):
    """What was typed and answered; the files of the folder by what they still hold."""
    home = tmp_path_factory.mktemp("home")
    broken = odd_files.write_folder(home / "videos", per_class=PER_CLASS)
    (home / "space.yaml").write_text(SPACE, encoding="utf-8")
    (home / "experiment.yaml").write_text(EXPERIMENT, encoding="utf-8")

    def vidnas(*words):
        return subprocess.run(
            [sys.executable, "-m", "vidnas", *words],
            cwd=home,
            env=os.environ | {"PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=600,
        )

    study = home / "runs" / "damaged"
    search, check = (
        vidnas("search", "experiment.yaml"),
        vidnas("data", "check", "videos"),
    )
    journal = (study / "journal.jsonl").read_text(encoding="utf-8")
    return SimpleNamespace(
        search=search,
        check=check,
        records=[json.loads(line) for line in journal.splitlines()],
        page=(study / "report.html").read_text(encoding="utf-8"),
        again=vidnas("search", "experiment.yaml", "--trials", "4"),
        broken=broken,
    )


def test_a_search_over_them_ends_with_a_front_and_a_report(searched):
    assert searched.search.returncode == 0, searched.search.stderr
    events = [record["event"] for record in searched.records]
    assert events.count("done") == 3
    assert "failed" not in events
    assert "front (FLOPs are multiply-adds of one clip)" in searched.search.stdout
    assert searched.page.startswith("<!DOCTYPE html>")


def test_it_goes_on_over_the_same_clips(searched):
    assert searched.again.returncode == 0, searched.again.stderr
    assert "4 trials: 4 done, 0 failed" in searched.again.stdout


def test_what_has_no_picture_is_no_clip_of_the_study(searched, odd_files):
    clips = searched.records[0]["identity"]["clips"]
    lost = [d for d in searched.broken.values() if d.left == odd_files.NOTHING]
    assert clips["train"] + clips["val"] == 2 * PER_CLASS - len(lost) == 95
    assert f"{clips['train']} train, {clips['val']} val" in searched.search.stderr


def test_files_that_cannot_be_read_are_named_by_search_and_by_check(
    searched, odd_files
):
    assert searched.check.returncode == 0, searched.check.stderr
    names = [
        path.name
        for path, damage in searched.broken.items()
        if damage.left == odd_files.NOTHING and path.is_file() and path.stat().st_size
    ]
    assert len(names) == 3
    for said in (searched.search, searched.check):
        assert all(name in said.stdout + said.stderr for name in names)

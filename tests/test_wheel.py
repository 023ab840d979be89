"""What somebody has who installed vidnas and has no clone of it."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from vidnas.datasets.motion.generate import write_motion
from vidnas.study import load_experiment

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The built wheel; no network."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A folder elsewhere that holds videos and nothing else."""
    folder = tmp_path_factory.mktemp("project")
    write_motion(
        folder / "my_clips", seed=0, train_per_class=2, val_per_class=1, size=32
    )
    return folder


def run(
    command: list[str | Path], folder: Path, *, timeout: float = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def test_spaces_experiments_and_notebooks_travel_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for kind, suffix in (("search_spaces", "*"), ("experiments", "**/*.*")):
        files = [file for file in (ROOT / kind).glob(suffix) if file.is_file()]
        assert files
        for file in files:
            assert f"vidnas/shipped/{file.relative_to(ROOT).as_posix()}" in names
    styles = [f for kind in ("css", "js") for f in (ROOT / "vidnas").rglob(f"*.{kind}")]
    assert {file.relative_to(ROOT).as_posix() for file in styles} <= names
    assert "vidnas/views/pages/report.css" in names
    assert not any(name.startswith("tests/") for name in names)


def test_an_installed_vidnas_serves_a_folder_elsewhere(wheel, project, tmp_path):
    """Unpacked in front of the libraries that are installed already."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    vidnas = [sys.executable, "-m", "vidnas"]

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        return run([*vidnas, *words], project, PYTHONPATH=str(site))

    where = "import vidnas.files.shipped as s; print(s.shipped(s.SPACES)['x3d'])"
    found = run([sys.executable, "-c", where], project, PYTHONPATH=str(site))
    assert Path(found.stdout.strip()).is_relative_to(site)

    begun = typed("init", "my_clips")
    assert begun.returncode == 0, begun.stderr
    assert "vidnas search my_clips.yaml" in begun.stderr
    assert typed("space", "show", "movinet_a2").returncode == 0
    assert typed("search", "my_clips.yaml", "--plan").returncode == 0
    # A shipped experiment leaves nothing in the place where vidnas is installed.
    assert typed("search", "quickstart", "--plan").returncode == 0
    wrong = typed("search", "quickstrat")
    assert wrong.returncode == 2
    assert wrong.stderr.endswith("Did you mean `quickstart`?\n")
    assert not (site / "vidnas" / "shipped" / "data").exists()


@pytest.mark.real
def test_init_search_family_and_report_work_in_a_clean_environment(
    wheel, project, tmp_path
):
    """pip installs the wheel and all that it needs; takes minutes, and a network."""
    venv.create(tmp_path / "env", with_pip=True)
    bin_folder = tmp_path / "env" / "bin"
    pip = [bin_folder / "python", "-m", "pip", "install", "--quiet", wheel]
    installed = run(pip, tmp_path, timeout=1200)
    assert installed.returncode == 0, installed.stderr
    work = tmp_path / "work"
    shutil.copytree(project / "my_clips", work / "my_clips")
    for words in (
        ["init", "my_clips"],
        ["search", "my_clips.yaml", "--trials", "3"],
        ["front", "runs/my_clips"],
        ["family", "runs/my_clips"],
        ["report", "runs/my_clips"],
    ):
        done = run([bin_folder / "vidnas", *words], work, timeout=600)
        assert done.returncode == 0, f"{words}: {done.stderr}"
    assert load_experiment(work / "my_clips.yaml").name == "my_clips"
    assert (work / "runs" / "my_clips" / "report.html").stat().st_size > 10_000
    assert list((work / "runs" / "my_clips" / "family").glob("a*.yaml"))

"""Links in a study's folder are not written through."""

import shutil
from pathlib import Path

import pytest

from vidnas.cli.main import main

BEFORE = Path(__file__).parents[1] / "golden" / "before"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(BEFORE / "evolution", tmp_path / "run")
    (tmp_path / "passwd").write_text("not ours")
    return tmp_path / "run"


def test_a_family_folder_that_is_a_link_is_refused(folder, capsys):
    shutil.rmtree(folder / "family")
    (folder / "family").symlink_to(folder.parent)
    assert main(["family", str(folder)]) == 2
    assert "must be a folder of the study's own" in capsys.readouterr().err
    assert not list(folder.parent.glob("*.yaml"))


def test_a_family_file_that_is_a_link_is_refused(folder, capsys):
    (folder / "family" / "a0.yaml").unlink()
    (folder / "family" / "a0.yaml").symlink_to(folder.parent / "passwd")
    assert main(["family", str(folder)]) == 2
    assert "family/a0.yaml must be free or a family file" in capsys.readouterr().err
    assert (folder.parent / "passwd").read_text() == "not ours"

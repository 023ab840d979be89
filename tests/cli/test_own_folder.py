"""Other people's files: a new study or training never replaces them."""

import pytest

from vidnas.cli.own_folder import require_own_folder
from vidnas.errors import StudyError


@pytest.mark.parametrize("name", ["experiment.yaml", "family", "report.html"])
def test_a_study_is_not_begun_among_somebodys_files(folder, vidnas, name):
    there = folder / "mine" / name
    there.parent.mkdir()
    there.write_text("mine")
    code, out, err = vidnas("search", "experiment.yaml", "--study", "mine")
    assert (code, out) == (2, "")
    assert f"it holds {name} without one" in err
    assert there.read_text() == "mine"
    assert not (folder / "mine" / "journal.jsonl").exists()


def test_a_study_in_the_folder_of_its_experiment_leaves_the_experiment(folder, vidnas):
    before = (folder / "experiment.yaml").read_bytes()
    assert vidnas("search", "experiment.yaml", "--study", ".")[0] == 2
    assert (folder / "experiment.yaml").read_bytes() == before


@pytest.mark.parametrize("name", ["weights.npz", "architecture.yaml"])
def test_a_training_is_not_begun_among_somebodys_files(folder, vidnas, name):
    there = folder / "mine" / name
    there.parent.mkdir()
    there.write_bytes(b"mine")
    words = ["--clips", "clips", "--epochs", "1", "--out", "mine"]
    code, _, err = vidnas("train", "movinet-a0", *words)
    assert code == 2
    assert f"it holds {name} without one" in err
    assert there.read_bytes() == b"mine"
    assert [path.name for path in there.parent.iterdir()] == [name]


@pytest.mark.parametrize("words", [("--study", "clips"), ("--study", "")])
def test_a_study_fills_no_folder_that_holds_something_else(
    words, folder, inline, vidnas
):
    before = sorted(path.name for path in folder.rglob("*"))
    code, out, err = vidnas("search", "experiment.yaml", *words)
    assert (code, out) == (2, "")
    assert "must be new, empty, or hold journal.jsonl of an earlier run" in err
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_the_folder_of_all_studies_is_no_study_of_its_own(folder, inline, vidnas):
    assert vidnas("search", "experiment.yaml")[0] == 0
    code, _, err = vidnas("search", "experiment.yaml", "--study", "runs")
    assert code == 2
    assert "it holds small without one. Name another folder" in err


def test_hidden_files_are_in_nobodys_way(folder, inline, vidnas):
    (folder / "mine").mkdir()
    (folder / "mine" / ".DS_Store").touch()
    assert vidnas("search", "experiment.yaml", "--study", "mine")[0] == 0


def test_a_folder_that_was_begun_is_gone_on_with(tmp_path):
    (tmp_path / "weights.npz").touch()
    with pytest.raises(StudyError):
        require_own_folder(tmp_path, "training.jsonl")
    (tmp_path / "training.jsonl").touch()
    require_own_folder(tmp_path, "training.jsonl")
    require_own_folder(tmp_path / "new", "training.jsonl")

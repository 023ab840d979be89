"""A study goes with its experiment, wherever one is when one types the command."""

import shutil
from pathlib import Path

import pytest

from vidnas.cli.study_folder import project_folder, study_folder
from vidnas.files.journal import Journal, read_journal
from vidnas.study import load_experiment, load_history


@pytest.fixture
def project(folder):
    """A project with its experiments in a folder, and a blank in its name."""
    root = folder / "my project"
    (root / "experiments").mkdir(parents=True)
    for name in ("space.yaml", "experiment.yaml"):
        shutil.copy(folder / name, root / "experiments" / name)
    (root / "experiments" / "clips").symlink_to((folder / "clips").resolve())
    return root


def test_a_study_lies_beside_its_experiment_or_beside_its_experiments(project):
    assert project_folder(project / "space.yaml") == project.resolve()
    assert project_folder(project / "experiments" / "x.yaml") == project.resolve()


def test_a_shipped_experiment_that_was_named_has_study_and_clips_in_this_folder(
    project, monkeypatch
):
    monkeypatch.chdir(project / "experiments")
    experiment = load_experiment("quickstart")
    assert experiment.clips.place == (project / "experiments" / "data" / "motion")
    assert study_folder(experiment) == Path("runs/quickstart")


def test_one_study_is_gone_on_with_from_every_folder(
    project, inline, vidnas, monkeypatch
):
    (project / "deep" / "er").mkdir(parents=True)
    places = {
        project: "experiments/",
        project / "experiments": "",
        project / "deep" / "er": "../../experiments/",
    }
    for more, (place, path) in enumerate(places.items()):
        monkeypatch.chdir(place)
        code, out, err = vidnas(
            "search", f"{path}experiment.yaml", "--trials", 4 + more
        )
        assert code == 0, err
        assert f"{4 + more} trials: {4 + more} done" in out
        assert ", new" in err if more == 0 else "goes on after" in err
    journals = [path.relative_to(project) for path in project.rglob("journal.jsonl")]
    assert [str(path) for path in journals] == ["runs/small/journal.jsonl"]
    starts = [r for r in read_journal(project / journals[0]) if r["event"] == "started"]
    assert len(starts) == 6


def test_the_header_and_the_results_say_where(project, inline, vidnas, monkeypatch):
    monkeypatch.chdir(project)
    _, out, err = vidnas("search", "experiments/experiment.yaml")
    assert "study       runs/small, new" in err
    assert "family  runs/small/family" in out


def test_a_study_begun_in_this_folder_before_is_found(
    folder, inline, vidnas, monkeypatch
):
    away = folder / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    vidnas("search", "../experiment.yaml", "--study", "runs/small")
    assert not (folder / "runs").exists()
    code, out, err = vidnas("search", "../experiment.yaml", "--trials", "5")
    assert code == 0
    assert "study       in runs/small of this folder, where it was begun" in err
    assert "5 trials: 5 done" in out
    assert not (folder / "runs").exists()


def test_a_study_of_that_name_which_is_anothers_is_left_alone(
    folder, inline, vidnas, monkeypatch
):
    away = folder / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    text = (folder / "experiment.yaml").read_text().replace("seed: 1", "seed: 2")
    (away / "other.yaml").write_text(
        text.replace("space.yaml", "../space.yaml").replace("clips}", "clips2}")
    )
    shutil.copytree((folder / "clips").resolve(), away / "clips2")
    assert vidnas("search", "other.yaml")[0] == 0
    experiment = load_experiment("../experiment.yaml")
    assert study_folder(experiment) == (folder / "runs" / "small").resolve()


def test_the_next_command_keeps_options_and_quotes_paths(folder, inline, vidnas):
    (folder / "experiment.yaml").rename(folder / "my experiment.yaml")
    words = ["--study", "runs/a study", "--workers", "3", "--trials", "5"]
    _, out, _ = vidnas("search", "my experiment.yaml", *words)
    assert out.splitlines()[-1] == (
        "next    vidnas search 'my experiment.yaml' --study 'runs/a study' --workers 3 "
        "--trials 10"
    )


def test_an_exhausted_space_says_that_it_stopped_and_what_is_next(
    folder, inline, vidnas
):
    space = folder / "space.yaml"
    text = space.read_text()
    for old, new in (
        ("[1.0, 2.0, 3.0]}", "[1.0]}"),
        ("[1, 2]", "[1]"),
        ("[1.0, 2.0, 3.0]", "[1.0]"),
    ):
        text = text.replace(old, new)
    space.write_text(text)
    code, out, _ = vidnas("search", "experiment.yaml", "--trials", "10")
    assert code == 0
    assert (
        "stopped at 2 of 10 candidates: no new one within the budgets was found" in out
    )
    last = out.splitlines()[-1]
    assert last.startswith("next    vidnas train runs/small/family/a")
    assert last.endswith("--experiment experiment.yaml")
    first = load_history(folder / "runs" / "small")
    vidnas("search", "experiment.yaml", "--trials", "10")
    again = load_history(folder / "runs" / "small")
    assert again.seconds < first.seconds + 1.0
    assert again.is_exhausted


def test_what_no_driver_runs_is_interrupted_and_not_running(study, vidnas):
    path = study / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if '"event":"done"' in line)
    path.write_text("".join(lines[:last]))  # a kill before the last trial was done
    history = load_history(study)
    assert history.states["interrupted"] == 1
    assert history.states["running"] == 0
    with path.open("a") as file:
        file.write('{"event":"left","time":1.0}\n')
    assert load_history(study).states["interrupted"] == 1


def test_what_a_driver_holds_is_running(study):
    path = study / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if '"event":"done"' in line)
    path.write_text("".join(lines[:last]))
    with Journal(path):
        assert load_history(study).states["running"] == 1

"""Two classes and three validation clips: whatever is found is not above chance."""

import csv
import io
import json
from dataclasses import replace

import pytest

import vidnas as library
from vidnas.cli.study_run import _dataset
from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import load_document
from vidnas.study import Dataset, Inline, Study, load_experiment, load_history
from vidnas.study.experiment.baselines import Baseline

MARK = "not above the largest class's share (66.7 %)"


def dearer_is_better(architecture, **rest):
    return {"top1": min(3, architecture.depth) * 100 / 3, "val_clips": 3.0}


@pytest.fixture
def doubtful(folder):
    """A study that was begun with its validation clips counted by class."""
    experiment = load_experiment(folder / "experiment.yaml")
    network = library.published("movinet-t0").at(4, 16)
    experiment = replace(
        experiment, baselines=(Baseline("=1+1", "movinet-t0", network),)
    )
    dataset = Dataset(str(folder / "clips"), ("cat", "dog"), 8, 3, (2, 1))
    run = folder / "runs" / "small"
    with Study(experiment, dataset, run, trials=8) as study:
        study.run(Inline(), dearer_is_better, lambda trial: None)
    return run


def test_a_family_below_chance_is_marked_wherever_it_is_shown(doubtful, vidnas):
    _, out, _ = vidnas("family", doubtful)
    filled = [size for size in load_history(doubtful).family() if size.trial]
    assert filled
    for size in filled:
        assert f"{size.name} {MARK}" in out
        path = doubtful / "family" / f"{size.name}.yaml"
        measured = load_document(path).value["measured"]
        assert measured["above_chance"] is False
        assert measured["chance"] == 66.67
        network = load_architecture(path)
        assert network.arch_id == size.trial.arch_id
        assert network.classes == 2
    _, out, _ = vidnas("family", doubtful, "--json")
    assert {row["above_chance"] for row in json.loads(out) if row["trial"]} == {False}


def test_front_and_baselines_are_marked_in_table_csv_and_json(doubtful, vidnas):
    _, out, _ = vidnas("front", doubtful)
    lines = out.splitlines()
    history = load_history(doubtful)
    assert sum(line.endswith(MARK) for line in lines) == len(history.front()) + 1
    assert any(line.startswith("no network of the front is above ") for line in lines)
    _, out, _ = vidnas("front", doubtful, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["above_chance"] for row in rows} == {"False"}
    assert rows[-1]["baseline"] == "'=1+1"  # no formula
    _, out, _ = vidnas("front", doubtful, "--json")
    document = json.loads(out)
    assert document["chance"] == pytest.approx(200 / 3)
    told = [*document["front"], *document["baselines"]]
    assert {row["above_chance"] for row in told} == {False}


def test_page_and_notebook_mark_what_is_not_above_chance(doubtful, vidnas):
    vidnas("report", doubtful)
    page = (doubtful / "report.html").read_text(encoding="utf-8")
    shown = page.partition("<script")[0].replace("&#x27;", "'")
    history = load_history(doubtful)
    sizes = [size for size in history.family() if size.trial]
    assert "No network of the front is above the largest class's share" in shown
    # All trials, the family, the baseline, the lead and the chart's data beside.
    done = sum(trial.state == "done" for trial in history.trials)
    assert shown.count(MARK) >= done + len(sizes) + 1
    study = library.open_study(doubtful)
    family = study.front().family()
    assert MARK in family._repr_html_().replace("&#x27;", "'")
    notes = family.table().set_index("size")["note"]
    assert all(notes[size.name].startswith(MARK) for size in sizes)
    for frame in (study.trials(), study.front().table(), study.baselines()):
        assert not frame["above_chance"].any()
        assert frame["above_chance"].notna().all()


def test_a_study_of_enough_clips_has_no_marks(study, vidnas):
    history = load_history(study)
    for command in ("front", "family"):
        _, out, _ = vidnas(command, study)
        marked = out.count("not above chance")
        assert marked <= sum(
            history.chance.is_beaten(trial) is False for trial in history.front().trials
        )
    _, out, _ = vidnas("front", study, "--json")
    assert json.loads(out)["chance"] == 12.5


def test_clips_of_unequal_classes_are_counted_for_the_study(folder):
    experiment = load_experiment(folder / "experiment.yaml")
    dataset, _, faults = _dataset(experiment, folder)
    assert faults == []
    assert dataset.val_counts == (1,) * 8
    assert dataset.identity()["val"] == 8
    assert "val_counts" not in dataset.identity()
    assert dataset.chance.few_clips(8).startswith("8 validation clips: ")
